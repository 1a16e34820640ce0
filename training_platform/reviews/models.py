"""Cards of what each person has attained, the checks made of them, and the parameters fitted to all checks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training_platform.db import Table


class ReviewCard(Table):
    """One step that a person has attained: what is remembered of it, and when it is due."""

    __tablename__ = "review_card"
    __table_args__ = (UniqueConstraint("person_id", "competency", "level"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    competency: Mapped[str] = mapped_column(String(8))
    level: Mapped[int]
    """The level attained: the step goes from one below to it."""
    stability: Mapped[float]
    difficulty: Mapped[float]
    learnt_at: Mapped[datetime]
    last_at: Mapped[datetime]
    due_at: Mapped[datetime]
    checks: Mapped[int] = mapped_column(default=0)


class ReviewCheck(Table):
    """One check of one card; its answers are those of its sitting."""

    __tablename__ = "review_check"
    __table_args__ = (
        UniqueConstraint("sitting_id"),
        CheckConstraint("rating BETWEEN 1 AND 4", name="rating"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    card_id: Mapped[int] = mapped_column(ForeignKey("review_card.id", ondelete="CASCADE"), index=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id", ondelete="CASCADE"))
    rating: Mapped[int | None]
    """As FSRS counts: 1 again, 2 hard, 3 good; none until it is finished."""
    recall: Mapped[float | None]
    """The probability of remembering that was predicted for that moment."""
    finished_at: Mapped[datetime | None]
    card: Mapped[ReviewCard] = relationship()


class ReviewFit(Table):
    """Parameters of forgetting fitted to the checks of everybody; the latest kept one is used."""

    __tablename__ = "review_fit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    checks: Mapped[int]
    parameters: Mapped[list[Any]]
    loss_before: Mapped[float]
    """Log loss on cards kept apart, with the default parameters."""
    loss_after: Mapped[float]
