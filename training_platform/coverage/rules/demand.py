"""Demand for steps against what the live catalogue offers for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from training_platform.organisation.groups import SMALLEST
from training_platform.recommendations.rules import PlannedModule, Step

ENOUGH_QUESTIONS = 6
"""Questions of a step with which its level can be measured (design of the catalogue)."""
SHADES = (0.1, 0.25, 0.5)
"""Shares of people that part the shades of the map."""
TOP = 5
"""The highest level: the map has a column for each step up to it."""


class Offer(IntEnum):
    """What the live catalogue has for a step: each value includes those below."""

    NOTHING = 0
    TAUGHT = 1
    MEASURED = 2
    """At least six questions."""
    EXAMINED = 3
    """And questions kept for exams."""


@dataclass(frozen=True, kw_only=True)
class Needs:
    """One person: levels held, targets, job families."""

    held: Mapping[str, int]
    targets: Mapping[str, int]
    families: frozenset[str]

    def steps(self) -> set[Step]:
        """Return the steps between what is held and what the positions ask for."""
        return {(c, n) for c, target in self.targets.items() for n in range(self.held.get(c, 0), target)}


@dataclass(frozen=True, kw_only=True)
class Supply:
    """What exists for a step: modules, questions open to all, questions kept for exams."""

    modules: tuple[str, ...] = ()
    questions: int = 0
    reserved: int = 0

    @property
    def offer(self) -> Offer:
        """Return how far the step is covered."""
        if not self.modules:
            return Offer.NOTHING
        if self.questions < ENOUGH_QUESTIONS:
            return Offer.TAUGHT
        return Offer.EXAMINED if self.reserved else Offer.MEASURED

    @property
    def missing(self) -> int:
        """Return how many questions are missing for a measurement."""
        return max(ENOUGH_QUESTIONS - self.questions, 0)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One step of one competency: how many people lack it, and what there is for it."""

    step: Step
    people: int | None
    """None where fewer than five lack it, nobody included: a small group is not shown."""
    shade: int
    """0 (fewer than five) to 4 (more than half of the people)."""
    weight: float
    supply: Supply

    @property
    def demand(self) -> float:
        """People who lack the step by the weight of its competency."""
        return (self.people or 0) * self.weight


def lacking(people: Iterable[Needs]) -> Counter[Step]:
    """Count who lacks each step: over a competency these numbers add up to people times gap."""
    counts: Counter[Step] = Counter()
    for person in people:
        counts.update(person.steps())
    return counts


def cell(step: Step, number: float, total: float, weight: float, supply: Supply) -> Cell:
    """Return a cell of the map; ``number`` and ``total`` count people, scaled up where they are a sample."""
    if number < SMALLEST:
        return Cell(step=step, people=None, shade=0, weight=weight, supply=supply)
    shade = 1 + sum(number / total > limit for limit in SHADES)
    return Cell(step=step, people=round(number), shade=shade, weight=weight, supply=supply)


def taught_by(modules: Iterable[PlannedModule]) -> dict[Step, tuple[str, ...]]:
    """Return the modules that teach each step."""
    found: dict[Step, list[str]] = {}
    for module in modules:
        for step in module.steps:
            found.setdefault(step, []).append(module.id)
    return {step: tuple(sorted(ids)) for step, ids in found.items()}
