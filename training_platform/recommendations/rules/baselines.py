"""Simple ways to choose modules: what the exact planner is compared with, and its net under a time limit."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

from training_platform.recommendations.rules.request import (
    PlannedModule,
    Request,
    Step,
    bundle,
    climbed_by,
    closure,
    wanted_steps,
    weight,
)


def plain_greedy(request: Request) -> list[str]:
    """Take, again and again, the module that may be taken now with the most gain per minute."""
    candidates, needed = _world(request)
    chosen: list[str] = []
    while True:
        free = [k for k, m in candidates.items() if k not in chosen and _ready(m, chosen, candidates)]
        rated = [
            (_rate(request, needed, candidates, chosen, {k}), k)
            for k in free
            if _fits(request, candidates, chosen, {k})
        ]
        best = max(rated, default=(0.0, ""))
        if best[0] <= 0:
            return chosen
        chosen.append(best[1])


def bundle_greedy(request: Request) -> list[str]:
    """Take the bundle (module, its prerequisites, the lower steps of what it teaches) with the most gain per minute."""
    candidates, needed = _world(request)
    chosen: list[str] = []
    for pin in sorted(request.pinned & set(candidates)):
        chosen += sorted(bundle(candidates, pin, set(chosen)))
    bundles = {frozenset(_grounded(candidates, needed, key)) for key in candidates}
    while True:
        rated = [
            (_rate(request, needed, candidates, chosen, set(more)), sorted(more))
            for more in (one - set(chosen) for one in bundles)
            if more and _fits(request, candidates, chosen, more)
        ]
        best = max(rated, default=(0.0, []))
        if best[0] <= 0:
            return chosen
        chosen += best[1]


def in_sequence(request: Request, order: Sequence[str]) -> list[str]:
    """Take modules in a given order, each with its prerequisites, as long as they fit: popularity, chance, the catalogue."""
    candidates, _ = _world(request)
    chosen: list[str] = []
    for key in order:
        more = bundle(candidates, key, set(chosen))
        if more and _fits(request, candidates, chosen, more):
            chosen += [k for k in dict.fromkeys((*order, *sorted(more))) if k in more]
    return chosen


def shuffled(request: Request, seed: int) -> list[str]:
    """Take useful modules by chance as long as they fit."""
    order = sorted(m.id for m in request.modules)
    random.Random(seed).shuffle(order)
    return in_sequence(request, order)


def gain_of(request: Request, chosen: Iterable[str]) -> float:
    """Return the weighted steps that a set climbs."""
    candidates, needed = _world(request)
    return sum(weight(request, step) for step in climbed_by(needed, candidates, set(chosen) & set(candidates)))


def _world(request: Request) -> tuple[dict[str, PlannedModule], set[Step]]:
    needed = wanted_steps(request)
    return closure(request, needed), needed


def _ready(module: PlannedModule, chosen: Sequence[str], candidates: Mapping[str, PlannedModule]) -> bool:
    return all(r in chosen or r not in candidates for r in module.requires)


def _fits(
    request: Request, candidates: Mapping[str, PlannedModule], chosen: Iterable[str], more: Iterable[str]
) -> bool:
    return request.minutes is None or sum(candidates[k].minutes for k in {*chosen, *more}) <= request.minutes


def _rate(
    request: Request, needed: set[Step], candidates: Mapping[str, PlannedModule], chosen: Sequence[str], more: set[str]
) -> float:
    """Return the gain per minute of adding a set."""
    new = climbed_by(needed, candidates, {*chosen, *more}) - climbed_by(needed, candidates, set(chosen))
    return sum(weight(request, step) for step in new) / max(sum(candidates[k].minutes for k in more), 1)


def _grounded(candidates: Mapping[str, PlannedModule], needed: set[Step], key: str) -> set[str]:
    """Return the bundle of a module with, for each needed step below one that it teaches, the shortest module for it."""
    found = bundle(candidates, key, set())
    for competency, start in candidates[key].steps:
        for low in range(start):
            step = (competency, low)
            if step in needed and not any(step in candidates[k].steps for k in found):
                teaching = [k for k, m in candidates.items() if step in m.steps]
                if teaching:
                    found |= bundle(candidates, min(teaching, key=lambda k: (candidates[k].minutes, k)), found)
    return found
