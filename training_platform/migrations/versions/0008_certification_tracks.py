"""Certification: versions of tracks, enrolments, cohorts

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-28 17:49:21.759336

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('track_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('track_id', sa.String(length=60), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('document', sa.JSON(), nullable=False),
    sa.Column('document_hash', sa.String(length=64), nullable=False),
    sa.Column('stored_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_track_version')),
    sa.UniqueConstraint('track_id', 'number', name=op.f('uq_track_version_track_id'))
    )
    op.create_table('cohort',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('track_id', sa.String(length=60), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=24), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('closed_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['owner_id'], ['person.id'], name=op.f('fk_cohort_owner_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cohort')),
    sa.UniqueConstraint('code', name=op.f('uq_cohort_code'))
    )
    with op.batch_alter_table('cohort', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_cohort_owner_id'), ['owner_id'], unique=False)

    op.create_table('track_enrolment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('track_id', sa.String(length=60), nullable=False),
    sa.Column('track_version_id', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=8), nullable=False),
    sa.Column('started_at', sa.DateTime(), nullable=False),
    sa.Column('paused_at', sa.DateTime(), nullable=True),
    sa.Column('left_at', sa.DateTime(), nullable=True),
    sa.Column('concluded_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint("purpose IN ('award', 'renewal')", name=op.f('ck_track_enrolment_purpose')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_track_enrolment_person_id_person'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['track_version_id'], ['track_version.id'], name=op.f('fk_track_enrolment_track_version_id_track_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_track_enrolment'))
    )
    with op.batch_alter_table('track_enrolment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_track_enrolment_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_track_enrolment_track_version_id'), ['track_version_id'], unique=False)
        batch_op.create_index('uq_track_enrolment_one_open', ['person_id', 'track_id'], unique=True, sqlite_where=sa.text('left_at IS NULL AND concluded_at IS NULL'), postgresql_where=sa.text('left_at IS NULL AND concluded_at IS NULL'))

    op.create_table('cohort_member',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('cohort_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('joined_at', sa.DateTime(), nullable=False),
    sa.Column('left_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['cohort_id'], ['cohort.id'], name=op.f('fk_cohort_member_cohort_id_cohort'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_cohort_member_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cohort_member')),
    sa.UniqueConstraint('cohort_id', 'person_id', name=op.f('uq_cohort_member_cohort_id'))
    )
    with op.batch_alter_table('cohort_member', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_cohort_member_person_id'), ['person_id'], unique=False)



def downgrade():
    with op.batch_alter_table('cohort_member', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_cohort_member_person_id'))

    op.drop_table('cohort_member')
    with op.batch_alter_table('track_enrolment', schema=None) as batch_op:
        batch_op.drop_index('uq_track_enrolment_one_open', sqlite_where=sa.text('left_at IS NULL AND concluded_at IS NULL'), postgresql_where=sa.text('left_at IS NULL AND concluded_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_track_enrolment_track_version_id'))
        batch_op.drop_index(batch_op.f('ix_track_enrolment_person_id'))

    op.drop_table('track_enrolment')
    with op.batch_alter_table('cohort', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_cohort_owner_id'))

    op.drop_table('cohort')
    op.drop_table('track_version')
