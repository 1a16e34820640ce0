"""A position in the person's own words, whole

Revision ID: 0020
Revises: 0019
Create Date: 2026-11-28 22:10:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

short, long = sa.String(length=200), sa.String(length=4000)


def upgrade():
    with op.batch_alter_table('position', schema=None) as batch_op:
        batch_op.alter_column('title', existing_type=short, type_=long, existing_nullable=False)


def downgrade():
    position = sa.table('position', sa.column('title', long))
    op.execute(position.update().values(title=sa.func.substr(position.c.title, 1, 200)))
    with op.batch_alter_table('position', schema=None) as batch_op:
        batch_op.alter_column('title', existing_type=long, type_=short, existing_nullable=False)
