"""What a module that does not exist yet would bring: the planner asked again, with it, for a sample of people."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from training_platform.recommendations.rules import Plan, PlannedModule, Request, Step
from training_platform.recommendations.rules.request import bundle

NEW = "?"
"""The id of the module that does not exist yet: no code of the catalogue looks like it."""
UNTAUGHT_MINUTES = 240
"""What a step costs today that nothing teaches, for choosing what to try: more than the longest way to any other."""
SURE = 1.96
WORTH_AN_HOUR = 60


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A mean over people with its 95 % interval, by the normal approximation."""

    mean: float
    low: float
    high: float
    people: int

    def times(self, factor: float) -> Interval:
        """Return the same for so many times as many people."""
        return replace(self, mean=self.mean * factor, low=self.low * factor, high=self.high * factor)


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A step, the module that could teach it, and what that would change for those who lack it."""

    step: Step
    module: PlannedModule
    steps: Interval
    """Steps more that a person closes within the minutes that they have."""
    minutes: Interval
    """Minutes of training less that a person spends on as many steps."""
    helped: float
    """How many people's paths would take it."""

    def times(self, factor: float) -> Proposal:
        """Return the same for so many times as many people."""
        return replace(
            self, steps=self.steps.times(factor), minutes=self.minutes.times(factor), helped=self.helped * factor
        )


def interval(values: Sequence[float]) -> Interval:
    """Return the mean of some values with its 95 % interval; a single value has no width."""
    mean = statistics.fmean(values) if values else 0.0
    half = SURE * statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0
    return Interval(mean=mean, low=mean - half, high=mean + half, people=len(values))


def minutes_per_step(modules: Iterable[PlannedModule]) -> int:
    """Return what a step costs in the middle module of the catalogue: what a new one may honestly announce."""
    shares = [module.minutes / len(module.steps) for module in modules if module.steps]
    return round(statistics.median(shares)) if shares else 15


def hypothetical(step: Step, modules: Sequence[PlannedModule], minutes: int) -> PlannedModule:
    """Return the module to try: this step alone, after the shortest module that teaches the step below it."""
    below = [m for m in modules if (step[0], step[1] - 1) in m.steps]
    first = min(below, key=lambda m: (m.minutes, m.id), default=None)
    return PlannedModule(id=NEW, minutes=minutes, steps=(step,), requires=(first.id,) if first else ())


def worth_trying(demand: Mapping[Step, float], modules: Sequence[PlannedModule], minutes: int, most: int) -> list[Step]:
    """Return the steps with most to win at best: people who lack it by the minutes that the shortest way to it costs.

    Half of the places are kept for steps that nothing teaches, as long as there are any.
    """
    by_id = {module.id: module for module in modules}
    today: dict[Step, int] = {}
    for module in modules:
        cost = sum(by_id[key].minutes for key in bundle(by_id, module.id, set()))
        for step in module.steps:
            today[step] = min(cost, today.get(step, cost))
    best = {step: people * (today.get(step, UNTAUGHT_MINUTES) - minutes) for step, people in demand.items()}
    ranked = sorted((step for step, value in best.items() if value > 0), key=lambda step: (-best[step], step))
    untaught = [step for step in ranked if step not in today][: most // 2]
    return [*untaught, *[step for step in ranked if step not in untaught]][:most]


def gain(
    module: PlannedModule, people: Sequence[Request], before: Sequence[Plan], plan: Callable[[Request], Plan]
) -> Proposal:
    """Plan again with the module for people who lack its step; gains are for one of them on average."""
    after = [plan(replace(request, modules=(*request.modules, module))) for request in people]
    return Proposal(
        step=module.steps[0],
        module=module,
        steps=interval([new.gain - old.gain for old, new in zip(before, after, strict=True)]),
        minutes=interval([_spared(old, new) for old, new in zip(before, after, strict=True)]),
        helped=sum(NEW in new.ids for new in after) / len(after) if after else 0.0,
    )


def _spared(old: Plan, new: Plan) -> float:
    """Return the minutes spared for the steps that the old path closed, at each path's own pace."""
    if not old.gain or not new.gain:
        return 0.0
    return old.minutes - new.minutes * old.gain / new.gain


def ranked(proposals: Iterable[Proposal]) -> list[Proposal]:
    """Return those that close a step or spare an hour among all people, the best first."""
    useful = [one for one in proposals if one.steps.mean >= 1 or one.minutes.mean >= WORTH_AN_HOUR]
    return sorted(useful, key=lambda one: (-one.steps.mean, -one.minutes.mean, one.step))
