"""Who works towards which track under which version, and the promotions that people chose to join."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training_platform.accounts.models import Person
from training_platform.db import Table
from training_platform.tracks.models import TrackVersion


class TrackEnrolment(Table):
    """A person's way to one certificate, under the version of the track begun; at most one open per track."""

    __tablename__ = "track_enrolment"
    __table_args__ = (
        CheckConstraint("purpose IN ('award', 'renewal')", name="purpose"),
        Index(
            "uq_track_enrolment_one_open",
            "person_id",
            "track_id",
            unique=True,
            sqlite_where=text("left_at IS NULL AND concluded_at IS NULL"),
            postgresql_where=text("left_at IS NULL AND concluded_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    track_id: Mapped[str] = mapped_column(String(60))
    track_version_id: Mapped[int] = mapped_column(ForeignKey("track_version.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(8), default="award")
    started_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    concluded_at: Mapped[datetime | None]
    """When the certificate was issued."""
    version: Mapped[TrackVersion] = relationship()


class Cohort(Table):
    """A promotion: people who let one person follow their progress in one track."""

    __tablename__ = "cohort"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    track_id: Mapped[str] = mapped_column(String(60))
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    """Who has the link may join: it opens nothing but the page that asks for consent."""
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    owner: Mapped[Person] = relationship()


class CohortMember(Table):
    """A person's consent to be followed; withdrawn by leaving, given again by joining again."""

    __tablename__ = "cohort_member"
    __table_args__ = (UniqueConstraint("cohort_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    cohort: Mapped[Cohort] = relationship()
    person: Mapped[Person] = relationship()
