"""Statistics of one question from its answers: discrimination, options, drift, differential functioning.

People are compared at equal level: the level that the *other* answers of the same occasion suggest. That works where
everybody answered different questions, as an adaptive test has it, where a sum of right answers would not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.special import chdtrc

from training_platform.item_analysis.rules.calibration import (
    CHUNK,
    GRID,
    Authored,
    Responses,
    Truth,
    Vector,
    probability,
)

ENOUGH = 50
"""Answers from which anything is said of a question."""
ENOUGH_OF_A_GROUP = 100
"""Answers of each of two groups from which they are compared."""
STRATA = 5
"""Classes of equal level within which two groups are compared."""
ETS = -2.35
"""Turns a logarithm of odds into the delta scale of the Educational Testing Service (Holland and Thayer 1988)."""
SURE = 0.05
NOBODY = 0.02
"""Share of choices below which an option does no work."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Two groups compared at equal level: Mantel-Haenszel chi-squared, delta difference, ETS class A, B or C."""

    answers: tuple[int, int]
    """Of the reference group and of the group looked at."""
    right: tuple[float, float]
    """Their shares of right answers, as they are."""
    chi_squared: float
    p: float
    delta: float
    """Negative where the question is harder for the group looked at; one step of difficulty is about 4."""
    delta_se: float
    kind: str


@dataclass(frozen=True, kw_only=True)
class OptionUse:
    """How often an option was chosen, and the level of those who chose it."""

    id: str
    chosen: int
    share: float
    level: float | None
    """None where nobody chose it."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """All answers to one question as parallel arrays, in the order of their time."""

    correct: Truth
    level: Vector
    """The level that the other answers of the same occasion suggest."""
    options: Sequence[frozenset[str]]
    """The options chosen with each answer; empty for "I don't know" and for kinds without options."""
    groups: Mapping[str, Truth]
    """Membership by the name of each group that is compared with everybody else."""


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """What the answers to one question show."""

    answers: int
    right: float
    discrimination: float | None
    """Correlation of a right answer with the level that the other answers suggest; None where it is undefined."""
    options: tuple[OptionUse, ...]
    drift: Difference | None
    """Later answers against earlier ones."""
    groups: Mapping[str, Difference]

    @property
    def enough(self) -> bool:
        """Tell whether there are answers enough to say anything."""
        return self.answers >= ENOUGH


def other_levels(responses: Responses, items: Authored, mean: float, sd: float) -> Vector:
    """Return for each answer the level that the examinee's other answers suggest, from a population N(mean, sd²)."""
    chance = probability(items.difficulty, items.discrimination, items.guessing, GRID)
    logs = np.stack([np.log1p(-chance), np.log(chance)])
    of_answer = responses.correct.astype(int)
    sums = np.tile(-0.5 * ((GRID - mean) / sd) ** 2, (len(responses.group), 1))
    shape = (len(responses.group), len(items.difficulty))
    for right in (0, 1):
        kept = of_answer == right
        places = (responses.examinee[kept], responses.item[kept])
        sums += csr_array((np.ones(kept.sum()), places), shape=shape) @ logs[right]
    levels = np.zeros(len(responses.item))
    for start in range(0, len(levels), CHUNK):
        part = slice(start, start + CHUNK)
        others = sums[responses.examinee[part]] - logs[of_answer[part], responses.item[part]]
        weights = np.exp(others - others.max(axis=1, keepdims=True))
        levels[part] = (weights @ GRID) / weights.sum(axis=1)
    return levels


def statistics_of(answers: Answers, option_ids: Sequence[str] = ()) -> Statistics:
    """Return the statistics of one question; groups that are too small are left out."""
    number = len(answers.correct)
    late = np.arange(number) >= number // 2
    groups = {name: compare(answers.correct, answers.level, inside) for name, inside in answers.groups.items()}
    return Statistics(
        answers=number,
        right=float(answers.correct.mean()) if number else 0.0,
        discrimination=_correlation(answers.correct.astype(float), answers.level),
        options=tuple(_use(answers, option) for option in option_ids),
        drift=compare(answers.correct, answers.level, late),
        groups={name: found for name, found in groups.items() if found is not None},
    )


