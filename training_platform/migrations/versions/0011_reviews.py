"""Reviews: cards of what was attained, checks of them, fitted parameters of forgetting

Revision ID: 0011
Revises: 0010
Create Date: 2026-11-28 18:10:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('review_fit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('checks', sa.Integer(), nullable=False),
    sa.Column('parameters', sa.JSON(), nullable=False),
    sa.Column('loss_before', sa.Float(), nullable=False),
    sa.Column('loss_after', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_fit'))
    )
    op.create_table('review_card',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('competency', sa.String(length=8), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('stability', sa.Float(), nullable=False),
    sa.Column('difficulty', sa.Float(), nullable=False),
    sa.Column('learnt_at', sa.DateTime(), nullable=False),
    sa.Column('last_at', sa.DateTime(), nullable=False),
    sa.Column('due_at', sa.DateTime(), nullable=False),
    sa.Column('checks', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_review_card_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_card')),
    sa.UniqueConstraint('person_id', 'competency', 'level', name=op.f('uq_review_card_person_id'))
    )
    with op.batch_alter_table('review_card', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_card_person_id'), ['person_id'], unique=False)

    op.create_table('review_check',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('card_id', sa.Integer(), nullable=False),
    sa.Column('sitting_id', sa.Integer(), nullable=False),
    sa.Column('rating', sa.Integer(), nullable=True),
    sa.Column('recall', sa.Float(), nullable=True),
    sa.Column('finished_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint('rating BETWEEN 1 AND 4', name=op.f('ck_review_check_rating')),
    sa.ForeignKeyConstraint(['card_id'], ['review_card.id'], name=op.f('fk_review_check_card_id_review_card'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['sitting_id'], ['sitting.id'], name=op.f('fk_review_check_sitting_id_sitting'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_check')),
    sa.UniqueConstraint('sitting_id', name=op.f('uq_review_check_sitting_id'))
    )
    with op.batch_alter_table('review_check', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_check_card_id'), ['card_id'], unique=False)


def downgrade():
    with op.batch_alter_table('review_check', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_review_check_card_id'))

    op.drop_table('review_check')
    with op.batch_alter_table('review_card', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_review_card_person_id'))

    op.drop_table('review_card')
    op.drop_table('review_fit')
