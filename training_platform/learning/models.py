"""What a person has read, where they stopped, what they completed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training_platform.catalogue.models import ModuleVersion
from training_platform.db import Table


class Enrolment(Table):
    """One person in one version of a module."""

    __tablename__ = "enrolment"
    __table_args__ = (UniqueConstraint("person_id", "version_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("module_version.id"), index=True)
    started_at: Mapped[datetime]
    last_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    lesson: Mapped[int] = mapped_column(default=1)
    """The lesson, from 1, where the person stopped."""
    anchor: Mapped[str] = mapped_column(String(80), default="")
    """The heading of that lesson where the person stopped, empty for its top."""
    lessons_read: Mapped[list[Any]] = mapped_column(default=list)
    moved_from: Mapped[int | None]
    """The number of the version that the person was in before a new one was published."""
    to_tell: Mapped[bool] = mapped_column(default=False)
    """The person has not yet put away the note about that."""
    version: Mapped[ModuleVersion] = relationship()


class ExerciseAnswer(Table):
    """The last answer to one question, or one decision, of an exercise inside a lesson."""

    __tablename__ = "exercise_answer"
    __table_args__ = (UniqueConstraint("enrolment_id", "exercise", "item"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"), index=True)
    exercise: Mapped[str] = mapped_column(String(60))
    item: Mapped[str] = mapped_column(String(60))
    given: Mapped[dict[str, Any]]
    answered_at: Mapped[datetime]


class LessonTime(Table):
    """The time that one person has spent on one lesson, by the signs of life that the reader gives."""

    __tablename__ = "lesson_time"
    __table_args__ = (UniqueConstraint("enrolment_id", "lesson"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id", ondelete="CASCADE"), index=True)
    lesson: Mapped[int]
    opened_at: Mapped[datetime]
    last_at: Mapped[datetime]
    seconds: Mapped[int] = mapped_column(default=0)
    """Spent reading and practising, absences left out."""


class ModuleRating(Table):
    """What somebody who finished a version of a module thinks of it; shown to its authors without the name."""

    __tablename__ = "module_rating"
    __table_args__ = (
        UniqueConstraint("person_id", "version_id"),
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    version_id: Mapped[int] = mapped_column(ForeignKey("module_version.id"), index=True)
    score: Mapped[int]
    remark: Mapped[str] = mapped_column(String(1000), default="")
    at: Mapped[datetime]
