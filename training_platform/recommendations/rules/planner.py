"""The path: the set of modules that closes the most weighted steps in the minutes there are, proven, then ordered.

Lexicographic objective: weighted steps climbed towards the targets, then fewest minutes, then closeness to the person's
context. A step counts only when every lower step of its competency is held or climbed. Solved exactly with OR-Tools
CP-SAT (one worker, fixed seed, deterministic time: a plan replays); under a time limit the better of the solver's and
the greedy plan is returned with the solver's bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from training_platform.recommendations.rules.baselines import bundle_greedy
from training_platform.recommendations.rules.ordering import order
from training_platform.recommendations.rules.request import (
    Conflict,
    Obligation,
    Plan,
    PlannedModule,
    Request,
    Step,
    bundle,
    climbed_by,
    closure,
    wanted_steps,
    weight,
)

FINEST = 1_000
"""Weights count to three decimals at most: sums of integers are exact, sums of floats are not."""
CLOSENESS = 20
"""Steps in which closeness counts."""
TIME_LIMIT = 5.0
"""Deterministic time of the solver, in its own seconds: the same on every machine."""


def plan(request: Request, time_limit: float = TIME_LIMIT) -> Plan:
    """Return the best path; never fails on cyclic prerequisites, unknown ids or absent targets."""
    duties = [(o, _modules_of(request, o, time_limit)) for o in _by_date(request.obligations)]
    request = _with_obligations(request, duties)
    needed = wanted_steps(request)
    candidates = closure(request, needed)
    taught = {step for m in request.modules for step in m.steps}
    untaught = tuple(sorted(needed - taught))
    conflicts = _conflicts(duties, candidates)
    found = (
        _solve(request, candidates, needed, time_limit) if candidates else _Found(chosen=set(), proven=True, bound=0.0)
    )
    climbed = climbed_by(needed, candidates, found.chosen)
    stops = order(
        request, {k: candidates[k] for k in sorted(found.chosen)}, climbed, [(o.id, keys) for o, keys in duties]
    )
    return Plan(
        stops=tuple(stops),
        gain=sum(weight(request, step) for step in climbed),
        minutes=sum(stop.module.minutes for stop in stops),
        status=("optimal" if found.proven else "feasible") if stops else "empty",
        bound=found.bound,
        untaught=untaught,
        conflicts=conflicts,
    )


def _by_date(obligations: tuple[Obligation, ...]) -> list[Obligation]:
    return sorted(obligations, key=lambda o: (o.minutes is None, o.minutes or 0, o.id))


def _modules_of(request: Request, obligation: Obligation, time_limit: float) -> set[str]:
    """Return the modules that fulfil an obligation: those named, and the shortest way to its targets."""
    targets = {c: n for c, n in obligation.targets.items() if n > request.levels.get(c, 0)}
    way = replace(request, targets=targets, minutes=None, pinned=obligation.modules, obligations=())
    needed = wanted_steps(way)
    candidates = closure(way, needed)
    return _solve(way, candidates, needed, time_limit).chosen if needed and candidates else set(candidates)


def _with_obligations(request: Request, duties: list[tuple[Obligation, set[str]]]) -> Request:
    """Raise the targets to those of the obligations and pin what fulfils them."""
    targets = dict(request.targets)
    for obligation, _ in duties:
        for competency, level in obligation.targets.items():
            targets[competency] = max(level, targets.get(competency, 0))
    pinned = request.pinned.union(*(keys for _, keys in duties))
    return replace(request, targets=targets, pinned=pinned)


def _conflicts(
    duties: list[tuple[Obligation, set[str]]], candidates: Mapping[str, PlannedModule]
) -> tuple[Conflict, ...]:
    """Compare, date by date, the minutes that obligations need so far with those that there are."""
    due: set[str] = set()
    conflicts = []
    for obligation, keys in duties:
        for key in keys:
            due |= bundle(candidates, key, due)
        needed = sum(candidates[key].minutes for key in due)
        if obligation.minutes is not None and needed > obligation.minutes:
            conflicts.append(Conflict(obligation=obligation.id, needed=needed, available=obligation.minutes))
    return tuple(conflicts)


@dataclass(frozen=True, kw_only=True)
class _Found:
    """What the solver says: the set, whether it is proven best, and the bound on the gain."""

    chosen: set[str]
    proven: bool
    bound: float


class _Model:
    """The CP-SAT model of one request."""

    def __init__(self, request: Request, candidates: Mapping[str, PlannedModule], needed: set[Step]) -> None:
        from ortools.sat.python import cp_model

        self.cp, self.model = cp_model, cp_model.CpModel()
        self.take = {key: self.model.new_bool_var("") for key in candidates}
        self.climb = {step: self.model.new_bool_var("") for step in sorted(needed)}
        self._link(candidates)
        minutes = sum(m.minutes * self.take[k] for k, m in candidates.items())
        longest = sum(m.minutes for m in candidates.values())
        if request.minutes is not None:
            longest = min(longest, max(request.minutes, _pinned_minutes(request, candidates)))
            self.model.add(minutes <= longest)
        for key in request.pinned & set(self.take):
            self.model.add(self.take[key] == 1)
        near = {key: round(CLOSENESS * m.closeness) for key, m in candidates.items()}
        scale = _scale(request)
        gain = sum(round(scale * weight(request, s)) * v for s, v in self.climb.items())
        a_minute = 1 + sum(near.values())
        self.a_gain = scale * a_minute * (1 + longest)
        """What one unit of gain is worth in the objective: more than all minutes, and a minute more than all closeness."""
        self.slack = a_minute * longest
        self.model.maximize(
            gain * a_minute * (1 + longest) - a_minute * minutes + sum(near[k] * v for k, v in self.take.items())
        )

    def _link(self, candidates: Mapping[str, PlannedModule]) -> None:
        """Tie modules to what they require, steps to the modules that teach them and to the step below."""
        teaching: dict[Step, list[Any]] = {step: [] for step in self.climb}
        for key, module in candidates.items():
            for required in module.requires:
                if required in self.take:
                    self.model.add_implication(self.take[key], self.take[required])
            for step in set(module.steps) & set(teaching):
                teaching[step].append(self.take[key])
        for (competency, start), variable in self.climb.items():
            self.model.add(variable <= sum(teaching[competency, start]))
            if (competency, start - 1) in self.climb:
                self.model.add_implication(variable, self.climb[(competency, start - 1)])


def _scale(request: Request) -> int:
    """Return the smallest factor that makes the weights whole, at most FINEST."""
    return next((f for f in (1, 2, 4, 5, 10, 20, 100) if _whole(request, f)), FINEST)


def _whole(request: Request, factor: int) -> bool:
    return all(abs(value * factor - round(value * factor)) < 1e-9 for value in request.weights.values())


def _solve(request: Request, candidates: Mapping[str, PlannedModule], needed: set[Step], time_limit: float) -> _Found:
    """Solve the three goals as one; fall back on the greedy plan where time ran out and it is better."""
    built = _Model(request, candidates, needed)
    solver = _solver(built.cp, time_limit)
    found = solver.solve(built.model)
    chosen: set[str] = set()
    if found in (built.cp.OPTIMAL, built.cp.FEASIBLE):
        chosen = {k for k, v in built.take.items() if solver.boolean_value(v)}
    if found == built.cp.OPTIMAL:
        gain = _worth(request, candidates, needed, chosen)[0]
        return _Found(chosen=chosen, proven=True, bound=gain)
    chosen = max((chosen, set(bundle_greedy(request))), key=lambda keys: _worth(request, candidates, needed, keys))
    everything = sum(weight(request, step) for step in needed)
    bound = (solver.best_objective_bound + built.slack) / built.a_gain if found == built.cp.FEASIBLE else everything
    return _Found(chosen=chosen, proven=False, bound=min(bound, everything))


def _worth(
    request: Request, candidates: Mapping[str, PlannedModule], needed: set[Step], keys: set[str]
) -> tuple[float, int]:
    gain = sum(weight(request, step) for step in climbed_by(needed, candidates, keys))
    return gain, -sum(candidates[key].minutes for key in keys)


def _pinned_minutes(request: Request, candidates: Mapping[str, PlannedModule]) -> int:
    """Return the minutes of the pinned modules and all that they require: pins may exceed the budget, by choice."""
    taken: set[str] = set()
    for key in request.pinned:
        taken |= bundle(candidates, key, taken)
    return sum(candidates[key].minutes for key in taken)


def _solver(cp_model: Any, time_limit: float) -> Any:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2
    solver.parameters.random_seed = 7
    solver.parameters.max_deterministic_time = time_limit
    return solver