def _correlation(first: Vector, second: Vector) -> float | None:
    if len(first) < 3 or first.std() < 1e-9 or second.std() < 1e-9:
        return None
    return float(np.corrcoef(first, second)[0, 1])


def _use(answers: Answers, option: str) -> OptionUse:
    chosen = np.array([option in one for one in answers.options], dtype=bool)
    return OptionUse(
        id=option,
        chosen=int(chosen.sum()),
        share=float(chosen.mean()) if len(chosen) else 0.0,
        level=float(answers.level[chosen].mean()) if chosen.any() else None,
    )


def compare(correct: Truth, level: Vector, focal: Truth) -> Difference | None:
    """Compare a group with everybody else at equal level (Mantel and Haenszel 1959); None where one is too small."""
    sizes = int((~focal).sum()), int(focal.sum())
    if min(sizes) < ENOUGH_OF_A_GROUP:
        return None
    tables = np.array([_table(correct[here], focal[here]) for here in _strata(level)])
    tables = tables[tables.sum(axis=(1, 2)) > 1]
    chi_squared = _chi_squared(tables)
    delta, error = _delta(tables)
    p = float(chdtrc(1, chi_squared))
    return Difference(
        answers=sizes,
        right=(float(correct[~focal].mean()), float(correct[focal].mean())),
        chi_squared=chi_squared,
        p=p,
        delta=delta,
        delta_se=error,
        kind=_ets_class(p, delta, error),
    )


def _strata(level: Vector) -> list[Truth]:
    """Split answers into classes of equal size by level."""
    edges = np.unique(np.quantile(level, np.linspace(0, 1, STRATA + 1)[1:-1]))
    place = np.searchsorted(edges, level, side="right")
    return [place == number for number in range(len(edges) + 1)]


def _table(correct: Truth, focal: Truth) -> Vector:
    """Return right and wrong answers of the reference group and of the focal one, shape (2, 2)."""
    return np.array(
        [[(correct & ~focal).sum(), (~correct & ~focal).sum()], [(correct & focal).sum(), (~correct & focal).sum()]],
        dtype=float,
    )


def _chi_squared(tables: Vector) -> float:
    """Return the Mantel-Haenszel chi-squared with continuity correction, one degree of freedom."""
    rows, columns, total = tables.sum(axis=2), tables.sum(axis=1), tables.sum(axis=(1, 2))
    expected = rows[:, 0] * columns[:, 0] / total
    variance = (rows.prod(axis=1) * columns.prod(axis=1) / (total**2 * (total - 1))).sum()
    if variance <= 0:
        return 0.0
    return float(max(abs((tables[:, 0, 0] - expected).sum()) - 0.5, 0.0) ** 2 / variance)


def _delta(tables: Vector) -> tuple[float, float]:
    """Return the common odds ratio on the delta scale and its standard error (Robins, Breslow and Greenland 1986)."""
    total = tables.sum(axis=(1, 2))
    same = tables[:, 0, 0] * tables[:, 1, 1] / total
    other = tables[:, 0, 1] * tables[:, 1, 0] / total
    r, s = same.sum(), other.sum()
    if r <= 0 or s <= 0:
        return 0.0, 0.0
    p, q = (tables[:, 0, 0] + tables[:, 1, 1]) / total, (tables[:, 0, 1] + tables[:, 1, 0]) / total
    variance = (
        (p * same).sum() / (2 * r**2) + (p * other + q * same).sum() / (2 * r * s) + (q * other).sum() / (2 * s**2)
    )
    return float(ETS * np.log(r / s)), float(abs(ETS) * np.sqrt(variance))


def _ets_class(p: float, delta: float, error: float) -> str:
    """Return A (negligible), B (moderate) or C (large), by the rules of the Educational Testing Service."""
    if p >= SURE or abs(delta) < 1.0:
        return "A"
    large = abs(delta) >= 1.5 and error > 0 and (abs(delta) - 1.0) / error > 1.645
    return "C" if large else "B"
