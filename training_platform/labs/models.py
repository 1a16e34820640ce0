"""What a person last concluded in a lab: practice, never evidence of a level."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from training_platform.db import Table


class LabAttempt(Table):
    """The last conclusion of one person in one lab of one module version."""

    __tablename__ = "lab_attempt"
    __table_args__ = (UniqueConstraint("person_id", "version_id", "lab"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("module_version.id", ondelete="CASCADE"), index=True)
    lab: Mapped[str] = mapped_column(String(60))
    setting: Mapped[dict[str, Any]]
    given: Mapped[dict[str, Any]]
    """The answers as they were typed or chosen, by question."""
    correct: Mapped[bool]
    at: Mapped[datetime]
