"""One check of a card: begun, answered, closed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select, update

from training_platform.assessment import sittings
from training_platform.assessment.models import Answer, Sitting
from training_platform.assessment.sittings import SittingView
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.grading import Given
from training_platform.catalogue.models import Question
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.recommendations.situation import Situation
from training_platform.reviews.cards import UnknownReviewError, cards_of, current_parameters, memory_of, own_card
from training_platform.reviews.models import ReviewCard, ReviewCheck
from training_platform.reviews.rules import (
    QUESTIONS,
    QUESTIONS_FOR_SAFETY,
    Outcome,
    draw,
    rating_of,
    recall,
    retention_of,
    reviewed,
    today,
)
from training_platform.text import Text


class UnfinishedCheckError(RefusedError):
    """Some questions of the check are not answered yet."""

    def __init__(self) -> None:
        super().__init__(Text("Il reste des questions sans réponse.", "Some questions are still unanswered."))


def begin(person_id: int, card_id: int, situation: Situation, now: datetime) -> int:
    """Return the series of the unfinished check of a card, or of a new one; raise RefusedError where it is not due."""
    row = own_card(person_id, card_id)
    unfinished = db.session.scalar(
        select(ReviewCheck.sitting_id).where(ReviewCheck.card_id == card_id, ReviewCheck.finished_at.is_(None))
    )
    if unfinished is not None:
        return unfinished
    if not today(cards_of([row], situation, {}), now.date()):
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
    return sittings.sitting_of(person_id, sitting_id), own_check(person_id, sitting_id).card


def own_check(person_id: int, sitting_id: int) -> ReviewCheck:
    """Return a check of the person's own as it is kept; raise UnknownReviewError."""
    check = db.session.scalar(select(ReviewCheck).where(ReviewCheck.sitting_id == sitting_id))
    if check is None or check.card.person_id != person_id:
        raise UnknownReviewError
    return check


def answer(person_id: int, sitting_id: int, question_id: int, given: Given, now: datetime) -> bool:
    """Keep an answer; tell whether it was the last. A second try, from another tab or after the end, changes nothing."""
    check_of(person_id, sitting_id)
    sittings.answer(person_id, sitting_id, question_id, given, now)
    return sittings.sitting_of(person_id, sitting_id).open_question is None


def finish(person_id: int, sitting_id: int, situation: Situation, foundation: Mapping[str, int], now: datetime) -> None:
    """Close an answered check and move its card, once; raise UnfinishedCheckError where questions are left."""
    view, card = check_of(person_id, sitting_id)
    if view.open_question is not None:
        raise UnfinishedCheckError
    _close(view, card, situation, foundation, now)


def _close(
    view: SittingView, row: ReviewCard, situation: Situation, foundation: Mapping[str, int], now: datetime
) -> None:
    """Move the card by what the check found, once."""
    rating = rating_of([Outcome(correct=view.correct[key], safety=q.safety) for key, q in view.questions])
    parameters, memory = current_parameters(), memory_of(row)
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
