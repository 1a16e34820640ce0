"""Time spent on lessons, opinions on modules

Revision ID: 0012
Revises: 0011
Create Date: 2026-11-28 18:15:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('lesson_time',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('enrolment_id', sa.Integer(), nullable=False),
    sa.Column('lesson', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(), nullable=False),
    sa.Column('last_at', sa.DateTime(), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_lesson_time_enrolment_id_enrolment'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lesson_time')),
    sa.UniqueConstraint('enrolment_id', 'lesson', name=op.f('uq_lesson_time_enrolment_id'))
    )
    with op.batch_alter_table('lesson_time', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_lesson_time_enrolment_id'), ['enrolment_id'], unique=False)

    op.create_table('module_rating',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('score', sa.Integer(), nullable=False),
    sa.Column('remark', sa.String(length=1000), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.CheckConstraint('score BETWEEN 1 AND 5', name=op.f('ck_module_rating_score')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_module_rating_person_id_person'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['version_id'], ['module_version.id'], name=op.f('fk_module_rating_version_id_module_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_module_rating')),
    sa.UniqueConstraint('person_id', 'version_id', name=op.f('uq_module_rating_person_id'))
    )
    with op.batch_alter_table('module_rating', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_module_rating_version_id'), ['version_id'], unique=False)


def downgrade():
    with op.batch_alter_table('module_rating', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_module_rating_version_id'))

    op.drop_table('module_rating')
    with op.batch_alter_table('lesson_time', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_lesson_time_enrolment_id'))

    op.drop_table('lesson_time')
