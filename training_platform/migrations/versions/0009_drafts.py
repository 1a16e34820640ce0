"""Writing: revisions of drafts, open editors, translations under way

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-28 17:55:00

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('draft_revision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('module_id', sa.Integer(), nullable=False),
    sa.Column('document', sa.JSON(), nullable=False),
    sa.Column('content_hash', sa.String(length=64), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('saved_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk_draft_revision_author_id_person'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['module_id'], ['module.id'], name=op.f('fk_draft_revision_module_id_module'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draft_revision'))
    )
    with op.batch_alter_table('draft_revision', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_draft_revision_author_id'), ['author_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_draft_revision_module_id'), ['module_id'], unique=False)

    op.create_table('open_editor',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('module_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('token', sa.String(length=32), nullable=False),
    sa.Column('base_id', sa.Integer(), nullable=False),
    sa.Column('seen_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['module_id'], ['module.id'], name=op.f('fk_open_editor_module_id_module'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_open_editor_person_id_person'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_open_editor')),
    sa.UniqueConstraint('token', name=op.f('uq_open_editor_token'))
    )
    with op.batch_alter_table('open_editor', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_open_editor_module_id'), ['module_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_open_editor_person_id'), ['person_id'], unique=False)

    op.create_table('translation_mark',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('module_id', sa.Integer(), nullable=False),
    sa.Column('field', sa.String(length=200), nullable=False),
    sa.Column('ahead', sa.String(length=2), nullable=True),
    sa.Column('before', sa.Text(), nullable=False),
    sa.Column('followed', sa.String(length=2), nullable=True),
    sa.Column('followed_at', sa.DateTime(), nullable=True),
    sa.CheckConstraint("ahead IN ('fr', 'en')", name=op.f('ck_translation_mark_ahead')),
    sa.CheckConstraint("followed IN ('fr', 'en')", name=op.f('ck_translation_mark_followed')),
    sa.ForeignKeyConstraint(['module_id'], ['module.id'], name=op.f('fk_translation_mark_module_id_module'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_translation_mark')),
    sa.UniqueConstraint('module_id', 'field', name=op.f('uq_translation_mark_module_id'))
    )
    with op.batch_alter_table('translation_mark', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_translation_mark_module_id'), ['module_id'], unique=False)


def downgrade():
    op.drop_table('translation_mark')
    op.drop_table('open_editor')
    op.drop_table('draft_revision')
