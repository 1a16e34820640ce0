"""What would change a path: each statement is found by re-planning, so that it holds when it is applied.

Counterfactual explanations in the sense of Wachter, Mittelstadt and Russell (2018): the nearest change of a person's
situation that changes the outcome, told without opening the algorithm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from training_platform.recommendations.rules.planner import plan
from training_platform.recommendations.rules.request import (
    Plan,
    Request,
    Step,
    Stop,
    bundle,
    closure,
    standing,
    wanted_steps,
)

MOST_WEEKLY_STEPS = 24
"""How many paces above the present one are tried for what would come next."""


@dataclass(frozen=True, kw_only=True)
class Counterfactual:
    """A change of the request and what it does to one module: it leaves the path, or enters it."""

    module: str
    enters: bool
    levels: Mapping[str, int] = field(default_factory=dict)
    """Levels that would be held."""
    minutes: int | None = None
    """Minutes in all that there would be."""
    refused: str | None = None
    """A module that would be refused."""
    unpinned: bool = False
    """The person would no longer keep it in any case."""
    lifted: tuple[str, ...] = ()
    """Obligations that would be lifted."""


def applied(request: Request, change: Counterfactual) -> Request:
    """Return the request as it would be."""
    levels = dict(request.levels)
    for competency, level in change.levels.items():
        levels[competency] = max(level, levels.get(competency, 0))
    return replace(
        request,
        levels=levels,
        minutes=request.minutes if change.minutes is None else change.minutes,
        refused=request.refused | ({change.refused} if change.refused else set()),
        pinned=request.pinned - ({change.module} if change.unpinned else set()),
        obligations=tuple(o for o in request.obligations if o.id not in change.lifted),
    )


def holds(request: Request, change: Counterfactual) -> bool:
    """Tell, by planning again, whether the change does what it says."""
    return (change.module in plan(applied(request, change)).ids) == change.enters


def what_removes(request: Request, stop: Stop, found: Plan, step: int) -> list[Counterfactual]:
    """Return what would take a stop out of the path: a level shown, fewer minutes, a choice or an obligation undone.

    ``step`` is the grain of minutes in all that makes sense to the person (five minutes a week, for instance).
    """
    changes = [*_level_shown(stop), *_refusal(stop), *_lifted(request, stop)]
    kept = [change for change in changes if holds(request, change)]
    return [*kept, *_fewer_minutes(request, stop.module.id, found, step)]


def _level_shown(stop: Stop) -> Iterator[Counterfactual]:
    if stop.climbs:
        levels: dict[str, int] = {}
        for competency, start in stop.climbs:
            levels[competency] = max(start + 1, levels.get(competency, 0))
        yield Counterfactual(module=stop.module.id, enters=False, levels=levels)


def _refusal(stop: Stop) -> Iterator[Counterfactual]:
    if not stop.climbs and stop.serves:
        yield Counterfactual(module=stop.module.id, enters=False, refused=stop.serves[0])


def _lifted(request: Request, stop: Stop) -> Iterator[Counterfactual]:
    pinned = stop.module.id in request.pinned
    if pinned or stop.obligations:
        yield Counterfactual(module=stop.module.id, enters=False, unpinned=pinned, lifted=stop.obligations)


def _fewer_minutes(request: Request, module: str, found: Plan, step: int) -> list[Counterfactual]:
    """Search, by halving, for the most minutes below the present ones at which the module leaves."""
    budget = found.minutes if request.minutes is None else min(request.minutes, found.minutes)
    low, high = 0, -(-budget // step)
    if module in request.pinned or not _leaves(request, module, 0):
        return []
    while high - low > 1:
        middle = (low + high) // 2
        if _leaves(request, module, middle * step):
            low = middle
        else:
            high = middle
    return [Counterfactual(module=module, enters=False, minutes=low * step)]


def _leaves(request: Request, module: str, minutes: int) -> bool:
    return module not in plan(replace(request, minutes=minutes)).ids


def what_enters_next(request: Request, found: Plan, step: int) -> Counterfactual | None:
    """Return the least more minutes, in grains of ``step``, with which a module enters, and that module."""
    if request.minutes is None or not wanted_steps(request):
        return None
    everything = plan(replace(request, minutes=None))
    if everything.gain <= found.gain:
        return None
    for more in range(1, MOST_WEEKLY_STEPS + 1):
        larger = plan(replace(request, minutes=request.minutes + more * step))
        new = [key for key in larger.ids if key not in found.ids]
        if new and larger.gain > found.gain:
            return Counterfactual(module=new[0], enters=True, minutes=request.minutes + more * step)
    return None


Verdict = Literal[
    "in_path",
    "completed",
    "refused",
    "not_written",
    "not_needed",
    "requires_refused",
    "ground_missing",
    "no_time",
    "better_used",
]


@dataclass(frozen=True, kw_only=True)
class WhyNot:
    """Why a module is not in the path, and what taking it anyway would cost."""

    module: str
    verdict: Verdict
    blocked_by: tuple[str, ...] = ()
    """Refused modules that it requires."""
    missing: tuple[str, int] | None = None
    """A lower step that must come first and that the path does not climb."""
    minutes: int | None = None
    """Minutes in all with which it would enter."""
    leaving: tuple[str, ...] = ()
    """Modules that would leave if it were kept in any case."""
    loss: float = 0.0
    """Weighted steps that the path would lose then."""


def why_not(request: Request, found: Plan, module: str, step: int) -> WhyNot:
    """Explain the absence of a module, by planning again with it."""
    by_id = standing(request)
    if module in found.ids:
        return WhyNot(module=module, verdict="in_path")
    if module in request.completed:
        return WhyNot(module=module, verdict="completed")
    if module in request.refused:
        return WhyNot(module=module, verdict="refused")
    refused = tuple(sorted(bundle(by_id, module, set(request.completed)) & request.refused))
    if refused:
        return WhyNot(module=module, verdict="requires_refused", blocked_by=refused)
    needed = wanted_steps(request)
    if module not in closure(request, needed):
        return WhyNot(module=module, verdict="not_needed")
    return _no_room(request, found, module, step)


def _no_room(request: Request, found: Plan, module: str, step: int) -> WhyNot:
    everything = plan(replace(request, minutes=None))
    kept = plan(replace(request, pinned=request.pinned | {module}))
    leaving = tuple(key for key in found.ids if key not in kept.ids)
    if module not in everything.ids:
        missing = _missing_ground(request, everything, module)
        verdict: Verdict = "ground_missing" if missing else "better_used"
        climbed = {step for stop in found.stops for step in stop.climbs}
        if not missing and any(s in wanted_steps(request) - climbed for s in _steps_of(request, module)):
            verdict = "no_time"
        return WhyNot(
            module=module, verdict=verdict, missing=missing, leaving=leaving, loss=max(found.gain - kept.gain, 0.0)
        )
    minutes = None
    if request.minutes is not None:
        grains = range(1, MOST_WEEKLY_STEPS + 1)
        tried = (request.minutes + more * step for more in grains)
        minutes = next((m for m in tried if module in plan(replace(request, minutes=m)).ids), None)
    return WhyNot(
        module=module, verdict="no_time", minutes=minutes, leaving=leaving, loss=max(found.gain - kept.gain, 0.0)
    )


def _steps_of(request: Request, module: str) -> tuple[Step, ...]:
    return next(m.steps for m in request.modules if m.id == module)


def _missing_ground(request: Request, everything: Plan, module: str) -> tuple[str, int] | None:
    """Return a lower step that keeps the module's own steps from counting, even with all the time of the world."""
    climbed = {step for stop in everything.stops for step in stop.climbs}
    steps = _steps_of(request, module)
    lower = ((c, low) for c, start in steps for low in range(request.levels.get(c, 0), start))
    return next((step for step in lower if step not in climbed), None)
