"""The path: the set of modules that closes the most weighted steps in the minutes there are, proven, then ordered.

Lexicographic objective: weighted steps climbed towards the targets, then fewest minutes, then closeness to the person's
context. A step counts only when every lower step of its competency is held or climbed. Solved exactly with OR-Tools
CP-SAT (one worker, fixed seed, deterministic time: a plan replays).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Step = tuple[str, int]
"""A competency and the level that the step starts from: ("ALG2", 1) is the step 1→2."""
SCALE = 100


@dataclass(frozen=True, kw_only=True)
class PlannedModule:
    """A module as the planner sees it."""

    id: str
    minutes: int
    requires: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    closeness: float = 0.0


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


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A module of the path with what it brings: steps that count, and the modules of the path that need it."""

    module: PlannedModule
    climbs: tuple[Step, ...]
    serves: tuple[str, ...]
    gain: float


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A path with its proof: ``optimal``, or ``feasible`` with the bound on the gain; ``empty`` where nothing helps."""

    stops: tuple[Stop, ...]
    gain: float
    minutes: int
    status: str
    bound: float
    untaught: tuple[Step, ...]


def plan(request: Request, time_limit: float = 2.0) -> Plan:
    """Return the best path; never fails on cyclic prerequisites, unknown ids or absent targets."""
    needed = wanted_steps(request)
    candidates = _closure(request, needed)
    untaught = tuple(sorted(s for s in needed if not any(s in m.steps for m in request.modules)))
    if not candidates:
        return Plan(stops=(), gain=0.0, minutes=0, status="empty", bound=0.0, untaught=untaught)
    chosen, climbed, status, bound = _solve(request, candidates, needed, time_limit)
    stops = _order(request, [candidates[key] for key in chosen], climbed)
    return Plan(
        stops=tuple(stops),
        gain=sum(_weight(request, step) for step in climbed),
        minutes=sum(stop.module.minutes for stop in stops),
        status=status if stops else "empty",
        bound=bound,
        untaught=untaught,
    )


def wanted_steps(request: Request) -> set[Step]:
    """Return every step between the level held and the target."""
    return {(c, n) for c, target in request.targets.items() for n in range(request.levels.get(c, 0), target)}


def _weight(request: Request, step: Step) -> float:
    return request.weights.get(step[0], 1.0)


def _closure(request: Request, needed: set[Step]) -> dict[str, PlannedModule]:
    """Keep modules that climb a needed step or are pinned, and what these require; drop what can never be taken."""
    known = {m.id: m for m in request.modules if m.id not in request.completed}
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
    return kept


class _Model:
    """The CP-SAT model of one request."""

    def __init__(self, request: Request, candidates: Mapping[str, PlannedModule], needed: set[Step]) -> None:
        from ortools.sat.python import cp_model

        self.cp, self.model = cp_model, cp_model.CpModel()
        self.take = {key: self.model.new_bool_var(f"take {key}") for key in sorted(candidates)}
        self.climb = {step: self.model.new_bool_var(f"climb {step}") for step in sorted(needed)}
        self._link(candidates)
        minutes = sum(m.minutes * self.take[k] for k, m in candidates.items())
        if request.minutes is not None:
            self.model.add(minutes <= max(request.minutes, _pinned_minutes(request, candidates)))
        for key in request.pinned & set(self.take):
            self.model.add(self.take[key] == 1)
        self.goals: tuple[tuple[Any, bool], ...] = (
            (sum(round(SCALE * _weight(request, s)) * v for s, v in self.climb.items()), True),
            (minutes, False),
            (sum(round(SCALE * m.closeness) * self.take[k] for k, m in candidates.items()), True),
        )

    def _link(self, candidates: Mapping[str, PlannedModule]) -> None:
        """Tie modules to what they require, steps to the modules that teach them and to the step below."""
        for key, module in candidates.items():
            for required in module.requires:
                if required in self.take:
                    self.model.add_implication(self.take[key], self.take[required])
        for (competency, start), variable in self.climb.items():
            teaching = [self.take[k] for k, m in candidates.items() if (competency, start) in m.steps]
            self.model.add(variable <= sum(teaching))
            if (competency, start - 1) in self.climb:
                self.model.add_implication(variable, self.climb[(competency, start - 1)])


def _solve(
    request: Request, candidates: Mapping[str, PlannedModule], needed: set[Step], time_limit: float
) -> tuple[list[str], set[Step], str, float]:
    """Return chosen ids, steps climbed, status and bound on the gain; the three goals one after another."""
    built = _Model(request, candidates, needed)
    solver = _solver(built.cp, time_limit)
    chosen: list[str] = []
    climbed: set[Step] = set()
    status, bound = "optimal", 0.0
    for number, (goal, maximise) in enumerate(built.goals):
        if isinstance(goal, int):
            continue
        built.model.maximize(goal) if maximise else built.model.minimize(goal)
        found = solver.solve(built.model)
        if found != built.cp.OPTIMAL:
            status = "feasible"
        if found not in (built.cp.OPTIMAL, built.cp.FEASIBLE):
            break
        if number == 0:
            bound = solver.best_objective_bound / SCALE
        chosen = [k for k, v in built.take.items() if solver.value(v)]
        climbed = {s for s, v in built.climb.items() if solver.value(v)}
        reached = round(solver.objective_value)
        built.model.add(goal >= reached if maximise else goal <= reached)
    return chosen, climbed, status, bound


def _pinned_minutes(request: Request, candidates: Mapping[str, PlannedModule]) -> int:
    """Return the minutes of the pinned modules and all that they require: pins may exceed the budget, by choice."""
    waiting = [k for k in request.pinned if k in candidates]
    total: dict[str, int] = {}
    while waiting:
        key = waiting.pop()
        if key not in total:
            total[key] = candidates[key].minutes
            waiting += [r for r in candidates[key].requires if r in candidates]
    return sum(total.values())


def _solver(cp_model: Any, time_limit: float) -> Any:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2
    solver.parameters.random_seed = 7
    solver.parameters.max_deterministic_time = time_limit
    return solver


def _order(request: Request, chosen: Sequence[PlannedModule], climbed: set[Step]) -> list[Stop]:
    """Order the modules: what is required first, then the most gain per minute as soon as it may be taken."""
    held = dict(request.levels)
    left = {m.id: m for m in chosen}
    stops: list[Stop] = []
    credited: set[Step] = set()
    while left:
        free = [m for m in left.values() if not any(r in left for r in m.requires)] or list(left.values())
        free = [m for m in free if _on_ground(m, held, climbed)] or free
        best = max(free, key=lambda m: (_opens(request, m, left, climbed), m.closeness, m.id))
        climbs = _climb(held, best, climbed, credited)
        serves = tuple(sorted(m.id for m in left.values() if best.id in m.requires))
        stops.append(Stop(module=best, climbs=climbs, serves=serves, gain=sum(_weight(request, s) for s in climbs)))
        del left[best.id]
    return stops


def _on_ground(module: PlannedModule, held: Mapping[str, int], climbed: set[Step]) -> bool:
    """Tell whether every step that the module should climb starts from a level held, or from another of its steps."""
    return all(held.get(c, 0) >= n or (c, n - 1) in module.steps for c, n in module.steps if (c, n) in climbed)


def _opens(request: Request, module: PlannedModule, left: Mapping[str, PlannedModule], climbed: set[Step]) -> float:
    """Return the best gain per minute that this module opens: alone, or with one module that needs it."""
    chains = [(module,), *((module, follower) for follower in left.values() if module.id in follower.requires)]
    return max(
        sum(_weight(request, s) for m in chain for s in m.steps if s in climbed) / sum(m.minutes for m in chain)
        for chain in chains
    )


def _climb(held: dict[str, int], module: PlannedModule, climbed: set[Step], credited: set[Step]) -> tuple[Step, ...]:
    """Return the steps that this module brings first, and raise the levels held."""
    climbs = tuple(sorted((set(module.steps) & climbed) - credited))
    for competency, start in climbs:
        held[competency] = max(held.get(competency, 0), start + 1)
    credited.update(climbs)
    return climbs
