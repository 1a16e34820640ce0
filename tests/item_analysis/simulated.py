"""Answers drawn from a known truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training_platform.item_analysis.rules import Authored, Responses

Vector = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Truth:
    """True parameters, what the authors believed, and the answers of one or more populations."""

    difficulty: Vector
    discrimination: Vector
    authored: Authored
    responses: Responses
    grid: NDArray[np.bool_]
    """All answers, shape (people, items), those not given included."""


def simulate(
    seed: int,
    *,
    people: int,
    items: int = 30,
    means: tuple[float, ...] = (1.2,),
    each: int | None = None,
    slopes: float = 0.0,
    guessing: float = 0.0,
    wrong_by: float = 0.4,
) -> Truth:
    """Draw people (as many from each population) and the answers of each to ``each`` items chosen at random."""
    source = np.random.default_rng(seed)
    intended = np.repeat([0.5, 1.5, 2.5], items // 3)
    away = source.normal(0, wrong_by, items)
    difficulty = intended + away - away.mean()
    discrimination = 1.8 * np.exp(source.normal(0, slopes, items)) if slopes else np.full(items, 1.8)
    group = np.repeat(np.arange(len(means)), people)
    levels = np.array(means)[group] + source.normal(0, 1.1, len(group))
    chance = guessing + (1 - guessing) / (1 + np.exp(-discrimination * (levels[:, None] - difficulty)))
    right = source.random(chance.shape) < chance
    rank = np.argsort(np.argsort(source.random(chance.shape), axis=1), axis=1)
    put = rank < (each or items)
    examinee, item = np.nonzero(put)
    return Truth(
        difficulty=difficulty,
        discrimination=discrimination,
        authored=Authored(
            difficulty=intended.astype(float), discrimination=np.full(items, 1.8), guessing=np.full(items, guessing)
        ),
        responses=Responses(examinee=examinee, item=item, correct=right[put], group=group),
        grid=right,
    )


def rmse(found: Vector, truth: Vector) -> float:
    """Return the root of the mean squared difference."""
    return float(np.sqrt(((found - truth) ** 2).mean()))
