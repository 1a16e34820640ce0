"""What the person decided about proposals, and the record of each proposal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from training_platform.db import Table


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


class DecisionRecord(Table):
    """One logged proposal of the algorithm: inputs, versions, result, proof (EU AI Act art. 12, 86; GDPR art. 15, 22)."""

    __tablename__ = "decision_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    inputs: Mapped[dict[str, Any]]
    versions: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]]
