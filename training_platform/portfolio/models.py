"""Proofs with their versions, files, decisions and comments; what was submitted is never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy import Text as LongText
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training_platform.accounts.models import Person
from training_platform.db import Table
from training_platform.portfolio.rules import State


class Proof(Table):
    """What one person shows of their work, for levels, for a certification track, or both."""

    __tablename__ = "proof"
    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'submitted', 'validated_once', 'accepted', 'refused', 'withdrawn')", name="state"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    track_id: Mapped[str | None] = mapped_column(String(8))
    state: Mapped[State] = mapped_column(String(14), index=True)
    number: Mapped[int] = mapped_column(default=1)
    """The version that counts."""
    second_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    """Whom the manager named as second assessor."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    person: Mapped[Person] = relationship(foreign_keys=person_id)


class ProofVersion(Table):
    """What the proof says, each time that it was handed in."""

    __tablename__ = "proof_version"
    __table_args__ = (UniqueConstraint("proof_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proof_id: Mapped[int] = mapped_column(ForeignKey("proof.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(LongText)
    claims: Mapped[dict[str, Any]]
    """The level attested per competency."""
    files: Mapped[list[Any]]
    """Ids of the files that belong to it; versions may share a file."""
    submitted_at: Mapped[datetime | None]


class ProofFile(Table):
    """A file as it was kept after its check."""

    __tablename__ = "proof_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    proof_id: Mapped[int] = mapped_column(ForeignKey("proof.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class ProofDecision(Table):
    """What one assessor decided on one version, and why; each of the two places is taken once."""

    __tablename__ = "proof_decision"
    __table_args__ = (
        UniqueConstraint("version_id", "assessor_id", name="uq_proof_decision_assessor"),
        UniqueConstraint("version_id", "place", name="uq_proof_decision_place"),
        CheckConstraint("decision IN ('validated', 'refused')", name="decision"),
        CheckConstraint("place IN (1, 2)", name="place"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("proof_version.id", ondelete="CASCADE"), index=True)
    assessor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    place: Mapped[int]
    decision: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(LongText)
    at: Mapped[datetime]
    assessor: Mapped[Person | None] = relationship()


class ProofComment(Table):
    """One message of the thread between a person and those who assess."""

    __tablename__ = "proof_comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    proof_id: Mapped[int] = mapped_column(ForeignKey("proof.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    body: Mapped[str] = mapped_column(LongText)
    at: Mapped[datetime]
    author: Mapped[Person | None] = relationship()
