"""What each way of choosing achieves: on single requests, and on simulated learners over twelve weeks."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from training_platform.recommendations.quality.population import Learner
from training_platform.recommendations.rules import PlannedModule, Request, plan, wanted_steps
from training_platform.recommendations.rules.baselines import (
    bundle_greedy,
    gain_of,
    in_sequence,
    plain_greedy,
    shuffled,
)

Policy = Callable[[Request], list[str]]
WEEKS = (4, 8, 12)
LEARNT = 0.85
"""Probability that a module followed on held ground brings its step."""
NO_GAIN_LEFT = 1e-9


def policies(demand: Sequence[str]) -> dict[str, Policy]:
    """Return the ways of choosing, by name; ``demand`` is the order of popularity."""

    def everything(request: Request) -> list[str]:
        targets = request.targets
        asked = [m.id for m in request.modules if any(targets.get(c, 0) > n for c, n in m.steps)]
        return in_sequence(replace(request, levels={}), asked)

    return {
        "exact plan": lambda request: list(plan(request).ids),
        "greedy with bundles": bundle_greedy,
        "plain greedy": plain_greedy,
        "popularity": lambda request: in_sequence(request, demand),
        "chance": lambda request: shuffled(request, 1),
        "everything required, in order": everything,
    }


@dataclass(kw_only=True)
class Score:
    """What one policy did over many requests."""

    share: list[float] = field(default_factory=list)
    """Gain divided by the proven best, per request where there is something to gain."""
    per_hour: list[float] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    proven: int = 0
    gaps: list[float] = field(default_factory=list)
    """Bound minus gain, divided by the bound: the exact planner only."""

    @property
    def best(self) -> float:
        """Share of requests in which nothing better exists."""
        return statistics.fmean(share > 1 - 1e-9 for share in self.share)


def compare(requests: Iterable[Request], ways: Mapping[str, Policy]) -> dict[str, Score]:
    """Return each policy's score over requests; the exact plan is the yardstick."""
    scores = {name: Score() for name in ways}
    for request in requests:
        begun = time.perf_counter()
        found = plan(request)
        exact = scores["exact plan"]
        exact.milliseconds.append((time.perf_counter() - begun) * 1000)
        exact.proven += found.status in ("optimal", "empty")
        exact.gaps.append((found.bound - found.gain) / found.bound if found.bound else 0.0)
        if found.gain > NO_GAIN_LEFT:
            for name, choose in ways.items():
                _score(scores[name], request, list(found.ids) if name == "exact plan" else choose(request), found.gain)
    return scores


def _score(score: Score, request: Request, chosen: list[str], best: float) -> None:
    gain = gain_of(request, chosen)
    minutes = {m.id: m.minutes for m in request.modules}
    spent = sum(minutes[key] for key in chosen)
    score.share.append(gain / best)
    score.per_hour.append(60 * gain / spent if spent else 0.0)


def gap_closed(
    learner: Learner, modules: tuple[PlannedModule, ...], choose: Policy, source: random.Random
) -> list[float]:
    """Return the share of a person's true gap that is closed after 4, 8 and 12 weeks of learning by a policy."""
    world = _World(learner, {m.id: m for m in modules})
    shares = []
    for week in range(1, WEEKS[-1] + 1):
        world.time += learner.minutes_per_week
        world.learn(choose, WEEKS[-1] - week + 1, source)
        if week in WEEKS:
            shares.append(world.closed())
    return shares


class _World:
    """A learner as time goes by: what is true, what is believed, what was followed."""

    def __init__(self, learner: Learner, modules: Mapping[str, PlannedModule]) -> None:
        self.learner, self.modules = learner, modules
        self.truth, self.believed = dict(learner.truth), dict(learner.believed)
        self.followed: set[str] = set()
        self.time = 0

    def learn(self, choose: Policy, weeks_left: int, source: random.Random) -> None:
        """Follow the modules that a policy puts first, as long as the minutes saved up allow."""
        while (next_one := self._next(choose, weeks_left)) is not None and next_one.minutes <= self.time:
            self.time -= next_one.minutes
            self.followed.add(next_one.id)
            for competency, start in next_one.steps:
                if self.truth.get(competency, 0) == start and source.random() < LEARNT:
                    self.truth[competency] = start + 1
                self.believed[competency] = self.truth.get(competency, 0)

    def _next(self, choose: Policy, weeks_left: int) -> PlannedModule | None:
        request = Request(
            levels=self.believed,
            targets=self.learner.targets,
            minutes=self.time + self.learner.minutes_per_week * (weeks_left - 1),
            modules=tuple(self.modules.values()),
            completed=frozenset(self.followed),
        )
        if not wanted_steps(request):
            return None
        chosen = [key for key in choose(request) if key not in self.followed]
        return self.modules[chosen[0]] if chosen else None

    def closed(self) -> float:
        """Return the share of the gap at the start that is closed now."""
        gaps = {c: max(target - self.learner.truth[c], 0) for c, target in self.learner.targets.items()}
        left = {c: max(target - self.truth[c], 0) for c, target in self.learner.targets.items()}
        return 1 - sum(left.values()) / sum(gaps.values())
