"""Fitting the parameters of forgetting to the checks of everybody: only from enough of them, kept only if it predicts better."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fsrs import Rating, ReviewLog
from sqlalchemy import func, select

from training_platform.db import db
from training_platform.reviews.models import ReviewCard, ReviewCheck, ReviewFit
from training_platform.reviews.rules import DEFAULTS, REST, Parameters, learnt, recall, reviewed

ENOUGH = 512
"""Checks below which FSRS's own parameters predict better than fitted ones (open-spaced-repetition benchmark)."""
KEPT_APART = 5
"""One card in so many is not fitted to: it tells whether the fit predicts better."""

History = Sequence[tuple[datetime, Rating]]
"""The moments of one card: learnt, then each check with what it said."""


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What a fit found: log loss on the cards kept apart, before and after, and whether it was kept."""

    checks: int
    loss_before: float
    loss_after: float
    kept: bool


def count_checks() -> int:
    """Return how many checks everybody has finished."""
    query = select(func.count()).select_from(ReviewCheck).where(ReviewCheck.rating.is_not(None))
    return db.session.scalar(query) or 0


def histories() -> dict[int, list[tuple[datetime, Rating]]]:
    """Return the history of each checked card; it says nothing of whose it is."""
    rows = db.session.execute(
        select(ReviewCard.id, ReviewCard.learnt_at, ReviewCheck.finished_at, ReviewCheck.rating)
        .join(ReviewCheck, ReviewCheck.card_id == ReviewCard.id)
        .where(ReviewCheck.rating.is_not(None))
        .order_by(ReviewCard.id, ReviewCheck.finished_at)
    )
    found: dict[int, list[tuple[datetime, Rating]]] = {}
    for card, learnt_at, at, rating in rows:
        found.setdefault(card, [(learnt_at, Rating.Good)]).append((at, Rating(rating)))
    return found


def log_loss(cards: Mapping[int, History], parameters: Parameters) -> float:
    """Return the mean log loss of the recall predicted before each check; passed is anything but «again»."""
    losses = []
    for history in cards.values():
        memory, _ = learnt(history[0][0], REST, parameters)
        for at, rating in history[1:]:
            chance = min(max(recall(memory, at, parameters), 1e-6), 1 - 1e-6)
            losses.append(-math.log(chance if rating != Rating.Again else 1 - chance))
            memory, _ = reviewed(memory, rating, at, REST, parameters)
    return sum(losses) / max(len(losses), 1)


def fit(now: datetime) -> Fit | None:
    """Fit to the checks of everybody and keep the result where it predicts better; None where they are too few."""
    checks = count_checks()
    if checks <= ENOUGH:
        return None
    cards = histories()
    apart = {card: history for place, (card, history) in enumerate(cards.items()) if place % KEPT_APART == 0}
    parameters = _optimal({card: history for card, history in cards.items() if card not in apart})
    before, after = log_loss(apart, DEFAULTS), log_loss(apart, parameters)
    if after < before:
        db.session.add(
            ReviewFit(at=now, checks=checks, parameters=list(parameters), loss_before=before, loss_after=after)
        )
        db.session.flush()
    return Fit(checks=checks, loss_before=before, loss_after=after, kept=after < before)


def _optimal(cards: Mapping[int, History]) -> Parameters:
    """Return the parameters that FSRS's own optimiser finds; it loads torch, which takes seconds: imported late."""
    from fsrs import Optimizer

    logs = [
        ReviewLog(card_id=card, rating=rating, review_datetime=at, review_duration=None)
        for card, history in cards.items()
        for at, rating in history
    ]
    return tuple(Optimizer(logs).compute_optimal_parameters())
