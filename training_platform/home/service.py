"""What calls for a person on the first page, beside their path."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Select, select

from training_platform.db import db
from training_platform.exams import service as exams
from training_platform.portfolio import service as portfolio


@dataclass(frozen=True, kw_only=True)
class Calls:
    """What a person should see at once."""

    proofs_waiting: int
    running_exam: int | None
    """The exam of which the person is taking a part."""


def calls_of(person_id: int, now: datetime) -> Calls:
    """Return what calls for a person now; one query, since everybody's first page asks."""
    proofs, exam = db.session.execute(_calls(), {"person": person_id, "now": now}).one()
    return Calls(proofs_waiting=proofs, running_exam=exam)


@cache
def _calls() -> Select[tuple[int, int]]:
    return select(portfolio.how_many_waiting().scalar_subquery(), exams.running().scalar_subquery())
