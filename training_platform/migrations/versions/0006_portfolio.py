"""Portfolio: workplace proofs with versions, files, decisions, comments; evidence that no longer counts

Revision ID: 0006
Revises: 0005
Create Date: 2026-11-28 17:55:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('proof',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('track_id', sa.String(length=8), nullable=True),
    sa.Column('state', sa.String(length=14), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('second_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('changed_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("state IN ('draft', 'submitted', 'validated_once', 'accepted', 'refused', 'withdrawn')", name=op.f('ck_proof_state')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_proof_person_id_person'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['second_id'], ['person.id'], name=op.f('fk_proof_second_id_person'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proof'))
    )
    with op.batch_alter_table('proof', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proof_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proof_second_id'), ['second_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proof_state'), ['state'], unique=False)

    op.create_table('proof_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proof_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('claims', sa.JSON(), nullable=False),
    sa.Column('files', sa.JSON(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['proof_id'], ['proof.id'], name=op.f('fk_proof_version_proof_id_proof'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proof_version')),
    sa.UniqueConstraint('proof_id', 'number', name=op.f('uq_proof_version_proof_id'))
    )
    with op.batch_alter_table('proof_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proof_version_proof_id'), ['proof_id'], unique=False)

    op.create_table('proof_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proof_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('media_type', sa.String(length=80), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['proof_id'], ['proof.id'], name=op.f('fk_proof_file_proof_id_proof'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proof_file'))
    )
    with op.batch_alter_table('proof_file', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proof_file_proof_id'), ['proof_id'], unique=False)

    op.create_table('proof_comment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proof_id', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_proof_comment_author_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['proof_id'], ['proof.id'], name=op.f('fk_proof_comment_proof_id_proof'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proof_comment'))
    )
    with op.batch_alter_table('proof_comment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proof_comment_author_id'), ['author_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proof_comment_proof_id'), ['proof_id'], unique=False)

    op.create_table('proof_decision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('assessor_id', sa.Integer(), nullable=True),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('decision', sa.String(length=10), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.CheckConstraint("decision IN ('validated', 'refused')", name=op.f('ck_proof_decision_decision')),
    sa.CheckConstraint("place IN (1, 2)", name=op.f('ck_proof_decision_place')),
    sa.ForeignKeyConstraint(['assessor_id'], ['person.id'], name=op.f('fk_proof_decision_assessor_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['version_id'], ['proof_version.id'], name=op.f('fk_proof_decision_version_id_proof_version'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proof_decision')),
    sa.UniqueConstraint('version_id', 'assessor_id', name='uq_proof_decision_assessor'),
    sa.UniqueConstraint('version_id', 'place', name='uq_proof_decision_place')
    )
    with op.batch_alter_table('proof_decision', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proof_decision_assessor_id'), ['assessor_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proof_decision_version_id'), ['version_id'], unique=False)

    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.add_column(sa.Column('void_at', sa.DateTime(), nullable=True))


def downgrade():
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.drop_column('void_at')

    for table, columns in (('proof_decision', ('version_id', 'assessor_id')), ('proof_comment', ('proof_id', 'author_id')),
                           ('proof_file', ('proof_id',)), ('proof_version', ('proof_id',)),
                           ('proof', ('state', 'second_id', 'person_id'))):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.drop_index(batch_op.f(f'ix_{table}_{column}'))
        op.drop_table(table)
