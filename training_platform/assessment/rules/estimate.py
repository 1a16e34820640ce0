"""The joint Gaussian estimate of a person's levels: prior, evidence one by one, forgetting.

The state is a Gaussian over the competencies on the level scale 0–5, and over how high this person rates oneself. A level
that somebody else attests (completion, workplace proof, validation) is a linear observation. An answer is a logistic item
response with guessing (three-parameter logistic model). A self-rating is a whole number from 0 to 5 that follows the level
little: over 22 meta-analyses self-assessment and measured ability correlate at 0.29 (Zell and Krizan 2014, Perspectives on
Psychological Science 9:111–125; physicians alike: Davis et al. 2006, JAMA 296:1094–1102), and part of its error is the
person's own: who is confident in one field is in the others (Pallier et al. 2002, Journal of General Psychology 129:257–299).
So all self-ratings of a person share an offset, which answers correct. Exact moments on the one dimension that a piece of
evidence is about are computed on a grid and carried to the others by their covariance (assumed density filtering: Opper
1998; Minka 2001, ch. 3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

Vector = NDArray[np.float64]

PRIOR_MEAN = 0.7
PRIOR_SD = 1.1
CORRELATION, WITHIN_DOMAIN = 0.3, 0.6
"""Between two competencies, and between two of one domain, until data say otherwise."""
SPREAD = {"completion": 0.45, "workplace_proof": 0.35, "validation": 0.25}
"""Standard deviation, in levels, of what each kind of attested level says."""
RATING_CORRELATION = 0.3
"""Between self-rating and level, over people (Zell and Krizan 2014: 0.29)."""
RATING_SD, RATING_OPTIMISM = 1.1, 0.3
"""How far self-ratings lie apart, and how much too high they are on average, in levels: assumed until data say otherwise."""
RATING_OFFSET = 0.4
"""Share of the error of self-ratings that is the person's own in all of them: assumed until data say otherwise."""
SLIP = 1e-6
"""Probability of a self-rating that no level explains: it keeps the arithmetic finite."""
RATING_SLOPE = RATING_CORRELATION * RATING_SD / PRIOR_SD
RATING_ERROR = RATING_SD**2 * (1 - RATING_CORRELATION**2)
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
    """The Gaussian over K competencies and, last, the person's offset in self-ratings: K + 1 dimensions together."""

    competencies: tuple[str, ...]
    joint_mean: Vector
    joint_covariance: Vector

    @property
    def mean(self) -> Vector:
        """The means of the levels, shape (K,)."""
        return self.joint_mean[:-1]

    @property
    def covariance(self) -> Vector:
        """The covariance of the levels, shape (K, K)."""
        return self.joint_covariance[:-1, :-1]

    def sd(self) -> Vector:
        """Return the standard deviations of the levels, shape (K,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def with_evidence(self, observation: Observation, now: datetime) -> State:
        """Return the state after one more piece of evidence; unchanged for a competency that it does not hold."""
        if observation.competency not in self.competencies:
            return self
        place = self.competencies.index(observation.competency)
        return State(self.competencies, *_update(self.joint_mean, self.joint_covariance, place, observation, now))


def prior(competencies: Sequence[str], correlation: float = CORRELATION, within_domain: float = WITHIN_DOMAIN) -> State:
    """Return what is assumed of somebody of whom nothing is known."""
    size = len(competencies)
    covariance = np.zeros((size + 1, size + 1))
    covariance[:size, :size] = PRIOR_SD**2 * correlations(competencies, correlation, within_domain)
    covariance[size, size] = RATING_OFFSET * RATING_ERROR
    return State(tuple(competencies), np.append(np.full(size, PRIOR_MEAN), 0.0), covariance)


def correlations(competencies: Sequence[str], correlation: float, within_domain: float) -> Vector:
    """Return the correlations between levels, shape (K, K); the letters of a competency's id name its domain."""
    domains = np.array([competency.rstrip("0123456789") for competency in competencies])
    matrix = np.where(domains[:, None] == domains, within_domain, correlation)
    np.fill_diagonal(matrix, 1.0)
    return np.asarray(matrix)


def state_of(competencies: Sequence[str], observations: Sequence[Observation], now: datetime) -> State:
    """Return the state after all evidence in the order of its time; what came at one time counts in a fixed order."""
    state = prior(competencies)
    for observation in in_order(observations):
        state = state.with_evidence(observation, now)
    return state


