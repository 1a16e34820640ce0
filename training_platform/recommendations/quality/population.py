"""People drawn over the shipped role profiles, with the shipped catalogue: truth known, answers in error as in life."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from training_platform.catalogue.package import read_folder
from training_platform.framework.files import read_framework
from training_platform.framework.rules import Framework
from training_platform.recommendations.rules import PlannedModule

WRONG_BY_ONE = 0.2
"""Share of levels believed one too high, and the share believed one too low: what a short placement leaves."""


@dataclass(frozen=True, kw_only=True)
class Learner:
    """A person whose levels are known, and what is believed of them."""

    truth: Mapping[str, int]
    believed: Mapping[str, int]
    targets: Mapping[str, int]
    minutes_per_week: int


def shipped_modules(content: Path, *, planned: bool) -> tuple[PlannedModule, ...]:
    """Return the modules of the content folder; ``planned`` takes blueprints without lessons as if they were written."""
    packages = [read_folder(folder) for folder in sorted((content / "modules").iterdir())]
    return tuple(
        PlannedModule(
            id=package.head.code,
            minutes=package.head.minutes,
            requires=tuple(package.head.requires),
            steps=tuple((s.c, n) for s in package.head.steps for n in range(s.from_level, s.to)),
        )
        for package in packages
        if planned or not package.planned
    )


def people(framework: Framework, number: int, source: random.Random) -> list[Learner]:
    """Return people over all role profiles, from beginners to nearly there."""
    roles = sorted(framework.roles)
    drawn = []
    for _ in range(number):
        targets = framework.roles[source.choice(roles)].targets
        ability = source.random()
        truth = {c: sum(source.random() < ability * 0.8 for _ in range(level)) for c, level in targets.items()}
        believed = {c: min(max(level + _error(source), 0), 5) for c, level in truth.items()}
        drawn.append(
            Learner(
                truth=truth, believed=believed, targets=targets, minutes_per_week=source.choice((15, 20, 30, 45, 60))
            )
        )
    return drawn


def _error(source: random.Random) -> int:
    chance = source.random()
    return 1 if chance < WRONG_BY_ONE else -1 if chance > 1 - WRONG_BY_ONE else 0


def by_demand(framework: Framework, modules: tuple[PlannedModule, ...]) -> list[str]:
    """Return module ids by how many role profiles ask for one of their steps: what everybody takes."""
    demand = Counter(
        {
            module.id: sum(
                any(role.targets.get(c, 0) > n for c, n in module.steps) for role in framework.roles.values()
            )
            for module in modules
        }
    )
    return [key for key, _ in sorted(demand.items(), key=lambda pair: (-pair[1], pair[0]))]


__all__ = ["Learner", "by_demand", "people", "read_framework", "shipped_modules"]
