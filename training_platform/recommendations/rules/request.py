"""What the planner is asked and what it answers: plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

Step = tuple[str, int]
"""A competency and the level that the step starts from: ("ALG2", 1) is the step 1→2."""


@dataclass(frozen=True, kw_only=True)
class PlannedModule:
    """A module as the planner sees it."""

    id: str
    minutes: int
    requires: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    closeness: float = 0.0
    """Nearness to the person's context, 0 to 1: it breaks ties only."""


@dataclass(frozen=True, kw_only=True)
class Obligation:
    """What must be done by a date: these modules, and whatever reaches these targets in the fewest minutes."""

    id: str
    modules: frozenset[str] = frozenset()
    targets: Mapping[str, int] = field(default_factory=dict)
    minutes: int | None = None
    """Minutes that the person has until the date; None: no date."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One person's situation: levels held, targets, weights, minutes in all (None: as many as it takes)."""

    levels: Mapping[str, int]
    targets: Mapping[str, int]
    minutes: int | None
    modules: tuple[PlannedModule, ...]
    weights: Mapping[str, float] = field(default_factory=dict)
    completed: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    pinned: frozenset[str] = frozenset()
    obligations: tuple[Obligation, ...] = ()
    waives_known: bool = False
    """Nobody sits through a prerequisite that teaches only what is held: where true, it counts as done."""


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A module of the path with what it brings: steps that count, and the modules of the path that need it."""

    module: PlannedModule
    climbs: tuple[Step, ...]
    serves: tuple[str, ...]
    gain: float
    obligations: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """An obligation that the minutes until its date cannot hold, those with an earlier date included."""

    obligation: str
    needed: int
    available: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A path with its proof: ``optimal``, or ``feasible`` with the bound on the gain; ``empty`` where nothing helps."""

    stops: tuple[Stop, ...]
    gain: float
    minutes: int
    status: str
    bound: float
    untaught: tuple[Step, ...]
    conflicts: tuple[Conflict, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The modules in the order of the path."""
        return tuple(stop.module.id for stop in self.stops)


def wanted_steps(request: Request) -> set[Step]:
    """Return every step between the level held and the target."""
    return {(c, n) for c, target in request.targets.items() for n in range(request.levels.get(c, 0), target)}


def weight(request: Request, step: Step) -> float:
    """Return what one step is worth: the weight of its competency, 1 where none is given."""
    return request.weights.get(step[0], 1.0)


def closure(request: Request, needed: set[Step]) -> dict[str, PlannedModule]:
    """Keep modules that climb a needed step or are pinned, and what these require; drop what can never be taken."""
    known = standing(request)
    usable = {key: m for key, m in known.items() if key not in request.refused or key in request.pinned}
    while lost := [
        k for k, m in usable.items() if any(r not in usable and r not in request.completed for r in m.requires)
    ]:
        for key in lost:
            del usable[key]
    kept: dict[str, PlannedModule] = {}
    waiting = [k for k, m in usable.items() if k in request.pinned or needed & set(m.steps)]
    while waiting:
        key = waiting.pop()
        if key not in kept:
            kept[key] = usable[key]
            waiting += [r for r in usable[key].requires if r in usable]
    return dict(sorted(kept.items()))


def standing(request: Request) -> dict[str, PlannedModule]:
    """Return the modules that are not completed, each with the prerequisites that still count."""
    modules = {m.id: m for m in request.modules if m.id not in request.completed}
    if not request.waives_known:
        return modules
    return {key: replace(m, requires=_not_held(request, modules, m.requires)) for key, m in modules.items()}


def _not_held(request: Request, modules: Mapping[str, PlannedModule], required: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out the prerequisites of which every step is held."""
    return tuple(
        key
        for key in required
        if key not in modules
        or not modules[key].steps
        or any(request.levels.get(c, 0) <= n for c, n in modules[key].steps)
    )


def bundle(candidates: Mapping[str, PlannedModule], key: str, taken: set[str]) -> set[str]:
    """Return a module with everything that it still requires, directly or not."""
    found: set[str] = set()
    waiting = [key]
    while waiting:
        if (one := waiting.pop()) not in found and one not in taken and one in candidates:
            found.add(one)
            waiting += candidates[one].requires
    return found


def climbed_by(needed: set[Step], modules: Mapping[str, PlannedModule], chosen: set[str]) -> set[Step]:
    """Return the needed steps that a set climbs: each one only on ground that is held or climbed."""
    taught = {step for key in chosen for step in modules[key].steps if step in needed}
    return {(c, n) for c, n in taught if all((c, low) in taught for low in range(n) if (c, low) in needed)}
