"""Reviews of a person: cards of what was attained, the checks of today, one check from begin to result."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from fsrs import Rating
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from training_platform.assessment import service as assessment
from training_platform.assessment.models import Answer, Sitting
from training_platform.assessment.rules import Estimate, estimate
from training_platform.assessment.service import SittingView
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import BankQuestion
from training_platform.catalogue.grading import Given
from training_platform.catalogue.models import ModuleVersion, Question
from training_platform.catalogue.service import LiveModule
from training_platform.db import db
from training_platform.errors import NotFoundError, RefusedError
from training_platform.learning.models import Enrolment
from training_platform.recommendations.service import Situation, held_levels
from training_platform.reviews.models import ReviewCard, ReviewCheck, ReviewFit
from training_platform.reviews.rules import (
    CHECK_MINUTES,
    DEFAULTS,
    FEWEST,
    POSTPONE,
    QUESTIONS,
    QUESTIONS_FOR_SAFETY,
    Card,
    Memory,
    Outcome,
    Parameters,
    Passage,
    agenda,
    draw,
    learnt,
    passage,
    rating_of,
    recall,
    retention_of,
    reviewed,
    today,
)
from training_platform.text import Text

Step = tuple[str, int]
"""A competency and the level attained."""
AHEAD = 28
"""Days that the agenda looks ahead."""


class UnknownReviewError(NotFoundError):
    """No such card or check for this person."""

    def __init__(self) -> None:
        super().__init__(Text("Cette révision n'est pas la vôtre.", "This review is not yours."))


@dataclass(frozen=True, kw_only=True)
class Today:
    """The checks of today and those of the days after."""

    checks: tuple[Card, ...]
    coming: Mapping[date, Sequence[Card]]
    done: int
    """Checks done today already."""

    @property
    def minutes(self) -> int:
        """How long the checks of today take."""
        return CHECK_MINUTES * len(self.checks)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Where to read again after a mistake."""

    module: LiveModule
    passage: Passage


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a check found: the mistakes, the level before and after it, when to check next, what to read again."""

    competency: str
    level: int
    rating: Rating
    before: Estimate
    after: Estimate
    next_at: datetime
    reading: Reading | None

    @property
    def passed(self) -> bool:
        """Tell whether it is still known."""
        return self.rating != Rating.Again

    @property
    def fell(self) -> bool:
        """Tell whether the level held is lower than before the check."""
        return self.after.held < self.before.held


def today_of(person_id: int, situation: Situation, foundation: Mapping[str, int], now: datetime) -> Today:
    """Return the checks of today; one query where every completed module has its cards already."""
    rows = _rows(person_id)
    missing = _completed_steps(situation) - {(row.competency, row.level) for row in rows}
    if missing:
        _add_cards(person_id, missing, situation, foundation, now)
        rows = _rows(person_id)
    cards = _cards(rows, situation, foundation)
    done = sum(1 for row in rows if row.checks and row.last_at.date() == now.date())
    plan = agenda(cards, now.date(), AHEAD, done)
    checks = plan.pop(now.date(), [])
    return Today(checks=tuple(checks), coming=plan, done=done)


def _rows(person_id: int) -> list[ReviewCard]:
    query = select(ReviewCard).where(ReviewCard.person_id == person_id)
    return list(db.session.scalars(query.order_by(ReviewCard.id)))


def _completed_steps(situation: Situation) -> set[Step]:
    """Return the steps of the completed modules that the bank can check."""
    return {
        step
        for code in situation.request.completed
        for step in _steps_of(situation.modules[code])
        if step in _checkable(situation)
    }


def _steps_of(live: LiveModule) -> set[Step]:
    return {(step.c, n + 1) for step in live.head.steps for n in range(step.from_level, step.to)}


def _checkable(situation: Situation) -> set[Step]:
    """Return the steps with enough questions in the live bank for a check."""
    sizes = catalogue.bank_sizes(situation.modules.values())
    return {(competency, level + 1) for (competency, level), size in sizes.items() if size >= FEWEST}


def _add_cards(
    person_id: int, steps: set[Step], situation: Situation, foundation: Mapping[str, int], now: datetime
) -> None:
    """Make the cards of steps attained, counted from the day on which they were."""
    attained: dict[Step, datetime] = {}
    query = select(ModuleVersion.module_id, Enrolment.completed_at).join(Enrolment)
    rows = db.session.execute(query.where(Enrolment.person_id == person_id, Enrolment.completed_at.is_not(None))).all()
    by_module = {live.module_id: live for live in situation.modules.values()}
    for module_id, completed_at in rows:
        if module_id in by_module and completed_at is not None:
            for step in _steps_of(by_module[module_id]) & steps:
                attained[step] = max(completed_at, attained.get(step, completed_at))
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
            select(Sitting.version_id).where(
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
        if live.version_id in tested
        for c, level in _steps_of(live)
        if held.get(c, 0) >= level
    }
    missing = (steps & _checkable(situation)) - {(row.competency, row.level) for row in _rows(person_id)}
    if missing:
        _add_cards(person_id, missing, situation, foundation, now)


def _cards(rows: Sequence[ReviewCard], situation: Situation, foundation: Mapping[str, int]) -> list[Card]:
    safety, checkable = catalogue.safety_steps(situation.modules.values()), _checkable(situation)
    return [
        Card(
            id=row.id,
            competency=row.competency,
            level=row.level,
            memory=_memory(row),
            due_at=row.due_at,
            retention=retention_of((row.competency, row.level), safety, foundation),
            checked=row.checks > 0,
            deadline=_deadline((row.competency, row.level), situation),
        )
        for row in rows
        if (row.competency, row.level) in checkable
    ]


def _memory(row: ReviewCard) -> Memory:
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
            or any(step in _steps_of(situation.modules[code]) for code in duty.modules if code in situation.modules)
        )
    ]
    return min(dates, default=None)


def current_parameters() -> Parameters:
    """Return the parameters of forgetting fitted last, FSRS's own where none were."""
    row = db.session.scalar(select(ReviewFit.parameters).order_by(ReviewFit.id.desc()).limit(1))
    return tuple(float(one) for one in row) if row else DEFAULTS


