"""Exams with their parts, answers, marks and appeals; accommodations, which are private."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy import Text as LongText
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training_platform.accounts.models import Person
from training_platform.db import Table
from training_platform.tracks.models import TrackVersion

LONGEST_TEXT = 60_000
"""Characters of a text written as a part of an exam."""
LONGEST_WORDS = 4000
"""Characters of a reason, a comment, an appeal, its answer."""
LONGEST_NOTE = 400
"""Characters of the note beside extra time."""


class Exam(Table):
    """One try of one person at the exam of a track; at most one open per person and track."""

    __tablename__ = "exam"
    __table_args__ = (
        CheckConstraint("purpose IN ('award', 'renewal')", name="purpose"),
        CheckConstraint("outcome IN ('passed', 'failed')", name="outcome"),
        CheckConstraint("(outcome IS NULL) = (closed_at IS NULL)", name="closed"),
        Index(
            "uq_exam_one_open",
            "person_id",
            "track_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    track_id: Mapped[str] = mapped_column(String(60))
    track_version_id: Mapped[int] = mapped_column(ForeignKey("track_version.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(8))
    candidate: Mapped[str] = mapped_column(String(12), unique=True)
    """The number under which examiners know the candidate."""
    opened_at: Mapped[datetime]
    honest_at: Mapped[datetime | None]
    """When the candidate accepted the statement of honest conduct."""
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(6))
    annulled_at: Mapped[datetime | None]
    """Set by an appeal that was upheld: the try does not count."""
    person: Mapped[Person] = relationship()
    version: Mapped[TrackVersion] = relationship()
    parts: Mapped[list[ExamPartRow]] = relationship(order_by="ExamPartRow.id", back_populates="exam")


class ExamPartRow(Table):
    """One part of an exam: when it was begun and ends by the server's clock, what was handed in, its result."""

    __tablename__ = "exam_part"
    __table_args__ = (
        UniqueConstraint("exam_id", "part_id"),
        CheckConstraint("kind IN ('quiz', 'case', 'text', 'room')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id", ondelete="CASCADE"))
    part_id: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(4))
    cases: Mapped[list[Any]]
    """The slugs of the cases drawn."""
    body: Mapped[str] = mapped_column(LongText, default="")
    """The text written so far."""
    started_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    handed_in_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    """When the examiners who may mark it were told by mail."""
    share: Mapped[float | None]
    faults: Mapped[list[Any]]
    safe: Mapped[bool] = mapped_column(default=True)
    exam: Mapped[Exam] = relationship(back_populates="parts")


class ExamItem(Table):
    """One question of one sitting, with the latest answer saved."""

    __tablename__ = "exam_item"
    __table_args__ = (
        UniqueConstraint("part_row_id", "place", name="uq_exam_item_place"),
        UniqueConstraint("part_row_id", "question_key", name="uq_exam_item_question"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    part_row_id: Mapped[int] = mapped_column(ForeignKey("exam_part.id", ondelete="CASCADE"))
    place: Mapped[int]
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), index=True)
    question_key: Mapped[str] = mapped_column(String(60), index=True)
    """The same question in any version of its module: what exposure is counted by."""
    given: Mapped[dict[str, Any] | None]
    saved_at: Mapped[datetime | None]
    correct: Mapped[bool | None]


class ExamDecision(Table):
    """One decision of a case played in an exam; the first answer stays."""

    __tablename__ = "exam_decision"
    __table_args__ = (UniqueConstraint("part_row_id", "case_slug", "decision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    part_row_id: Mapped[int] = mapped_column(ForeignKey("exam_part.id", ondelete="CASCADE"))
    case_slug: Mapped[str] = mapped_column(String(80))
    decision: Mapped[str] = mapped_column(String(60))
    choice: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(LongText)
    saved_at: Mapped[datetime]


class ExamMark(Table):
    """The marks of one examiner for one part: first, second, or third where these two differ."""

    __tablename__ = "exam_mark"
    __table_args__ = (
        UniqueConstraint("part_row_id", "place", name="uq_exam_mark_place"),
        UniqueConstraint("part_row_id", "examiner_id", name="uq_exam_mark_examiner"),
        CheckConstraint("place BETWEEN 1 AND 3", name="place"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    part_row_id: Mapped[int] = mapped_column(ForeignKey("exam_part.id", ondelete="CASCADE"))
    examiner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    place: Mapped[int]
    points: Mapped[dict[str, Any]]
    faults: Mapped[list[Any]]
    comment: Mapped[str] = mapped_column(String(LONGEST_WORDS))
    marked_at: Mapped[datetime]


class ExamAppeal(Table):
    """A candidate's appeal and its reasoned decision; one per exam."""

    __tablename__ = "exam_appeal"
    __table_args__ = (
        CheckConstraint("decision IN ('rejected', 'upheld')", name="decision"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exam.id", ondelete="CASCADE"), unique=True)
    reason: Mapped[str] = mapped_column(String(LONGEST_WORDS))
    filed_at: Mapped[datetime]
    decision: Mapped[str | None] = mapped_column(String(8))
    answer: Mapped[str | None] = mapped_column(String(LONGEST_WORDS))
    decider_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    decided_at: Mapped[datetime | None]
    exam: Mapped[Exam] = relationship()


class Accommodation(Table):
    """Extra time granted to a person for all exams, by an officer; read by the officer and the person only."""

    __tablename__ = "exam_accommodation"
    __table_args__ = (CheckConstraint("extra_percent BETWEEN 1 AND 200", name="extra_percent"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    extra_percent: Mapped[int]
    note: Mapped[str] = mapped_column(String(LONGEST_NOTE))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    granted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship(foreign_keys=person_id)
