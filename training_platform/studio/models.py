"""The work in hand on each module, its history, and what reviewers said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training_platform.accounts.models import Person
from training_platform.db import Table
from training_platform.studio.rules.workflow import Effect, WorkState


class Work(Table):
    """How far a module's draft is on its way to publication; no row: a plain draft."""

    __tablename__ = "studio_work"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'in_review', 'approved')", name="state"),
        CheckConstraint("effect IN ('minor', 'finish', 'move')", name="effect"),
    )

    module_id: Mapped[int] = mapped_column(ForeignKey("module.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[WorkState] = mapped_column(String(10), default="draft")
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    """What was approved: a draft that says anything else is not approved."""
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    """Who submitted the draft."""
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    """To whom the review was given; none, or one who has left: any officer of the unit."""
    publish_at: Mapped[datetime | None] = mapped_column(index=True)
    effect: Mapped[Effect] = mapped_column(String(6), default="finish")
    returned: Mapped[bool] = mapped_column(default=False)
    """The reviewer asked for changes."""
    failed: Mapped[bool] = mapped_column(default=False)
    """The scheduled publication found problems: the draft waits for somebody to look at them."""


class StudioEvent(Table):
    """Who did what to a module, when; rows are only ever added."""

    __tablename__ = "studio_event"
    __table_args__ = (Index("ix_studio_event_module", "module_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("module.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    """None: the platform itself, or somebody who has left."""
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[int | None]
    """The version that it is about."""
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    person: Mapped[Person | None] = relationship()


class ReviewComment(Table):
    """What a reviewer said about one paragraph, or an answer to it."""

    __tablename__ = "review_comment"
    __table_args__ = (Index("ix_review_comment_module", "module_id", "resolved_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("module.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("review_comment.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime]
    place: Mapped[str] = mapped_column(String(80), default="")
    """The lesson by its number (``lesson:02``), ``head`` or ``questions``."""
    language: Mapped[str] = mapped_column(String(2), default="fr")
    paragraph: Mapped[int] = mapped_column(default=0)
    paragraph_hash: Mapped[str] = mapped_column(String(32), default="")
    excerpt: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text)
    resolved_at: Mapped[datetime | None]
    resolved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    author: Mapped[Person | None] = relationship(foreign_keys=[author_id])
    resolved_by: Mapped[Person | None] = relationship(foreign_keys=[resolved_by_id])
