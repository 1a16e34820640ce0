"""The probability to pass the quiz now: levels sampled from the joint estimate, answers from the item response.

For each of a fixed number of level profiles drawn from the estimate, the number of right answers is a sum of
independent trials, one for each question of the blueprint, with the mean probability of a right answer over the
questions that the domain may draw from; its exact distribution is computed by convolution.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training_platform.assessment.rules import Item, State, probability_correct

PROFILES = 400
SEED = 2026
ENOUGH_KNOWN = 0.5
"""Share of the blueprint about whose competencies something must be known, or nothing is said."""
TOO_WIDE = 0.7
"""A spread from which the figure would tell nothing."""


@dataclass(frozen=True, kw_only=True)
class ExpectedItem:
    """A question that the exam may draw, as its probability needs it."""

    competency: str
    item: Item
    safety: bool = False


@dataclass(frozen=True, kw_only=True)
class Chance:
    """The probability to pass, its middle half over what is not known, and how much is known."""

    likely: float
    low: float
    high: float
    known: float

    @property
    def enough(self) -> bool:
        """Tell whether enough is known to say a figure."""
        return self.known >= ENOUGH_KNOWN and self.high - self.low <= TOO_WIDE


def chance(
    state: State,
    pools: Mapping[str, Sequence[ExpectedItem]],
    counts: Mapping[str, int],
    least: int,
    *,
    safety: bool,
    informed: frozenset[str],
) -> Chance:
    """Return the chance to answer enough of ``counts`` questions per domain rightly.

    ``least`` is the percentage to reach; with ``safety`` all safety questions must be right too. ``informed`` names the
    competencies about which there is evidence. Domains without a pool count as unknown.
    """
    drawn = {domain: n for domain, n in counts.items() if n and pools.get(domain)}
    total = sum(counts.values())
    if not drawn:
        return Chance(likely=0.0, low=0.0, high=1.0, known=0.0)
    levels = _profiles(state)
    right = np.zeros((PROFILES, 1))
    right[:, 0] = 1.0
    vital = np.ones(PROFILES)
    for domain, n in drawn.items():
        p = _mean(state, levels, pools[domain])
        for _ in range(n):
            right = _one_more(right, p)
        if safety and (risky := [one for one in pools[domain] if one.safety]):
            vital *= _mean(state, levels, risky) ** (n * len(risky) / len(pools[domain]))
    needed = math.ceil(least * sum(drawn.values()) / 100)
    passing = right[:, needed:].sum(axis=1) * vital
    told = sum(n * _informed(pools[domain], informed) for domain, n in drawn.items())
    low, high = np.quantile(passing, [0.25, 0.75])
    return Chance(likely=float(passing.mean()), low=float(low), high=float(high), known=told / total)


def _profiles(state: State) -> NDArray[np.float64]:
    """Draw level profiles, shape (PROFILES, K); always the same ones for the same state."""
    size = len(state.competencies)
    root = np.linalg.cholesky(state.covariance + 1e-9 * np.eye(size))
    return np.asarray(state.mean + np.random.default_rng(SEED).standard_normal((PROFILES, size)) @ root.T)


def _mean(state: State, levels: NDArray[np.float64], pool: Sequence[ExpectedItem]) -> NDArray[np.float64]:
    place = {competency: k for k, competency in enumerate(state.competencies)}
    known = [one for one in pool if one.competency in place]
    chances = [probability_correct(one.item, levels[:, place[one.competency]]) for one in known]
    return np.asarray(np.mean(chances, axis=0)) if chances else np.full(len(levels), 0.5)


def _one_more(right: NDArray[np.float64], p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distribution of right answers after one more question."""
    after = np.zeros((right.shape[0], right.shape[1] + 1))
    after[:, :-1] += right * (1 - p)[:, None]
    after[:, 1:] += right * p[:, None]
    return after


def _informed(pool: Sequence[ExpectedItem], informed: frozenset[str]) -> float:
    return sum(one.competency in informed for one in pool) / len(pool)


def in_ten(probability: float) -> int:
    """Return a probability as chances out of ten, never none and never all."""
    return min(max(round(10 * probability), 1), 9)
