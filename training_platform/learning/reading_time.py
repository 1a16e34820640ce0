"""How long people really spend on a lesson: the least that is needed to compare it with what the module announces."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from training_platform.db import db
from training_platform.learning.models import Enrolment, LessonTime

AWAY = timedelta(minutes=10)
"""Without a sign for longer than this (a heading reached, an answer, the next lesson), the person was elsewhere."""


def sign(enrolment: Enrolment, lesson: int, now: datetime) -> None:
    """Count the time since the last sign in this lesson, unless the person was away in between."""
    row = _row(enrolment.id, lesson)
    if row is None:
        row = LessonTime(enrolment_id=enrolment.id, lesson=lesson, opened_at=now, last_at=now, seconds=0)
        try:
            with db.session.begin_nested():
                db.session.add(row)
        except IntegrityError:
            # The same lesson was opened in another tab at the same moment: that one counts.
            return
    since = now - row.last_at
    if timedelta(0) < since <= AWAY:
        row.seconds += round(since.total_seconds())
    row.last_at = max(row.last_at, now)
    db.session.flush()


def _row(enrolment_id: int, lesson: int) -> LessonTime | None:
    query = select(LessonTime).where(LessonTime.enrolment_id == enrolment_id, LessonTime.lesson == lesson)
    return db.session.scalar(query)
