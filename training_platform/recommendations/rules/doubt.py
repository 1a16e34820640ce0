"""What a path hangs on: the modules that knowing enough would spare, and those left out on a belief that may be wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace

from training_platform.assessment.rules.estimate import HELD_WITH, Estimate
from training_platform.assessment.rules.selection import SURE_FOR_SAFETY, Decision, Need
from training_platform.recommendations.rules.request import Plan, Request, Step

BEYOND_DOUBT = 0.97
"""Probability from which nothing is asked about a level any more."""


def needs(
    steps: Collection[Step], safety: Collection[Step], above: Mapping[Step, float] | None = None
) -> tuple[Need, ...]:
    """Return the level that each step leads to, with the certainty that its rule asks for and what builds on the last."""
    last: dict[str, int] = {}
    for competency, start in steps:
        last[competency] = max(start, last.get(competency, 0))
    return tuple(
        Need(
            competency=c,
            level=n + 1,
            sure=SURE_FOR_SAFETY if (c, n) in safety else HELD_WITH,
            lost=(above or {}).get((c, last[c] + 1), 0.0),
        )
        for c, n in sorted(steps)
    )


def decisions_of(found: Plan, safety: Collection[Step], fixed: Collection[str] = ()) -> list[Decision]:
    """Return the modules of a path that knowing enough would take out of it; ``fixed`` ones stay whatever is known.

    A module that others of the path wait for is ground: all that it teaches has to be held, not only what was asked for.
    """
    above = built_on(found)
    return [
        Decision(
            module=stop.module.id,
            minutes=stop.module.minutes,
            needs=needs(stop.module.steps if stop.serves else stop.climbs, safety, above),
        )
        for stop in found.stops
        if stop.module.id not in fixed and (stop.climbs or stop.serves)
    ]


def built_on(found: Plan) -> Mapping[Step, float]:
    """Return the minutes that a path spends on each step, a module's shared among its steps: in vain without ground."""
    spent: defaultdict[Step, float] = defaultdict(float)
    for stop in found.stops:
        for step in stop.module.steps:
            spent[step] += stop.module.minutes / len(stop.module.steps)
    return spent


def doubted(request: Request, estimates: Mapping[str, Estimate]) -> Request:
    """Return the request as if only what is beyond doubt were held: its path has all the modules worth a question."""
    open_steps = {step for module in request.modules if module.id not in request.completed for step in module.steps}
    levels = dict(request.levels)
    for competency, level in levels.items():
        while (
            level
            and (competency, level - 1) in open_steps
            and estimates[competency].probability_of(level) < BEYOND_DOUBT
        ):
            level -= 1
        levels[competency] = level
    return replace(request, levels=levels)
