"""What a person knows: the evidence, added and read, and the levels that it leads to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from training_platform.assessment import item_parameters
from training_platform.assessment.models import Answer, Evidence, Sitting
from training_platform.assessment.rules import Estimate, Item, Observation, State, estimate, estimates_of, state_of
from training_platform.assessment.rules.estimate import DISCRIMINATION
from training_platform.assessment.rules.history import Moment, history
from training_platform.catalogue.format import BankQuestion
from training_platform.catalogue.grading import Given
from training_platform.db import db


def levels(person_id: int, competencies: Sequence[str], now: datetime) -> dict[str, Estimate]:
    """Return the person's estimates; the whole framework goes in, so that each competency informs the others."""
    return known(person_id, competencies, now)[1]


def known(person_id: int, competencies: Sequence[str], now: datetime) -> tuple[State, dict[str, Estimate]]:
    """Return what is known of the person: all together, and competency by competency."""
    evidence = observations(person_id)
    state = state_of(competencies, evidence, now)
    return state, estimates_of(state, evidence)


def observations(person_id: int, without: int | None = None) -> list[Observation]:
    """Return the person's evidence as the estimate takes it, but for one sitting; contested ones never count; one query."""
    rows = db.session.scalars(select(Evidence).where(_counting([person_id])).order_by(Evidence.id)).all()
    return [_observation(row) for row in _standing(rows) if without is None or row.sitting_id != without]


def _counting(person_ids: Collection[int]) -> ColumnElement[bool]:
    """Say in SQL which evidence of these people counts: neither void nor contested."""
    contested = select(Sitting.id).where(Sitting.person_id.in_(person_ids), Sitting.contested_at.is_not(None))
    return and_(
        Evidence.person_id.in_(person_ids),
        Evidence.void_at.is_(None),
        or_(Evidence.sitting_id.is_(None), Evidence.sitting_id.not_in(contested)),
    )


def _standing(rows: Sequence[Evidence]) -> list[Evidence]:
    """Keep one person's evidence but for self-ratings that a later one replaces."""
    latest_rating = {row.competency: row.id for row in rows if row.kind == "self_rating"}
    return [row for row in rows if row.kind != "self_rating" or latest_rating[row.competency] == row.id]


def granted_by_person(
    person_ids: Sequence[int], competencies: Sequence[str], now: datetime
) -> dict[int, dict[str, int]]:
    """Return the levels granted to each of several people; one query."""
    query = select(Evidence).where(_counting(person_ids))
    rows: dict[int, list[Evidence]] = {person_id: [] for person_id in person_ids}
    for row in db.session.scalars(query.order_by(Evidence.id)):
        rows[row.person_id].append(row)
    return {
        person_id: {
            competency: level.granted
            for competency, level in estimate(competencies, [_observation(row) for row in _standing(own)], now).items()
        }
        for person_id, own in rows.items()
    }


def observations_of_many(people: Collection[int]) -> dict[int, list[Observation]]:
    """Return the same for many people at once; one query, in which nobody without evidence appears."""
    query = select(
        Evidence.id,
        Evidence.person_id,
        Evidence.competency,
        Evidence.kind,
        Evidence.level,
        Evidence.correct,
        Evidence.discrimination,
        Evidence.options,
        Evidence.at,
    ).where(_counting(people))
    rows = db.session.execute(query.order_by(Evidence.id)).all()
    latest_rating = {(row.person_id, row.competency): row.id for row in rows if row.kind == "self_rating"}
    found: dict[int, list[Observation]] = {}
    for row in rows:
        if row.kind != "self_rating" or latest_rating[row.person_id, row.competency] == row.id:
            found.setdefault(row.person_id, []).append(_observation(row))
    return found


def _observation(row: Evidence | Row[Any]) -> Observation:
    item = None
    if row.kind == "answer":
        item = Item(
            difficulty=row.level,
            discrimination=row.discrimination or DISCRIMINATION["medium"],
            guessing=1 / row.options if row.options else item_parameters.NO_GUESSING,
        )
    return Observation(
        competency=row.competency, kind=row.kind, at=row.at, level=row.level, item=item, correct=bool(row.correct)
    )


def history_of(person_id: int, competency: str, competencies: Sequence[str], now: datetime) -> list[Moment]:
    """Return how the estimate of one competency came to be, the oldest evidence first; one query."""
    return history(competency, competencies, observations(person_id), now)


def set_aside(person_id: int, competency: str) -> list[Evidence]:
    """Return the evidence on one competency that no longer counts, the latest first: void, contested or replaced."""
    query = select(Evidence).where(Evidence.person_id == person_id, Evidence.competency == competency)
    counts = select(Evidence.id).where(_counting([person_id]), Evidence.competency == competency)
    counting = db.session.scalars(select(Evidence).where(Evidence.id.in_(counts)).order_by(Evidence.id)).all()
    kept = {row.id for row in _standing(counting)}
    return [row for row in db.session.scalars(query.order_by(Evidence.id.desc())) if row.id not in kept]


def rated(person_id: int) -> dict[str, int]:
    """Return the person's latest self-ratings."""
    query = select(Evidence).where(Evidence.person_id == person_id, Evidence.kind == "self_rating")
    return {row.competency: round(row.level) for row in db.session.scalars(query.order_by(Evidence.id))}


def rate_self(person_id: int, ratings: Mapping[str, int], now: datetime) -> None:
    """Add a self-rating per competency where it differs from the last one."""
    before = rated(person_id)
    for competency, level in ratings.items():
        if before.get(competency) != level:
            key = f"self:{competency}:{now.isoformat()}"
            add_evidence(person_id, competency, "self_rating", float(level), key, now)


def add_evidence(person_id: int, competency: str, kind: str, level: float, key: str, now: datetime) -> None:
    """Append one attested level; the same key twice is one piece of evidence."""
    insert_once(
        Evidence,
        {"person_id": person_id, "competency": competency, "kind": kind, "level": level, "key": key, "at": now},
    )


def insert_once(table: type[Answer | Evidence], row: Mapping[str, Any]) -> bool:
    """Insert a row unless its key is there already, by another tab or server even; tell whether it was inserted."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    # What came back says whether the row is new: the count of rows is not told alike by the two databases.
    insert = dialect.insert(table).values(**row).on_conflict_do_nothing().returning(table.id)
    return db.session.scalar(insert) is not None


def void_evidence(person_id: int, prefix: str, now: datetime) -> None:
    """Let the evidence whose key begins so no longer count: what it rested on was withdrawn or refused."""
    db.session.execute(
        update(Evidence)
        .where(Evidence.person_id == person_id, Evidence.key.startswith(prefix), Evidence.void_at.is_(None))
        .values(void_at=now)
    )


def add_answer(
    person_id: int,
    question: BankQuestion,
    given: Given,
    correct: bool,
    key: str,
    now: datetime,
    sitting_id: int | None = None,
) -> None:
    """Append an answer as evidence of its step; it keeps the parameters of its day whatever later calibrations find."""
    item = item_parameters.item_of(question, next(iter(item_parameters.lookup([question]).values()), None))
    insert_once(
        Evidence,
        {
            "person_id": person_id,
            "competency": question.step.c,
            "kind": "answer",
            "level": item.difficulty,
            "discrimination": item.discrimination,
            "options": len(question.options) if question.kind == "single" and not given.get("unknown") else None,
            "correct": correct,
            "sitting_id": sitting_id,
            "key": key,
            "at": now,
        },
    )
