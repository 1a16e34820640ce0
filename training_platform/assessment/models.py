"""Answers and evidence: both append-only; the estimate is computed from them, never stored as truth; item parameters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training_platform.catalogue.models import Question
from training_platform.db import Table


class Sitting(Table):
    """A series of questions put to one person: a module's quiz, a placement, a test of what is known already."""

    __tablename__ = "sitting"
    __table_args__ = (CheckConstraint("kind IN ('quiz', 'placement', 'test_out', 'review')", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("module_version.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    questions: Mapped[list[Any]]
    """The ids of the questions drawn, in the order in which they are put."""
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    contested_at: Mapped[datetime | None]
    """When the person said that the result is wrong: its answers no longer count."""


class Answer(Table):
    """One answer to one question of a sitting; a second try at the same question is refused by the constraint."""

    __tablename__ = "answer"
    __table_args__ = (UniqueConstraint("sitting_id", "question_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id", ondelete="CASCADE"), index=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), index=True)
    given: Mapped[dict[str, Any]]
    correct: Mapped[bool]
    answered_at: Mapped[datetime]
    question: Mapped[Question] = relationship()


class Evidence(Table):
    """Anything that informs a level; ``key`` makes a replay harmless."""

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("person_id", "key"),
        Index("ix_evidence_person_competency", "person_id", "competency"),
        CheckConstraint(
            "kind IN ('self_rating', 'answer', 'completion', 'workplace_proof', 'validation')", name="kind"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    competency: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(16))
    level: Mapped[float]
    """Self-rating, completion, proof, validation: the level attained. Answer: the difficulty of the question."""
    correct: Mapped[bool | None]
    discrimination: Mapped[float | None]
    options: Mapped[int | None]
    """Number of options of the question answered (for guessing)."""
    sitting_id: Mapped[int | None] = mapped_column(ForeignKey("sitting.id", ondelete="CASCADE"), index=True)
    """The series that an answer belongs to."""
    key: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    void_at: Mapped[datetime | None]
    """When what it rested on was withdrawn or refused: it no longer counts, and stays on record."""


class CalibrationRun(Table):
    """One calibration of the questions by their answers."""

    __tablename__ = "calibration_run"
    __table_args__ = (CheckConstraint("model IN ('rasch', '2pl')", name="model"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    model: Mapped[str] = mapped_column(String(5))
    answers: Mapped[int]
    questions: Mapped[int]
    """Questions that had answers enough to be given parameters."""
    iterations: Mapped[int]
    converged: Mapped[bool]
    demo: Mapped[bool] = mapped_column(default=False)
    """Fictional people's answers are in it: it goes with them."""


class ItemParameters(Table):
    """What the latest calibration says of a question; evidence that exists already keeps the parameters it was given."""

    __tablename__ = "item_parameters"

    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    """As item_parameters.fingerprint makes it from the question's text."""
    run_id: Mapped[int] = mapped_column(ForeignKey("calibration_run.id", ondelete="CASCADE"), index=True)
    answers: Mapped[int]
    difficulty: Mapped[float]
    difficulty_se: Mapped[float]
    discrimination: Mapped[float]
    discrimination_se: Mapped[float]
    """Zero where the author's discrimination was kept."""
