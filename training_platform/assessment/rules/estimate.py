"""The joint Gaussian estimate of a person's levels: prior, evidence one by one, forgetting.

The state is a Gaussian over the competencies on the level scale 0–5. A level that somebody attests (self-rating,
completion, workplace proof, validation) is a linear observation. An answer is a logistic item response with guessing
(three-parameter logistic model); its exact moments on the competency's marginal are computed on a grid and carried to
the other competencies by their covariance (assumed density filtering: Opper 1998; Minka 2001, ch. 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

Vector = NDArray[np.float64]

PRIOR_MEAN = 0.7
PRIOR_SD = 1.1
CORRELATION = 0.3
"""Between any two competencies until data say otherwise: one assumed too high claims more than it knows."""
SPREAD = {"self_rating": 1.0, "completion": 0.45, "workplace_proof": 0.35, "validation": 0.25}
"""Standard deviation, in levels, of what each kind of attested level says."""
DISCRIMINATION = {"low": 1.2, "medium": 1.8, "high": 2.4}
DRIFT_PER_YEAR = 0.25
"""Variance, in squared levels, that a year adds to what old evidence says."""
FADING = 0.4
"""Levels that fade in the long run, at the rate of one over a year (Ebbinghaus-type forgetting)."""
YEAR = 365.25 * 24 * 3600
GRID = np.linspace(-5.0, 5.0, 61)
INTERVAL_80 = 1.2816
HELD_WITH = 0.75
"""Probability from which a level counts as held."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """The item parameters of a question: difficulty b on the level scale, discrimination a per level, guessing c."""

    difficulty: float
    discrimination: float
    guessing: float


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One piece of evidence about one competency: an attested level, or a question with its answer."""

    competency: str
    kind: str
    at: datetime
    level: float = 0.0
    item: Item | None = None
    correct: bool = False


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A level with its uncertainty, and what it allows to say."""

    mean: float
    sd: float
    held: int
    """Highest level that the person has with probability of at least 0.75."""
    granted: int
    """Highest level that may be certified: 3 and 4 need a workplace proof validated by a second assessor."""
    evidence_count: int

    @property
    def low(self) -> float:
        """Lower end of the 80 % interval, on the scale."""
        return min(max(self.mean - INTERVAL_80 * self.sd, 0.0), 5.0)

    @property
    def high(self) -> float:
        """Upper end of the 80 % interval, on the scale."""
        return min(max(self.mean + INTERVAL_80 * self.sd, 0.0), 5.0)

    @property
    def shown(self) -> float:
        """The mean, on the scale."""
        return min(max(self.mean, 0.0), 5.0)

    def probability_of(self, level: int) -> float:
        """Return P(level held): the estimate lies above the middle of the step to it."""
        return float(ndtr((self.mean - (level - 0.5)) / self.sd))


def probability_correct(item: Item, level: float | Vector) -> Vector:
    """Return the probability of a right answer at a level (three-parameter logistic model)."""
    return np.asarray(item.guessing + (1 - item.guessing) * expit(item.discrimination * (level - item.difficulty)))


@dataclass(frozen=True)
class State:
    """The Gaussian over the competencies: mean, shape (K,), and covariance, shape (K, K), on the level scale."""

    competencies: tuple[str, ...]
    mean: Vector
    covariance: Vector

    def sd(self) -> Vector:
        """Return the standard deviations, shape (K,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def with_evidence(self, observation: Observation, now: datetime) -> State:
        """Return the state after one more piece of evidence; unchanged for a competency that it does not hold."""
        if observation.competency not in self.competencies:
            return self
        place = self.competencies.index(observation.competency)
        return State(self.competencies, *_update(self.mean, self.covariance, place, observation, now))


def prior(competencies: Sequence[str], correlation: float = CORRELATION) -> State:
    """Return what is assumed of somebody of whom nothing is known."""
    size = len(competencies)
    covariance = PRIOR_SD**2 * (correlation + (1 - correlation) * np.eye(size))
    return State(tuple(competencies), np.full(size, PRIOR_MEAN), covariance)


def state_of(competencies: Sequence[str], observations: Sequence[Observation], now: datetime) -> State:
    """Return the state after all evidence in the order of its time."""
    state = prior(competencies)
    for observation in sorted(observations, key=lambda o: o.at):
        state = state.with_evidence(observation, now)
    return state


def estimate(competencies: Sequence[str], observations: Sequence[Observation], now: datetime) -> dict[str, Estimate]:
    """Return the estimate of each competency at ``now``; the same evidence always gives the same result."""
    state = state_of(competencies, observations, now)
    known = [o for o in observations if o.competency in state.competencies]
    return {
        competency: _result(state.mean[k], state.covariance[k, k], competency, known)
        for k, competency in enumerate(state.competencies)
    }


def _update(mean: Vector, covariance: Vector, k: int, observation: Observation, now: datetime) -> tuple[Vector, Vector]:
    """Move the marginal of one competency to its posterior moments and carry the change to the others."""
    before, variance = float(mean[k]), float(covariance[k, k])
    age = max((now - observation.at).total_seconds(), 0.0) / YEAR
    if observation.item is None:
        after, left = _linear(before, variance, observation, age)
    else:
        after, left = _logistic(before, variance, observation.item, observation.correct, age)
    column = covariance[:, k].copy()
    mean = mean + column * (after - before) / variance
    covariance = covariance + np.outer(column, column) * (left / variance - 1) / variance
    return mean, covariance


def _linear(mean: float, variance: float, observation: Observation, age: float) -> tuple[float, float]:
    noise = SPREAD[observation.kind] ** 2 + DRIFT_PER_YEAR * age
    gain = variance / (variance + noise)
    seen = observation.level - (0.0 if observation.kind == "self_rating" else _faded(age))
    return mean + gain * (seen - mean), variance * (1 - gain)


def _logistic(mean: float, variance: float, item: Item, correct: bool, age: float) -> tuple[float, float]:
    """Return the posterior moments after one answer, on a grid of ±5 standard deviations."""
    levels = mean + np.sqrt(variance) * GRID
    softened = item.discrimination / np.sqrt(1 + item.discrimination**2 * DRIFT_PER_YEAR * age / 2.89)
    aged = Item(difficulty=item.difficulty - _faded(age), discrimination=float(softened), guessing=item.guessing)
    likelihood = probability_correct(aged, levels)
    weights = np.exp(-0.5 * GRID**2) * (likelihood if correct else 1 - likelihood)
    weights /= weights.sum()
    after = float(weights @ levels)
    return after, float(weights @ (levels - after) ** 2)


def _faded(age: float) -> float:
    """Return the levels lost to forgetting after ``age`` years."""
    return float(FADING * (1 - np.exp(-age)))


def _result(mean: float, variance: float, competency: str, observations: Sequence[Observation]) -> Estimate:
    own = [o for o in observations if o.competency == competency]
    draft = result_of(mean, variance, len(own))
    return Estimate(
        mean=draft.mean, sd=draft.sd, held=draft.held, granted=_granted(draft.held, own), evidence_count=len(own)
    )


def result_of(mean: float, variance: float, evidence_count: int) -> Estimate:
    """Return the estimate of one marginal; nothing is held without evidence of its own."""
    draft = Estimate(mean=float(mean), sd=float(np.sqrt(variance)), held=0, granted=0, evidence_count=evidence_count)
    held = max((level for level in range(1, 6) if draft.probability_of(level) >= HELD_WITH), default=0)
    return Estimate(
        mean=draft.mean, sd=draft.sd, held=held if evidence_count else 0, granted=0, evidence_count=evidence_count
    )


def _granted(held: int, own: Sequence[Observation]) -> int:
    """Levels 1 and 2 need an answer or a completion; 3 and 4 a workplace proof that a second assessor validated."""
    proved = max((int(o.level) for o in own if o.kind == "validation"), default=0)
    measured = any(o.kind != "self_rating" for o in own)
    return max(min(held, 2) if measured else 0, proved)
