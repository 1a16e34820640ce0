"""When the examiners of a part were told

Revision ID: 0019
Revises: 0018
Create Date: 2026-11-28 21:50:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade():
    op.add_column('exam_part', sa.Column('told_at', sa.DateTime(), nullable=True))


def downgrade():
    with op.batch_alter_table('exam_part', schema=None) as batch_op:
        batch_op.drop_column('told_at')
