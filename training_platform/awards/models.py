"""Certificates, the reminders sent for them, and the keys that sign their credentials."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training_platform.accounts.models import Person
from training_platform.db import Table
from training_platform.organisation.models import Unit

LONGEST_REASON = 500
"""Characters of the reason of a revocation."""


class Award(Table):
    """A certificate: never changed but by revocation; a renewal is a new row that names the one before."""

    __tablename__ = "award"
    __table_args__ = (
        UniqueConstraint("status_list", "status_index"),
        CheckConstraint("expires_at > issued_at", name="validity"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_reason IS NULL)", name="revocation"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    track_id: Mapped[str] = mapped_column(String(20), index=True)
    track_version: Mapped[int]
    track_name: Mapped[dict[str, Any]]
    """The name in both languages as it was at that time."""
    criteria: Mapped[dict[str, Any]]
    """What was asked, in both languages, as it was at that time."""
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id", ondelete="SET NULL"), index=True)
    issuer_name: Mapped[str] = mapped_column(String(160))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    renews_id: Mapped[int | None] = mapped_column(ForeignKey("award.id", ondelete="SET NULL"), unique=True)
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None] = mapped_column(String(LONGEST_REASON))
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    shows_name: Mapped[bool] = mapped_column(default=False)
    """Whether the holder agreed that whoever verifies the number reads the name."""
    status_list: Mapped[int]
    status_index: Mapped[int]
    """The bit of the published status list that says whether this certificate is revoked."""
    imported: Mapped[bool] = mapped_column(default=False)
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    unit: Mapped[Unit | None] = relationship()


class AwardReminder(Table):
    """A reminder sent before expiry; the constraint keeps it from being sent twice."""

    __tablename__ = "award_reminder"
    __table_args__ = (UniqueConstraint("award_id", "days"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    award_id: Mapped[int] = mapped_column(ForeignKey("award.id", ondelete="CASCADE"))
    days: Mapped[int]
    sent_at: Mapped[datetime]


class SigningKey(Table):
    """An Ed25519 key pair: the public half is published for good, the private half is sealed with the site's secret."""

    __tablename__ = "signing_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    kid: Mapped[str] = mapped_column(String(60), unique=True)
    public: Mapped[str] = mapped_column(String(60))
    """The 32 bytes, base64url without padding (``x`` of RFC 8037)."""
    sealed: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
