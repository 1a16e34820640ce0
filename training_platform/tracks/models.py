"""Versions of the tracks: each is kept for good, so that who started under one may end under it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from training_platform.db import Table


class TrackVersion(Table):
    """One immutable version of one track."""

    __tablename__ = "track_version"
    __table_args__ = (UniqueConstraint("track_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    track_id: Mapped[str] = mapped_column(String(60))
    number: Mapped[int]
    document: Mapped[dict[str, Any]]
    """As format.Track dumps it."""
    document_hash: Mapped[str] = mapped_column(String(64))
    stored_at: Mapped[datetime]
