"""Labs: what a person last concluded

Revision ID: 0005
Revises: 0004
Create Date: 2026-11-28 18:00:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('lab_attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('lab', sa.String(length=60), nullable=False),
    sa.Column('setting', sa.JSON(), nullable=False),
    sa.Column('given', sa.JSON(), nullable=False),
    sa.Column('correct', sa.Boolean(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_lab_attempt_person_id_person'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['version_id'], ['module_version.id'], name=op.f('fk_lab_attempt_version_id_module_version'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lab_attempt')),
    sa.UniqueConstraint('person_id', 'version_id', 'lab', name=op.f('uq_lab_attempt_person_id'))
    )
    with op.batch_alter_table('lab_attempt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lab_attempt_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_lab_attempt_version_id'), ['version_id'], unique=False)


def downgrade():
    with op.batch_alter_table('lab_attempt', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_lab_attempt_version_id'))
        batch_op.drop_index(batch_op.f('ix_lab_attempt_person_id'))

    op.drop_table('lab_attempt')