# --- one check ---


def begin(person_id: int, card_id: int, situation: Situation, now: datetime) -> int:
    """Return the series of the unfinished check of a card, or of a new one; raise RefusedError where it is not due."""
    row = _card_of(person_id, card_id)
    unfinished = db.session.scalar(
        select(ReviewCheck.sitting_id).where(ReviewCheck.card_id == card_id, ReviewCheck.finished_at.is_(None))
    )
    if unfinished is not None:
        return unfinished
    if not today(_cards([row], situation, {}), now.date()):
        raise RefusedError(
            Text(
                "Cette révision n'est pas pour aujourd'hui : elle vous sera proposée à sa date.",
                "This review is not for today: it will be proposed on its date.",
            )
        )
    sitting = Sitting(
        person_id=person_id, version_id=None, kind="review", questions=_draw(row, situation), started_at=now
    )
    db.session.add(sitting)
    db.session.flush()
    db.session.add(ReviewCheck(card_id=card_id, sitting_id=sitting.id))
    db.session.flush()
    return sitting.id


def _card_of(person_id: int, card_id: int) -> ReviewCard:
    row = db.session.get(ReviewCard, card_id, with_for_update=True)
    if row is None or row.person_id != person_id:
        raise UnknownReviewError
    return row


def _draw(row: ReviewCard, situation: Situation) -> list[int]:
    versions = [live.version_id for live in situation.modules.values() if not live.planned]
    found = db.session.execute(
        select(Question.id, Question.key, Question.document["safety"].as_boolean())
        .where(
            Question.version_id.in_(versions),
            Question.competency == row.competency,
            Question.from_level == row.level - 1,
            Question.reserved.is_(False),
        )
        .order_by(Question.id)
    ).all()
    candidates = [(key, name, bool(safety)) for key, name, safety in found]
    order = list(range(len(candidates)))
    random.Random(f"{row.id}:{row.checks}").shuffle(order)
    vital = any(safety for _, _, safety in candidates)
    how_many = QUESTIONS_FOR_SAFETY if vital else QUESTIONS
    return draw(candidates, _seen(row.person_id, row.competency), how_many, order)


def _seen(person_id: int, competency: str) -> dict[str, datetime]:
    """Return when the person last answered each question of a competency, whatever the version of its module."""
    rows = db.session.execute(
        select(Question.key, func.max(Answer.answered_at))
        .join(Answer, Answer.question_id == Question.id)
        .join(Sitting, Answer.sitting_id == Sitting.id)
        .where(Sitting.person_id == person_id, Question.competency == competency)
        .group_by(Question.key)
    )
    return {key: at for key, at in rows if at is not None}


