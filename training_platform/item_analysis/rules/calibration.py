"""Item parameters from answers: marginal maximum likelihood by EM, anchored so that levels keep their meaning.

Model: P(right) = c + (1 - c) / (1 + exp(-a (level - b))) with c fixed. Bock and Aitkin 1981 (Psychometrika 46), with a
prior on each item around its author's value (Mislevy 1986): b ~ N(author's b, 0.5²), log a ~ N(log author's a, 0.3²).

The anchor. A scale of levels has no origin of its own: moving all people and all items by the same amount changes no
probability. Here the people's mean and spread are free, one pair for each kind of occasion, and only the authors'
steps hold the scale: as data say nothing about a common shift, the best one is that with which the mean of the
calibrated difficulties is the mean of what the authors intended. So a stronger or weaker population moves the
population, not the questions. With the people's prior as anchor, teaching everybody would make every question easier.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import expit

Vector = NDArray[np.float64]
Whole = NDArray[np.int64]
Truth = NDArray[np.bool_]

GRID = np.linspace(-4.0, 9.0, 66)
"""Levels at which the people's distribution is summed: 0.2 apart, well beyond the scale at both ends."""
DIFFICULTY_SPREAD = 0.5
"""How far, in levels, a question usually lies from its author's step."""
SLOPE_SPREAD = 0.3
"""The same for the logarithm of the discrimination."""
FREE_FROM = 1000
"""Answers from which a question gets a discrimination of its own (2PL): with fewer it claims more than it knows."""
LONGEST_STEP = 0.5
CHUNK = 20_000


@dataclass(frozen=True, kw_only=True)
class Responses:
    """Answers as parallel arrays; an examinee is one person on one occasion, as levels move between occasions."""

    examinee: Whole
    """Shape (answers,): 0 to examinees - 1."""
    item: Whole
    """Shape (answers,): 0 to items - 1."""
    correct: Truth
    """Shape (answers,)."""
    group: Whole
    """Shape (examinees,): the population, from 0, that each examinee comes from."""


@dataclass(frozen=True, kw_only=True)
class Authored:
    """What the authors intended, shape (items,) each: difficulty on the level scale, discrimination, guessing."""

    difficulty: Vector
    discrimination: Vector
    guessing: Vector


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """Item parameters with their standard errors, shape (items,); the populations' moments, shape (groups,)."""

    difficulty: Vector
    difficulty_se: Vector
    discrimination: Vector
    discrimination_se: Vector
    """Zero where the author's discrimination was kept."""
    mean: Vector
    sd: Vector
    iterations: int
    change: float
    """The largest change of a parameter in the last iteration, in levels."""
    converged: bool
    log_likelihood: float


def calibrate(
    responses: Responses,
    authored: Authored,
    *,
    free_from: int | None = None,
    spread: float = DIFFICULTY_SPREAD,
    slope_spread: float = SLOPE_SPREAD,
    tolerance: float = 5e-4,
    most: int = 300,
    report: Callable[[int, float], None] | None = None,
) -> Calibration:
    """Return the parameters; discriminations move only for items with ``free_from`` answers, not at all where None."""
    problem = _Problem(responses, authored, free_from, spread, slope_spread)
    change, iteration = np.inf, 0
    while iteration < most and change > tolerance:
        iteration += 1
        change = problem.improve()
        if report is not None:
            report(iteration, change)
    posterior, likelihood = problem.expect()
    errors = problem.errors(posterior)
    return Calibration(
        difficulty=problem.b,
        difficulty_se=errors[0],
        discrimination=np.exp(problem.log_a),
        discrimination_se=np.where(problem.free, errors[1] * np.exp(problem.log_a), 0.0),
        mean=problem.mean,
        sd=problem.sd,
        iterations=iteration,
        change=float(change),
        converged=bool(change <= tolerance),
        log_likelihood=likelihood,
    )


