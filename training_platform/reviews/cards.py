"""Cards of what a person has attained: made from completed modules and short tests, read with what matters now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from training_platform.assessment.models import Sitting
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.models import Module, ModuleVersion
from training_platform.catalogue.service import LiveModule
from training_platform.db import db
from training_platform.errors import NotFoundError
from training_platform.learning import service as learning
from training_platform.recommendations.situation import Situation, held_levels
from training_platform.reviews.models import ReviewCard, ReviewFit
from training_platform.reviews.rules import DEFAULTS, FEWEST, Card, Memory, Parameters, learnt, retention_of
from training_platform.text import Text

Step = tuple[str, int]
"""A competency and the level attained."""


class UnknownReviewError(NotFoundError):
    """No such card or check for this person."""

    def __init__(self) -> None:
        super().__init__(Text("Cette révision n'est pas la vôtre.", "This review is not yours."))


def rows_of(person_id: int) -> list[ReviewCard]:
    """Return the cards of a person as they are kept, the oldest first; one query."""
    query = select(ReviewCard).where(ReviewCard.person_id == person_id)
    return list(db.session.scalars(query.order_by(ReviewCard.id)))


def own_card(person_id: int, card_id: int) -> ReviewCard:
    """Return a card of the person's own, held until the end of the request; raise UnknownReviewError."""
    row = db.session.get(ReviewCard, card_id, with_for_update=True)
    if row is None or row.person_id != person_id:
        raise UnknownReviewError
    return row


def steps_of(live: LiveModule) -> set[Step]:
    """Return the steps that a module teaches, by the level attained."""
    return {(step.c, n + 1) for step in live.head.steps for n in range(step.from_level, step.to)}


def checkable(situation: Situation) -> set[Step]:
    """Return the steps with enough questions in the live bank for a check."""
    sizes = catalogue.bank_sizes(situation.modules.values())
    return {(competency, level + 1) for (competency, level), size in sizes.items() if size >= FEWEST}


def completed_steps(situation: Situation) -> set[Step]:
    """Return the steps of the completed modules that the bank can check."""
    taught = {step for code in situation.request.completed for step in steps_of(situation.modules[code])}
    return taught & checkable(situation)


def add_cards(
    person_id: int, steps: set[Step], situation: Situation, foundation: Mapping[str, int], now: datetime
) -> None:
    """Make the cards of steps attained, counted from the day on which they were."""
    attained: dict[Step, datetime] = {}
    taught = {live.family_id: steps_of(live) for live in situation.modules.values()}
    for one in learning.enrolments_of(person_id):
        if one.completed_at is not None:
            for step in taught.get(one.family_id, set()) & steps:
                attained[step] = max(one.completed_at, attained.get(step, one.completed_at))
    safety, parameters = catalogue.safety_steps(situation.modules.values()), current_parameters()
    for step in sorted(steps):
        # Another tab may make the same card at the same moment: once is enough.
        with suppress(IntegrityError), db.session.begin_nested():
            _add_card(person_id, step, attained.get(step, now), retention_of(step, safety, foundation), parameters)


def _add_card(person_id: int, step: Step, at: datetime, retention: float, parameters: Parameters) -> None:
    memory, due_at = learnt(at, retention, parameters)
    db.session.add(
        ReviewCard(
            person_id=person_id,
            competency=step[0],
            level=step[1],
            stability=memory.stability,
            difficulty=memory.difficulty,
            learnt_at=at,
            last_at=at,
            due_at=due_at,
        )
    )


def add_tested(person_id: int, situation: Situation, foundation: Mapping[str, int], now: datetime) -> None:
    """Make the cards of what a short test of a module showed to be known."""
    tested = set(
        db.session.scalars(
            select(func.coalesce(Module.original_id, Module.id))
            .join(ModuleVersion, ModuleVersion.module_id == Module.id)
            .join(Sitting, Sitting.version_id == ModuleVersion.id)
            .where(
                Sitting.person_id == person_id,
                Sitting.kind == "test_out",
                Sitting.finished_at.is_not(None),
                Sitting.contested_at.is_(None),
            )
        )
    )
    safety = catalogue.safety_steps(situation.modules.values())
    held = held_levels(situation.levels, safety)
    steps = {
        (c, level)
        for live in situation.modules.values()
        if live.family_id in tested
        for c, level in steps_of(live)
        if held.get(c, 0) >= level
    }
    missing = (steps & checkable(situation)) - {(row.competency, row.level) for row in rows_of(person_id)}
    if missing:
        add_cards(person_id, missing, situation, foundation, now)


def cards_of(rows: Sequence[ReviewCard], situation: Situation, foundation: Mapping[str, int]) -> list[Card]:
    """Return the cards that the bank can still check, each with the recall to keep up and the date that wins."""
    safety, able = catalogue.safety_steps(situation.modules.values()), checkable(situation)
    return [
        Card(
            id=row.id,
            competency=row.competency,
            level=row.level,
            memory=memory_of(row),
            due_at=row.due_at,
            retention=retention_of((row.competency, row.level), safety, foundation),
            checked=row.checks > 0,
            deadline=_deadline((row.competency, row.level), situation),
        )
        for row in rows
        if (row.competency, row.level) in able
    ]


def memory_of(row: ReviewCard) -> Memory:
    """Return what is remembered of a card."""
    return Memory(stability=row.stability, difficulty=row.difficulty, last_at=row.last_at)


def _deadline(step: Step, situation: Situation) -> date | None:
    """Return the next date by which a duty asks for a step, by its level or by a module that teaches it."""
    competency, level = step
    dates = [
        duty.due
        for duty in situation.duties
        if duty.due is not None
        and (
            duty.targets.get(competency, 0) >= level
            or any(step in steps_of(situation.modules[code]) for code in duty.modules if code in situation.modules)
        )
    ]
    return min(dates, default=None)


def current_parameters() -> Parameters:
    """Return the parameters of forgetting fitted last, FSRS's own where none were."""
    row = db.session.scalar(select(ReviewFit.parameters).order_by(ReviewFit.id.desc()).limit(1))
    return tuple(float(one) for one in row) if row else DEFAULTS
