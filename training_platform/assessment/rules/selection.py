"""Which question to put next: the one that spares most regret of the path per minute, and when to stop.

Each step of the person's targets is a decision: hold it as known, or train for it. Wrongly training wastes the step's
minutes; wrongly skipping costs so many times more that the decision turns where the estimate's rule turns (0.75, or 0.9
where safety is at stake). A question is worth the fall of the expected regret that it brings (value of information,
Raiffa and Schlaifer 1961); as one answer rarely turns a decision, the value of several like it is shared among them
(knowledge gradient with repeats, Frazier and Powell 2010).
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, ndtr

from training_platform.assessment.rules.estimate import HELD_WITH, Item, State, Vector

SURE_FOR_SAFETY = 0.9
QUESTION_MINUTES = 0.6
"""Twenty questions in twelve minutes."""
REPEATS = (1, 2, 4)
BEST = 5
"""A question is drawn among the five best, so that no few are seen by all (randomesque: Kingsbury and Zara 1989)."""
GRID = np.linspace(-4.0, 4.0, 33)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One step to hold as known or to train for: the level that would be held, the minutes that training takes."""

    competency: str
    level: int
    minutes: float
    safety: bool = False


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A question that may be put."""

    id: int
    competency: str
    item: Item


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A question with the minutes of regret that it is expected to spare, per question."""

    id: int
    value: float


def regret(state: State, decisions: Sequence[Decision]) -> float:
    """Return the expected minutes lost by deciding now, training in vain and skipping wrongly together."""
    table = _Decisions(state, decisions)
    variance = np.diag(state.covariance)
    return float(table.risk(state.mean[table.place][None], variance[table.place][None]).sum())


def choose(
    state: State,
    candidates: Sequence[Candidate],
    decisions: Sequence[Decision],
    asked: Collection[str],
    source: random.Random,
) -> Chosen | None:
    """Return the next question, None where none is worth its minute; ``asked`` lists the competencies asked so far.

    Among questions of nearly the same worth, a competency that was asked less comes first (content balance).
    """
    known = [c for c in candidates if c.competency in state.competencies]
    if not known or not decisions:
        return None
    groups: dict[tuple[str, Item], list[Candidate]] = {}
    for candidate in known:
        groups.setdefault((candidate.competency, candidate.item), []).append(candidate)
    worth = values(state, list(groups), decisions)
    if worth.max() < QUESTION_MINUTES:
        return None
    times = {c: sum(1 for one in asked if one == c) for c in {key[0] for key in groups}}
    keys = list(groups)
    order = sorted(range(len(keys)), key=lambda n: -worth[n] / (1 + 0.1 * times[keys[n][0]]))
    best = [
        (candidate, float(worth[n])) for n in order if worth[n] >= worth[order[0]] / 2 for candidate in groups[keys[n]]
    ]
    candidate, value = source.choice(best[:BEST])
    return Chosen(id=candidate.id, value=value)


def values(state: State, keys: Sequence[tuple[str, Item]], decisions: Sequence[Decision]) -> Vector:
    """Return the minutes of regret that one question of each kind spares, shape (kinds,)."""
    table = _Decisions(state, decisions)
    before = table.risk(state.mean[table.place][None], np.diag(state.covariance)[table.place][None]).sum()
    best = np.zeros(len(keys))
    for repeats in REPEATS:
        best = np.maximum(best, (before - _after(state, keys, table, repeats)) / repeats)
    return best


class _Decisions:
    """The decisions as arrays: place of the competency, threshold, minutes, odds at which each turns."""

    def __init__(self, state: State, decisions: Sequence[Decision]) -> None:
        kept = [d for d in decisions if d.competency in state.competencies]
        self.place = np.array([state.competencies.index(d.competency) for d in kept], dtype=int)
        self.threshold = np.array([d.level - 0.5 for d in kept])
        self.minutes = np.array([d.minutes for d in kept])
        sure = np.array([SURE_FOR_SAFETY if d.safety else HELD_WITH for d in kept])
        self.odds = sure / (1 - sure)

    def risk(self, mean: Vector, variance: Vector) -> Vector:
        """Return the regret of each decision, same shape as the moments (…, decisions)."""
        held = ndtr((mean - self.threshold) / np.sqrt(variance))
        return np.asarray(self.minutes * np.minimum(held, self.odds * (1 - held)))


def _after(state: State, keys: Sequence[tuple[str, Item]], table: _Decisions, repeats: int) -> Vector:
    """Return the expected regret after so many answers to questions of each kind, shape (kinds,)."""
    place = np.array([state.competencies.index(c) for c, _ in keys])
    slope = np.array([item.discrimination for _, item in keys]) * np.sqrt(repeats)
    difficulty = np.array([item.difficulty for _, item in keys])
    guessing = np.array([item.guessing for _, item in keys]) ** repeats
    mean, variance = state.mean[place], np.diag(state.covariance)[place]
    levels = mean[:, None] + np.sqrt(variance)[:, None] * GRID
    right = guessing[:, None] + (1 - guessing[:, None]) * expit(slope[:, None] * (levels - difficulty[:, None]))
    weights = np.exp(-0.5 * GRID**2)
    weights /= weights.sum()
    column = state.covariance[:, place].T[:, table.place]
    total = np.zeros(len(keys))
    for likelihood in (right, 1 - right):
        joint = likelihood * weights
        chance = joint.sum(axis=1)
        after = (joint * levels).sum(axis=1) / chance
        left = (joint * (levels - after[:, None]) ** 2).sum(axis=1) / chance
        means = state.mean[table.place] + column * ((after - mean) / variance)[:, None]
        shrink = column**2 * ((left / variance - 1) / variance)[:, None]
        variances = np.maximum(np.diag(state.covariance)[table.place] + shrink, 1e-6)
        total += chance * table.risk(means, variances).sum(axis=1)
    return total
