"""The history of a module: who did what, when; lines are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from training_platform.db import db
from training_platform.studio.models import StudioEvent


@dataclass(frozen=True, kw_only=True)
class EventView:
    """One line of a module's history."""

    at: datetime
    kind: str
    person: str
    """Empty: the platform itself, or somebody who has left."""
    number: int | None
    detail: Mapping[str, Any]

    @property
    def planned(self) -> datetime | None:
        """The moment that a publication was scheduled for."""
        return datetime.fromisoformat(self.detail["at"]) if "at" in self.detail else None


def events_of(module_id: int) -> list[EventView]:
    """Return who did what, the latest first; one query."""
    rows = db.session.scalars(
        select(StudioEvent)
        .where(StudioEvent.module_id == module_id)
        .options(joinedload(StudioEvent.person))
        .order_by(StudioEvent.id.desc())
    )
    return [
        EventView(
            at=row.at,
            kind=row.kind,
            person=row.person.name if row.person else "",
            number=row.number,
            detail=row.detail,
        )
        for row in rows
    ]


def record(
    module_id: int,
    person_id: int | None,
    kind: str,
    now: datetime,
    *,
    number: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add one line to the history."""
    db.session.add(
        StudioEvent(
            module_id=module_id, person_id=person_id, at=now, kind=kind, number=number, detail=dict(detail or {})
        )
    )
    db.session.flush()


def last_published(module_id: int) -> int:
    """Return the id of the last event of publication, 0 where there is none: where the present work begins."""
    query = select(func.max(StudioEvent.id)).where(StudioEvent.module_id == module_id, StudioEvent.kind == "published")
    return db.session.scalar(query) or 0