class _Problem:
    """The state of the EM: parameters so far, and the answers as two sparse matrices (examinees × items)."""

    def __init__(
        self, responses: Responses, authored: Authored, free_from: int | None, spread: float, slope_spread: float
    ) -> None:
        self.responses, self.authored = responses, authored
        items, examinees = len(authored.difficulty), len(responses.group)
        answers = np.bincount(responses.item, minlength=items)
        self.free = answers >= free_from if free_from is not None else np.zeros(items, dtype=bool)
        self.spread, self.slope_spread = spread, slope_spread
        self.b = authored.difficulty.copy()
        self.log_a = np.log(authored.discrimination)
        self.mean = np.full(responses.group.max(initial=0) + 1, authored.difficulty.mean())
        self.sd = np.ones_like(self.mean)
        self.right, self.wrong = (
            csr_array((np.ones(kept.sum()), (responses.examinee[kept], responses.item[kept])), shape=(examinees, items))
            for kept in (responses.correct, ~responses.correct)
        )

    def improve(self) -> float:
        """Do one round of EM; return the largest change of a parameter."""
        before = np.concatenate([self.b, self.log_a, self.mean, self.sd])
        posterior, _ = self.expect()
        self._move_people(posterior)
        right, wrong = self.right.T @ posterior, self.wrong.T @ posterior
        for _ in range(2):
            self._move_items(right, wrong)
        self._anchor()
        return float(np.abs(np.concatenate([self.b, self.log_a, self.mean, self.sd]) - before).max())

    def expect(self) -> tuple[Vector, float]:
        """Return each examinee's distribution over the grid, shape (examinees, levels), and the log-likelihood."""
        chance = probability(self.b, np.exp(self.log_a), self.authored.guessing, GRID)
        density = np.exp(-0.5 * ((GRID - self.mean[:, None]) / self.sd[:, None]) ** 2)
        density /= density.sum(axis=1, keepdims=True)
        logs = (
            self.right @ np.log(chance)
            + self.wrong @ np.log1p(-chance)
            + np.log(density + 1e-300)[self.responses.group]
        )
        highest = logs.max(axis=1, keepdims=True)
        weights = np.exp(logs - highest)
        total = weights.sum(axis=1, keepdims=True)
        return weights / total, float((np.log(total) + highest).sum())

    def _move_people(self, posterior: Vector) -> None:
        for group in range(len(self.mean)):
            share = posterior[self.responses.group == group].mean(axis=0)
            self.mean[group] = share @ GRID
            self.sd[group] = max(np.sqrt(share @ (GRID - self.mean[group]) ** 2), 0.1)

    def _move_items(self, right: Vector, wrong: Vector) -> None:
        """Take one step of Fisher scoring for all items at once; ``right`` and ``wrong`` have shape (items, levels)."""
        by_b, by_a, chance = self._slopes()
        pull = right / chance - wrong / (1 - chance)
        weight = (right + wrong) / (chance * (1 - chance))
        score_b = (pull * by_b).sum(axis=1) - (self.b - self.authored.difficulty) / self.spread**2
        score_a = (pull * by_a).sum(axis=1) - (self.log_a - np.log(self.authored.discrimination)) / self.slope_spread**2
        bb = (weight * by_b**2).sum(axis=1) + 1 / self.spread**2
        aa = (weight * by_a**2).sum(axis=1) + 1 / self.slope_spread**2
        ab = np.where(self.free, (weight * by_a * by_b).sum(axis=1), 0.0)
        score_a = np.where(self.free, score_a, 0.0)
        determinant = bb * aa - ab**2
        self.b = self.b + _short((aa * score_b - ab * score_a) / determinant)
        self.log_a = self.log_a + _short((bb * score_a - ab * score_b) / determinant)

    def _slopes(self) -> tuple[Vector, Vector, Vector]:
        """Return how the chance of a right answer changes with b and with log a, and the chance; (items, levels) each."""
        a, distance = np.exp(self.log_a)[:, None], GRID - self.b[:, None]
        logistic = expit(a * distance)
        guessing = self.authored.guessing[:, None]
        steep = (1 - guessing) * logistic * (1 - logistic) * a
        return -steep, steep * distance, _inside(guessing + (1 - guessing) * logistic)

    def _anchor(self) -> None:
        """Shift people and items together, so that the mean difficulty is the one that the authors intended."""
        shift = (self.b - self.authored.difficulty).mean()
        self.b = self.b - shift
        self.mean = self.mean - shift

    def errors(self, posterior: Vector) -> tuple[Vector, Vector]:
        """Return the standard errors of b and log a by the squared scores of the answers, what the prior knows included."""
        by_b, by_a, chance = self._slopes()
        sums = np.zeros((3, len(self.b)))
        answers = self.responses
        for start in range(0, len(answers.item), CHUNK):
            part = slice(start, start + CHUNK)
            item = answers.item[part]
            pull = np.where(answers.correct[part, None], 1 / chance[item], -1 / (1 - chance[item]))
            levels = posterior[answers.examinee[part]]
            score_b = (levels * pull * by_b[item]).sum(axis=1)
            score_a = (levels * pull * by_a[item]).sum(axis=1)
            for place, product in enumerate((score_b**2, score_a**2, score_a * score_b)):
                sums[place] += np.bincount(item, product, minlength=len(self.b))
        bb, aa = sums[0] + 1 / self.spread**2, sums[1] + 1 / self.slope_spread**2
        ab = np.where(self.free, sums[2], 0.0)
        determinant = bb * aa - ab**2
        return np.sqrt(aa / determinant), np.sqrt(bb / determinant)


def probability(difficulty: Vector, discrimination: Vector, guessing: Vector, levels: Vector) -> Vector:
    """Return the chance of a right answer, shape (items, levels), kept away from 0 and 1."""
    logistic = expit(discrimination[:, None] * (levels - difficulty[:, None]))
    return _inside(guessing[:, None] + (1 - guessing[:, None]) * logistic)


def _inside(chance: Vector) -> Vector:
    return np.asarray(np.clip(chance, 1e-9, 1 - 1e-9))


def _short(step: Vector) -> Vector:
    return np.asarray(np.clip(step, -LONGEST_STEP, LONGEST_STEP))
