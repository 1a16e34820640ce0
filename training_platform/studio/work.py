"""The work in hand on a module: begun by writing, taken back, ended by a publication."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update

from training_platform.catalogue.models import Module
from training_platform.db import db
from training_platform.studio.history import record
from training_platform.studio.models import ReviewComment, StudioEvent, Work


def work_of(module_id: int) -> Work:
    """Return the work in hand on a module, a plain draft where nothing is kept of it yet."""
    row = db.session.get(Work, module_id)
    if row is None:
        row = Work(module_id=module_id, state="draft", effect="finish", content_hash="", returned=False, failed=False)
        db.session.add(row)
    return row


def back_to_draft(module_id: int, *, returned: bool = False) -> None:
    """Take the work back to writing; ``returned``: because the reviewer asked for changes."""
    row = work_of(module_id)
    row.state, row.publish_at, row.failed, row.returned = "draft", None, False, returned
    db.session.flush()


def edited(person_id: int, module_id: int, now: datetime) -> None:
    """Record that a person wrote in the draft: once in a row, however often the editor saves."""
    row = db.session.get(Work, module_id)
    if row is not None and row.state == "approved":
        row.state, row.publish_at = "draft", None
    last = db.session.execute(
        select(StudioEvent.kind, StudioEvent.person_id)
        .where(StudioEvent.module_id == module_id)
        .order_by(StudioEvent.id.desc())
        .limit(1)
    ).one_or_none()
    if last is None or tuple(last) != ("edited", person_id):
        record(module_id, person_id, "edited", now)


def close(module_id: int, person_id: int | None, now: datetime) -> None:
    """End the work in hand: its comments are resolved with it."""
    db.session.execute(delete(Work).where(Work.module_id == module_id))
    db.session.execute(
        update(ReviewComment)
        .where(ReviewComment.module_id == module_id, ReviewComment.resolved_at.is_(None))
        .values(resolved_at=now, resolved_by_id=person_id)
        .execution_options(synchronize_session=False)
    )


def hold(module_id: int) -> None:
    """Keep two publications of one module apart: the second waits here, then finds the draft gone."""
    db.session.execute(
        update(Module)
        .where(Module.id == module_id)
        .values(archived=Module.archived)
        .execution_options(synchronize_session=False)
    )
