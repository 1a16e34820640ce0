"""Exams, and the right to examine

Revision ID: 0014
Revises: 0013
Create Date: 2026-11-28 18:15:54.674101

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


RIGHTS = "'training_officer', 'manager', 'hr', 'dpo', 'administrator'"


def _rights(allowed):
    """Restate which rights may be granted."""
    with op.batch_alter_table('grant_on_unit', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_grant_on_unit_right'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_grant_on_unit_right'), f'"right" IN ({allowed})')


def upgrade():
    _rights(RIGHTS + ", 'examiner'")
    op.create_table('exam',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('track_id', sa.String(length=60), nullable=False),
    sa.Column('track_version_id', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=8), nullable=False),
    sa.Column('candidate', sa.String(length=12), nullable=False),
    sa.Column('opened_at', sa.DateTime(), nullable=False),
    sa.Column('honest_at', sa.DateTime(), nullable=True),
    sa.Column('closed_at', sa.DateTime(), nullable=True),
    sa.Column('outcome', sa.String(length=6), nullable=True),
    sa.Column('annulled_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint("outcome IN ('passed', 'failed')", name=op.f('ck_exam_outcome')),
    sa.CheckConstraint("purpose IN ('award', 'renewal')", name=op.f('ck_exam_purpose')),
    sa.CheckConstraint('(outcome IS NULL) = (closed_at IS NULL)', name=op.f('ck_exam_closed')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_exam_person_id_person'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['track_version_id'], ['track_version.id'], name=op.f('fk_exam_track_version_id_track_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam')),
    sa.UniqueConstraint('candidate', name=op.f('uq_exam_candidate'))
    )
    with op.batch_alter_table('exam', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exam_person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_exam_track_version_id'), ['track_version_id'], unique=False)
        batch_op.create_index('uq_exam_one_open', ['person_id', 'track_id'], unique=True, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))

    op.create_table('exam_accommodation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('extra_percent', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(length=400), nullable=False),
    sa.Column('officer_id', sa.Integer(), nullable=True),
    sa.Column('granted_at', sa.DateTime(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint('extra_percent BETWEEN 1 AND 200', name=op.f('ck_exam_accommodation_extra_percent')),
    sa.ForeignKeyConstraint(['officer_id'], ['person.id'], name=op.f('fk_exam_accommodation_officer_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_exam_accommodation_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_accommodation'))
    )
    with op.batch_alter_table('exam_accommodation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exam_accommodation_officer_id'), ['officer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_exam_accommodation_person_id'), ['person_id'], unique=False)

    op.create_table('exam_appeal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('exam_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=4000), nullable=False),
    sa.Column('filed_at', sa.DateTime(), nullable=False),
    sa.Column('decision', sa.String(length=8), nullable=True),
    sa.Column('answer', sa.String(length=4000), nullable=True),
    sa.Column('decider_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint("decision IN ('rejected', 'upheld')", name=op.f('ck_exam_appeal_decision')),
    sa.CheckConstraint('(decision IS NULL) = (decided_at IS NULL)', name=op.f('ck_exam_appeal_decided')),
    sa.ForeignKeyConstraint(['decider_id'], ['person.id'], name=op.f('fk_exam_appeal_decider_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['exam_id'], ['exam.id'], name=op.f('fk_exam_appeal_exam_id_exam'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_appeal')),
    sa.UniqueConstraint('exam_id', name=op.f('uq_exam_appeal_exam_id'))
    )
    with op.batch_alter_table('exam_appeal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exam_appeal_decider_id'), ['decider_id'], unique=False)

    op.create_table('exam_part',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('exam_id', sa.Integer(), nullable=False),
    sa.Column('part_id', sa.String(length=60), nullable=False),
    sa.Column('kind', sa.String(length=4), nullable=False),
    sa.Column('cases', sa.JSON(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('started_at', sa.DateTime(), nullable=True),
    sa.Column('ends_at', sa.DateTime(), nullable=True),
    sa.Column('handed_in_at', sa.DateTime(), nullable=True),
    sa.Column('share', sa.Float(), nullable=True),
    sa.Column('faults', sa.JSON(), nullable=False),
    sa.Column('safe', sa.Boolean(), nullable=False),
    sa.CheckConstraint("kind IN ('quiz', 'case', 'text', 'room')", name=op.f('ck_exam_part_kind')),
    sa.ForeignKeyConstraint(['exam_id'], ['exam.id'], name=op.f('fk_exam_part_exam_id_exam'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_part')),
    sa.UniqueConstraint('exam_id', 'part_id', name=op.f('uq_exam_part_exam_id'))
    )
    op.create_table('exam_decision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('part_row_id', sa.Integer(), nullable=False),
    sa.Column('case_slug', sa.String(length=80), nullable=False),
    sa.Column('decision', sa.String(length=60), nullable=False),
    sa.Column('choice', sa.String(length=60), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('saved_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['part_row_id'], ['exam_part.id'], name=op.f('fk_exam_decision_part_row_id_exam_part'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_decision')),
    sa.UniqueConstraint('part_row_id', 'case_slug', 'decision', name=op.f('uq_exam_decision_part_row_id'))
    )
    op.create_table('exam_mark',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('part_row_id', sa.Integer(), nullable=False),
    sa.Column('examiner_id', sa.Integer(), nullable=True),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('points', sa.JSON(), nullable=False),
    sa.Column('faults', sa.JSON(), nullable=False),
    sa.Column('comment', sa.String(length=4000), nullable=False),
    sa.Column('marked_at', sa.DateTime(), nullable=False),
    sa.CheckConstraint('place BETWEEN 1 AND 3', name=op.f('ck_exam_mark_place')),
    sa.ForeignKeyConstraint(['examiner_id'], ['person.id'], name=op.f('fk_exam_mark_examiner_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['part_row_id'], ['exam_part.id'], name=op.f('fk_exam_mark_part_row_id_exam_part'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_mark')),
    sa.UniqueConstraint('part_row_id', 'examiner_id', name='uq_exam_mark_examiner'),
    sa.UniqueConstraint('part_row_id', 'place', name='uq_exam_mark_place')
    )
    with op.batch_alter_table('exam_mark', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exam_mark_examiner_id'), ['examiner_id'], unique=False)

    op.create_table('exam_item',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('part_row_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('question_key', sa.String(length=60), nullable=False),
    sa.Column('given', sa.JSON(), nullable=True),
    sa.Column('saved_at', sa.DateTime(), nullable=True),
    sa.Column('correct', sa.Boolean(), nullable=True),
    sa.ForeignKeyConstraint(['part_row_id'], ['exam_part.id'], name=op.f('fk_exam_item_part_row_id_exam_part'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_exam_item_question_id_question')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exam_item')),
    sa.UniqueConstraint('part_row_id', 'place', name='uq_exam_item_place'),
    sa.UniqueConstraint('part_row_id', 'question_key', name='uq_exam_item_question')
    )
    with op.batch_alter_table('exam_item', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_exam_item_question_id'), ['question_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_exam_item_question_key'), ['question_key'], unique=False)



def downgrade():
    op.execute("DELETE FROM grant_on_unit WHERE \"right\" = 'examiner'")
    _rights(RIGHTS)
    with op.batch_alter_table('exam_item', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_exam_item_question_key'))
        batch_op.drop_index(batch_op.f('ix_exam_item_question_id'))

    op.drop_table('exam_item')
    with op.batch_alter_table('exam_mark', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_exam_mark_examiner_id'))

    op.drop_table('exam_mark')
    op.drop_table('exam_decision')
    op.drop_table('exam_part')
    with op.batch_alter_table('exam_appeal', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_exam_appeal_decider_id'))

    op.drop_table('exam_appeal')
    with op.batch_alter_table('exam_accommodation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_exam_accommodation_person_id'))
        batch_op.drop_index(batch_op.f('ix_exam_accommodation_officer_id'))

    op.drop_table('exam_accommodation')
    with op.batch_alter_table('exam', schema=None) as batch_op:
        batch_op.drop_index('uq_exam_one_open', sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_exam_track_version_id'))
        batch_op.drop_index(batch_op.f('ix_exam_person_id'))

    op.drop_table('exam')