def check_of(person_id: int, sitting_id: int) -> tuple[SittingView, ReviewCard]:
    """Return a check of the person as far as it was answered, with its card; raise UnknownReviewError."""
    check = _check(sitting_id)
    if check is None or check.card.person_id != person_id:
        raise UnknownReviewError
    return assessment.sitting_of(person_id, sitting_id), check.card


def _check(sitting_id: int) -> ReviewCheck | None:
    return db.session.scalar(select(ReviewCheck).where(ReviewCheck.sitting_id == sitting_id))


def answer(person_id: int, sitting_id: int, question_id: int, given: Given, now: datetime) -> bool:
    """Keep an answer; tell whether it was the last. A second try, from another tab or after the end, changes nothing."""
    check_of(person_id, sitting_id)
    assessment.answer(person_id, sitting_id, question_id, given, now)
    return assessment.sitting_of(person_id, sitting_id).open_question is None


def finish(person_id: int, sitting_id: int, situation: Situation, foundation: Mapping[str, int], now: datetime) -> None:
    """Close an answered check and move its card, once; raise RefusedError where questions are left."""
    view, card = check_of(person_id, sitting_id)
    if view.open_question is not None:
        raise RefusedError(Text("Il reste des questions sans réponse.", "Some questions are still unanswered."))
    _close(view, card, situation, foundation, now)


def _close(
    view: SittingView, row: ReviewCard, situation: Situation, foundation: Mapping[str, int], now: datetime
) -> None:
    """Move the card by what the check found, once."""
    rating = rating_of([Outcome(correct=view.correct[key], safety=q.safety) for key, q in view.questions])
    parameters, memory = current_parameters(), _memory(row)
    mine = db.session.scalar(
        update(ReviewCheck)
        .where(ReviewCheck.sitting_id == view.id, ReviewCheck.rating.is_(None))
        .values(rating=int(rating), recall=recall(memory, now, parameters), finished_at=now)
        .returning(ReviewCheck.id)
    )
    if mine is None:
        return
    safety = catalogue.safety_steps(situation.modules.values())
    retention = retention_of((row.competency, row.level), safety, foundation)
    memory, row.due_at = reviewed(memory, rating, now, retention, parameters)
    row.stability, row.difficulty, row.last_at = memory.stability, memory.difficulty, now
    row.checks += 1
    db.session.get_one(Sitting, view.id).finished_at = now
    db.session.flush()


def result_of(person_id: int, sitting_id: int, situation: Situation, now: datetime) -> Result:
    """Return what a finished check found; raise RefusedError before its end."""
    view, row = check_of(person_id, sitting_id)
    check = _check(sitting_id)
    if check is None or check.rating is None:
        raise RefusedError(Text("Il reste des questions sans réponse.", "Some questions are still unanswered."))
    rating, names = Rating(check.rating), list(situation.framework.competencies)
    before = estimate(names, assessment.observations(person_id, without=sitting_id), now)
    missed = [question for key, question in view.questions if not view.correct[key]]
    return Result(
        competency=row.competency,
        level=row.level,
        rating=rating,
        before=before[row.competency],
        after=situation.levels[row.competency],
        next_at=row.due_at,
        reading=_reading(row, missed, situation) if missed else None,
    )


def _reading(row: ReviewCard, missed: Sequence[BankQuestion], situation: Situation) -> Reading | None:
    """Return where a module teaches what was missed: one that the person has taken, else the shortest."""
    teaching = [
        live
        for live in situation.modules.values()
        if not live.planned and (row.competency, row.level) in _steps_of(live)
    ]
    if not teaching:
        return None
    live = min(teaching, key=lambda one: (one.code not in situation.request.completed, one.head.minutes, one.code))
    lessons = [lesson.text.fr for lesson in catalogue.package_of(live.version_id).lessons]
    asked = " ".join(f"{q.scene.fr if q.scene else ''} {q.ask.fr} {q.explanation.fr}" for q in missed)
    facts = {fact for question in missed for fact in question.facts}
    return Reading(module=live, passage=passage(asked, facts, lessons))


def postpone(person_id: int, card_id: int, now: datetime) -> None:
    """Put a check off by a few days; a date that a duty sets still wins."""
    row = _card_of(person_id, card_id)
    row.due_at = max(row.due_at, now + POSTPONE)
    db.session.flush()
