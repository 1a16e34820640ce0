"""Chance that gives the same data for the same seed on every machine and version: only ``Random.random`` is promised to."""

from __future__ import annotations

import random
from collections.abc import Sequence
from math import log
from statistics import NormalDist
from typing import TypeVar

Thing = TypeVar("Thing")
STANDARD = NormalDist()


class Chance:
    """Draw numbers from a seed; every draw is made of one or more uniform numbers."""

    def __init__(self, seed: int) -> None:
        self._uniform = random.Random(seed).random

    def below(self, probability: float) -> bool:
        """Tell whether an event of this probability happens."""
        return self._uniform() < probability

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number, both ends included."""
        return low + int(self._uniform() * (high - low + 1))

    def normal(self, mean: float, spread: float) -> float:
        """Draw from a normal distribution."""
        return mean + spread * STANDARD.inv_cdf(min(max(self._uniform(), 1e-9), 1 - 1e-9))

    def pick(self, things: Sequence[Thing]) -> Thing:
        """Draw one of several."""
        return things[self.whole(0, len(things) - 1)]

    def shuffled(self, things: Sequence[Thing]) -> list[Thing]:
        """Return the things in a drawn order."""
        order = list(things)
        for last in range(len(order) - 1, 0, -1):
            other = self.whole(0, last)
            order[last], order[other] = order[other], order[last]
        return order

    def exponential(self, mean: float) -> float:
        """Draw from an exponential distribution."""
        return -mean * log(1 - self._uniform())
