"""What writing leaves behind it: revisions of drafts, open editors, and how far each translation is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training_platform.accounts.models import Person
from training_platform.db import Table


class DraftRevision(Table):
    """A draft as it was saved once; what an editor was opened on, so that two people's changes can be merged."""

    __tablename__ = "draft_revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("module.id", ondelete="CASCADE"), index=True)
    document: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    """As format.ModulePackage dumps it, pictures left out: they change by upload only."""
    content_hash: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    saved_at: Mapped[datetime]


class OpenEditor(Table):
    """A module open in somebody's browser: who, on which revision, and when it was last heard of."""

    __tablename__ = "open_editor"

    id: Mapped[int] = mapped_column(primary_key=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("module.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    base_id: Mapped[int]
    """The revision that its form shows; kept as long as the editor is open."""
    seen_at: Mapped[datetime]
    person: Mapped[Person] = relationship()


class TranslationMark(Table):
    """Where one text stands between its languages; absent where both are level."""

    __tablename__ = "translation_mark"
    __table_args__ = (
        UniqueConstraint("module_id", "field"),
        CheckConstraint("ahead IN ('fr', 'en')", name="ahead"),
        CheckConstraint("followed IN ('fr', 'en')", name="followed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("module.id", ondelete="CASCADE"), index=True)
    field: Mapped[str] = mapped_column(String(200))
    ahead: Mapped[str | None] = mapped_column(String(2))
    before: Mapped[str] = mapped_column(Text, default="")
    """What the language ahead said when both were level."""
    followed: Mapped[str | None] = mapped_column(String(2))
    followed_at: Mapped[datetime | None]
