"""Calibrated item parameters

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-28 17:55:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('calibration_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('model', sa.String(length=5), nullable=False),
    sa.Column('answers', sa.Integer(), nullable=False),
    sa.Column('questions', sa.Integer(), nullable=False),
    sa.Column('iterations', sa.Integer(), nullable=False),
    sa.Column('converged', sa.Boolean(), nullable=False),
    sa.Column('demo', sa.Boolean(), nullable=False),
    sa.CheckConstraint("model IN ('rasch', '2pl')", name=op.f('ck_calibration_run_model')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calibration_run'))
    )
    op.create_table('item_parameters',
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('answers', sa.Integer(), nullable=False),
    sa.Column('difficulty', sa.Float(), nullable=False),
    sa.Column('difficulty_se', sa.Float(), nullable=False),
    sa.Column('discrimination', sa.Float(), nullable=False),
    sa.Column('discrimination_se', sa.Float(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['calibration_run.id'], name=op.f('fk_item_parameters_run_id_calibration_run'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('fingerprint', name=op.f('pk_item_parameters'))
    )
    with op.batch_alter_table('item_parameters', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_item_parameters_run_id'), ['run_id'], unique=False)


def downgrade():
    with op.batch_alter_table('item_parameters', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_item_parameters_run_id'))

    op.drop_table('item_parameters')
    op.drop_table('calibration_run')
