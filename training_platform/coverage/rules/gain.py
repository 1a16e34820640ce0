"""How much a group of people rose between two moments, by their answers alone.

A person's own estimate moves little after three answers, as it must: it also remembers what came before. A mean of
such estimates would understate what a module brings. So the group is looked at as one: the distribution of levels that
makes its answers most likely, before and after (a normal one, by EM with the questions' parameters fixed: Bock and
Aitkin 1981), and the difference of the means, with an interval from drawing the people again (bootstrap, Efron 1979).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training_platform.assessment.rules import Item, probability_correct
from training_platform.coverage.rules.proposals import Interval

Vector = NDArray[np.float64]
Answered = Sequence[tuple[Item, bool]]
"""One person's answers at one moment: each question's parameters, and whether the answer was right."""

GRID = np.linspace(-4.0, 9.0, 66)
ROUNDS, ROUNDS_AGAIN = 60, 12
"""Of EM: from nowhere, and from the solution for everybody."""
DRAWS = 200
SEED = 3


def rise(before: Sequence[Answered], after: Sequence[Answered]) -> Interval:
    """Return the rise of the mean level with its 95 % interval; both sequences are about the same people, in order."""
    people = len(before)
    draws = np.random.default_rng(SEED).multinomial(people, np.full(people, 1 / people), size=DRAWS)
    first, last = (_means(likelihoods(answers), draws.astype(float)) for answers in (before, after))
    low, high = np.quantile(last[1:] - first[1:], [0.025, 0.975])
    return Interval(mean=float(last[0] - first[0]), low=float(low), high=float(high), people=people)


def _means(likelihood: Vector, draws: Vector) -> Vector:
    """Return the mean level of everybody, then of each draw, shape (1 + draws,)."""
    mean, sd = distribution(likelihood, np.ones(len(likelihood)), 1.0, 1.0, ROUNDS)
    drawn = [distribution(likelihood, weights, mean, sd, ROUNDS_AGAIN)[0] for weights in draws]
    return np.array([mean, *drawn])


def likelihoods(answers: Sequence[Answered]) -> Vector:
    """Return the likelihood of each person's answers at each level of the grid, shape (people, levels)."""
    found = np.ones((len(answers), len(GRID)))
    for place, own in enumerate(answers):
        for item, correct in own:
            chance = probability_correct(item, GRID)
            found[place] *= chance if correct else 1 - chance
    return found


def distribution(likelihood: Vector, weights: Vector, mean: float, sd: float, rounds: int) -> tuple[float, float]:
    """Return mean and spread of the normal distribution under which the answers are most likely, from a first guess."""
    for _ in range(rounds):
        posterior = likelihood * np.exp(-0.5 * ((GRID - mean) / sd) ** 2)
        share = (weights / posterior.sum(axis=1)) @ posterior / weights.sum()
        mean = float(share @ GRID)
        sd = max(float(np.sqrt(share @ (GRID - mean) ** 2)), 0.3)
    return mean, sd
