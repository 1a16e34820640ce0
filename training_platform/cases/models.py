"""Plays of the governance cases, one row per play and one per decision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from training_platform.db import Table


class CasePlay(Table):
    """One person playing one case once; an ended play stays as history."""

    __tablename__ = "case_play"
    __table_args__ = (
        Index(
            "uq_case_play_one_open",
            "person_id",
            "case_code",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    case_code: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    """Version of the case when the play began: a revised case says so to whoever resumes."""
    started_at: Mapped[datetime]
    last_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When the last decision was taken, or when the play was left for a new one."""
    marks: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Criteria that the person found met in their own written reasons, by decision."""


class CaseDecision(Table):
    """One decision of a play: the first answer is kept, whatever a second tab sends."""

    __tablename__ = "case_decision"
    __table_args__ = (UniqueConstraint("play_id", "decision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    play_id: Mapped[int] = mapped_column(ForeignKey("case_play.id", ondelete="CASCADE"), index=True)
    decision: Mapped[str] = mapped_column(String(60))
    choice: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime]