def in_order(observations: Sequence[Observation]) -> list[Observation]:
    """Return evidence in the order in which it counts."""
    return sorted(observations, key=_order)


def estimate(competencies: Sequence[str], observations: Sequence[Observation], now: datetime) -> dict[str, Estimate]:
    """Return the estimate of each competency at ``now``; the same evidence always gives the same result."""
    return estimates_of(state_of(competencies, observations, now), observations)


def estimates_of(state: State, observations: Sequence[Observation]) -> dict[str, Estimate]:
    """Return each competency's estimate from the state that the evidence led to."""
    own: dict[str, list[Observation]] = {competency: [] for competency in state.competencies}
    for observation in observations:
        if observation.competency in own:
            own[observation.competency].append(observation)
    return {
        competency: _result(float(state.mean[k]), float(state.covariance[k, k]), own[competency])
        for k, competency in enumerate(state.competencies)
    }


def _order(observation: Observation) -> tuple[datetime, str, str, float, bool, tuple[float, ...]]:
    item = observation.item
    parameters = () if item is None else (item.difficulty, item.discrimination, item.guessing)
    return observation.at, observation.kind, observation.competency, observation.level, observation.correct, parameters


def _update(mean: Vector, covariance: Vector, k: int, observation: Observation, now: datetime) -> tuple[Vector, Vector]:
    """Move the dimension that the evidence is about to its posterior moments and carry the change to all."""
    age = max((now - observation.at).total_seconds(), 0.0) / YEAR
    about = np.zeros(len(mean))
    about[k] = 1.0
    if observation.kind == "self_rating":
        about[k], about[-1] = RATING_SLOPE, 1.0
    column = covariance @ about
    before, variance = float(about @ mean), float(about @ column)
    if observation.item is not None:
        after, left = _moments(before, variance, _answer(observation.item, observation.correct, age))
    elif observation.kind == "self_rating":
        after, left = _moments(before, variance, _rating(observation.level, age))
    else:
        after, left = _linear(before, variance, observation, age)
    mean = mean + column * (after - before) / variance
    covariance = covariance + np.outer(column, column) * (left / variance - 1) / variance
    return mean, covariance


def _linear(mean: float, variance: float, observation: Observation, age: float) -> tuple[float, float]:
    noise = SPREAD[observation.kind] ** 2 + DRIFT_PER_YEAR * age
    gain = variance / (variance + noise)
    return mean + gain * (observation.level - _faded(age) - mean), variance * (1 - gain)


def _moments(mean: float, variance: float, likelihood: Callable[[Vector], Vector]) -> tuple[float, float]:
    """Return the posterior moments under a likelihood, on a grid of ±5 standard deviations."""
    points = mean + np.sqrt(variance) * GRID
    weights = np.exp(-0.5 * GRID**2) * likelihood(points)
    weights /= weights.sum()
    after = float(weights @ points)
    return after, float(weights @ (points - after) ** 2)


def _answer(item: Item, correct: bool, age: float) -> Callable[[Vector], Vector]:
    softened = item.discrimination / np.sqrt(1 + item.discrimination**2 * DRIFT_PER_YEAR * age / 2.89)
    aged = Item(difficulty=item.difficulty - _faded(age), discrimination=float(softened), guessing=item.guessing)

    def likelihood(levels: Vector) -> Vector:
        right = probability_correct(aged, levels)
        return right if correct else 1 - right

    return likelihood


def _rating(level: float, age: float) -> Callable[[Vector], Vector]:
    """Say how likely a self-rating is, given the part of it that follows from the level and from the person's offset.

    It stands for all that rounds to it; 0 and 5 stand for anything beyond.
    """
    spread = np.sqrt((1 - RATING_OFFSET) * RATING_ERROR + RATING_SLOPE**2 * DRIFT_PER_YEAR * age)
    low = -np.inf if level <= 0 else level - 0.5
    high = np.inf if level >= 5 else level + 0.5
    start = RATING_OPTIMISM + (1 - RATING_SLOPE) * PRIOR_MEAN

    def likelihood(points: Vector) -> Vector:
        inside = ndtr((high - start - points) / spread) - ndtr((low - start - points) / spread)
        return np.asarray(np.maximum(inside, SLIP))

    return likelihood


def _faded(age: float) -> float:
    """Return the levels lost to forgetting after ``age`` years."""
    return float(FADING * (1 - np.exp(-age)))


def _result(mean: float, variance: float, own: Sequence[Observation]) -> Estimate:
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
