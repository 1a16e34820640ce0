"""A person's records of proposals follow each other, so that none is written twice

Revision ID: 0018
Revises: 0017
Create Date: 2026-11-28 21:40:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade():
    # Records made before follow none: NULL is in no other's way.
    op.add_column('decision_record', sa.Column('follows', sa.Integer(), nullable=True))
    op.create_index('uq_decision_record_follows', 'decision_record', ['person_id', 'follows'], unique=True)


def downgrade():
    op.drop_index('uq_decision_record_follows', table_name='decision_record')
    with op.batch_alter_table('decision_record', schema=None) as batch_op:
        batch_op.drop_column('follows')
