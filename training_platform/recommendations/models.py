"""What the person decided, what the hospital asks for, and the record of each proposal."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training_platform.db import Table
from training_platform.organisation.models import Unit


class Choice(Table):
    """A standing decision of a person about a module: not for me, or keep in my path."""

    __tablename__ = "choice"
    __table_args__ = (
        UniqueConstraint("person_id", "module_id"),
        CheckConstraint("kind IN ('refused', 'pinned')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("module.id"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime]


class Goal(Table):
    """Another role that a person aims for, beside the positions held."""

    __tablename__ = "goal"
    __table_args__ = (UniqueConstraint("person_id", "role_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    role_id: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime]


class DutyRecord(Table):
    """What a unit asks of its people by a date: modules, levels, or both, for all or for some roles."""

    __tablename__ = "duty"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    name_fr: Mapped[str] = mapped_column(String(160))
    name_en: Mapped[str] = mapped_column(String(160))
    roles: Mapped[list[Any]]
    """Ids of the role profiles concerned; empty: everybody."""
    modules: Mapped[list[Any]]
    """Codes of modules to follow."""
    targets: Mapped[dict[str, Any]]
    """Level to reach per competency."""
    due: Mapped[date | None]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    unit: Mapped[Unit] = relationship()


class LearningRhythm(Table):
    """When a person learns, and the stamp that keeps the address of their calendar secret."""

    __tablename__ = "learning_rhythm"
    __table_args__ = (CheckConstraint("slot_minutes BETWEEN 5 AND 15", name="slot_minutes"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    slot_minutes: Mapped[int]
    weekdays: Mapped[list[Any]]
    starts_at: Mapped[str] = mapped_column(String(5))
    calendar_stamp: Mapped[str] = mapped_column(String(32))


class CatalogueSnapshot(Table):
    """The modules as the planner saw them, kept once under their hash, so that a record replays from itself."""

    __tablename__ = "catalogue_snapshot"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    modules: Mapped[list[Any]]


class DecisionRecord(Table):
    """One logged proposal of the algorithm: inputs, versions, result, proof (EU AI Act art. 12, 86; GDPR art. 15, 22)."""

    __tablename__ = "decision_record"
    __table_args__ = (
        Index("ix_decision_record_person_at", "person_id", "at"),
        Index("uq_decision_record_follows", "person_id", "follows", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    follows: Mapped[int | None]
    """The person's record before it, 0 for the first: of two written at the same instant one finds its place taken."""
    at: Mapped[datetime]
    snapshot: Mapped[str | None] = mapped_column(ForeignKey("catalogue_snapshot.hash"), index=True)
    inputs: Mapped[dict[str, Any]]
    versions: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]


class Reaction(Table):
    """What a person did about a proposal; append-only, beside the standing choice that it made."""

    __tablename__ = "reaction"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    record_id: Mapped[int | None] = mapped_column(ForeignKey("decision_record.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str] = mapped_column(String(20))
    """The code of a module, the id of a role, or minutes."""
    at: Mapped[datetime]


class ReplanJob(Table):
    """One re-planning of everybody after a change of catalogue, framework or targets."""

    __tablename__ = "replan_job"

    id: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(160))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class ReplanChunk(Table):
    """A stretch of people of one job: done whole, in one transaction, or not at all."""

    __tablename__ = "replan_chunk"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("replan_job.id", ondelete="CASCADE"), index=True)
    first_person: Mapped[int]
    last_person: Mapped[int]
    people: Mapped[int]
    changed: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
