"""Governance cases: plays and their decisions

Revision ID: 0013
Revises: 0012
Create Date: 2026-11-28 17:50:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('case_play',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('case_code', sa.String(length=20), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(), nullable=False),
    sa.Column('last_at', sa.DateTime(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('marks', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_case_play_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_play'))
    )
    with op.batch_alter_table('case_play', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_play_person_id'), ['person_id'], unique=False)
        batch_op.create_index('uq_case_play_one_open', ['person_id', 'case_code'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('case_decision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('play_id', sa.Integer(), nullable=False),
    sa.Column('decision', sa.String(length=60), nullable=False),
    sa.Column('choice', sa.String(length=60), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('decided_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['play_id'], ['case_play.id'], name=op.f('fk_case_decision_play_id_case_play'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_decision')),
    sa.UniqueConstraint('play_id', 'decision', name=op.f('uq_case_decision_play_id'))
    )
    with op.batch_alter_table('case_decision', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_case_decision_play_id'), ['play_id'], unique=False)


def downgrade():
    with op.batch_alter_table('case_decision', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_case_decision_play_id'))

    op.drop_table('case_decision')
    with op.batch_alter_table('case_play', schema=None) as batch_op:
        batch_op.drop_index('uq_case_play_one_open', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_case_play_person_id'))

    op.drop_table('case_play')
