"""People whose levels are known, the catalogue that they meet, and how they answer."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from training_platform.assessment.item_parameters import item_of
from training_platform.assessment.rules import Item, probability_correct
from training_platform.assessment.rules.estimate import (
    CORRELATION,
    PRIOR_MEAN,
    PRIOR_SD,
    RATING_CORRELATION,
    RATING_OFFSET,
    RATING_OPTIMISM,
    RATING_SD,
    WITHIN_DOMAIN,
    correlations,
)
from training_platform.assessment.rules.selection import Candidate
from training_platform.catalogue.package import read_folder
from training_platform.framework.files import read_framework
from training_platform.framework.rules import Framework
from training_platform.recommendations.rules import Plan, PlannedModule, Step

CONTENT = Path(__file__).parents[3] / "content"
KINDS = ("prior", "guessing", "wrong parameters", "wrong correlations", "fatigue", "over-raters")
TIRED_AFTER = 10
LUCK = 0.1
"""How much likelier a right guess is than the estimate expects, where people guess well."""
LOOSE = 0.1, 0.3
"""Correlations lower than the estimate expects: the direction that makes it claim too much."""


@dataclass(frozen=True, kw_only=True)
class World:
    """What stays the same for all people: framework, catalogue, bank, safety-relevant steps."""

    framework: Framework
    modules: tuple[PlannedModule, ...]
    bank: tuple[Candidate, ...]
    safety: frozenset[Step]


class Person:
    """Somebody whose levels are known, and how they rate themselves and answer."""

    def __init__(
        self, world: World, kind: str, source: np.random.Generator, rating_correlation: float = RATING_CORRELATION
    ) -> None:
        role = world.framework.roles[source.choice(sorted(world.framework.roles))]
        taught = {step for module in world.modules for step in module.steps}
        reachable = {
            c: max((n + 1 for n in range(level) if (c, n) in taught), default=0) for c, level in role.targets.items()
        }
        self.targets = {c: level for c, level in reachable.items() if level}
        names = sorted(world.framework.competencies)
        tied = LOOSE if kind == "wrong correlations" else (CORRELATION, WITHIN_DOMAIN)
        covariance = PRIOR_SD**2 * correlations(names, *tied)
        theta = source.multivariate_normal([PRIOR_MEAN] * len(names), covariance)
        self.theta: Mapping[str, float] = dict(zip(names, map(float, theta), strict=True))
        self.levels = {c: int(np.clip(np.floor(t + 0.5), 0, 5)) for c, t in self.theta.items()}
        self.rated = self._rate(kind, source, rating_correlation)
        self.kind, self.source, self.answers = kind, source, 0
        self.paths: dict[tuple[int, ...], Plan] = {}

    def _rate(self, kind: str, source: np.random.Generator, correlation: float) -> dict[str, int]:
        """Rate oneself in the competencies of the role: the level shows through, and so does the person."""
        error = RATING_SD * np.sqrt(1 - correlation**2)
        offset = source.normal(0, error * np.sqrt(RATING_OFFSET))
        start = PRIOR_MEAN + offset + RATING_OPTIMISM + (1.0 if kind == "over-raters" else 0.0)
        slope, own = correlation * RATING_SD / PRIOR_SD, error * np.sqrt(1 - RATING_OFFSET)
        return {
            c: int(np.clip(round(start + slope * (self.theta[c] - PRIOR_MEAN) + source.normal(0, own)), 0, 5))
            for c in sorted(self.targets)
        }

    def answer(self, question: Candidate) -> bool:
        """Answer one question, as this kind of person does."""
        true = question.item
        if self.kind == "guessing":
            true = replace(true, guessing=true.guessing + LUCK)
        elif self.kind == "wrong parameters":
            own = np.random.default_rng(question.id)
            true = replace(
                true,
                difficulty=true.difficulty + own.normal(0, 0.4),
                discrimination=true.discrimination * own.lognormal(0, 0.25),
            )
        chance = float(probability_correct(true, self.theta[question.competency]))
        self.answers += 1
        if self.kind == "fatigue" and self.answers > TIRED_AFTER:
            chance *= 0.85
        return bool(self.source.random() < chance)


def world_of(content: Path, items: int | None, seed: int, sharper: float = 1.0) -> World:
    """Return the shipped catalogue with its bank, or a made bank of so many questions; each so many times as telling."""
    packages = [
        package for folder in sorted((content / "modules").iterdir()) if not (package := read_folder(folder)).planned
    ]
    modules = tuple(
        PlannedModule(
            id=p.head.code,
            minutes=p.head.minutes,
            requires=tuple(p.head.requires),
            steps=tuple((s.c, n) for s in p.head.steps for n in range(s.from_level, s.to)),
        )
        for p in packages
    )
    asked = [(q.step.c, item_of(q)) for p in packages for q in p.questions if not q.reserved]
    if items:
        asked = _made(modules, items, random.Random(seed))
    return World(
        framework=read_framework(content),
        modules=modules,
        bank=tuple(Candidate(id=k, competency=c, item=_sharper(item, sharper)) for k, (c, item) in enumerate(asked)),
        safety=frozenset((q.step.c, q.step.from_level) for p in packages for q in p.questions if q.safety),
    )


def _sharper(item: Item, times: float) -> Item:
    return replace(item, discrimination=item.discrimination * times, guessing=item.guessing / times)


def _made(modules: tuple[PlannedModule, ...], items: int, source: random.Random) -> list[tuple[str, Item]]:
    """Return a bank that goes round all steps, with questions of the kinds that the shipped one has."""
    steps = sorted({step for module in modules for step in module.steps})
    kinds = [(0.3, 0.1), (0.0, 0.25), (0.0, 0.25), (-0.3, 0.33)]
    made = []
    for k in range(items):
        competency, start = steps[k % len(steps)]
        shift, guessing = source.choice(kinds)
        made.append((competency, Item(difficulty=start + 0.5 + shift, discrimination=1.8, guessing=guessing)))
    return made
