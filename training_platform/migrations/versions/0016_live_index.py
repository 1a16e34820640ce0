"""An index that answers the list of the live catalogue without reading its documents

Revision ID: 0016
Revises: 0015
Create Date: 2026-11-28 20:56:00.000000

"""
from alembic import op


# revision identifiers, used by Alembic.
revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('module_version', schema=None) as batch_op:
        batch_op.create_index('ix_module_version_live', ['state', 'module_id', 'number', 'content_hash'], unique=False)


def downgrade():
    with op.batch_alter_table('module_version', schema=None) as batch_op:
        batch_op.drop_index('ix_module_version_live')
