"""From a person's positions, goals, levels, duties and minutes to a path with its reasons; each proposal is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from training_platform.assessment.rules import Estimate, State
from training_platform.assessment.rules.selection import Decision, worth
from training_platform.catalogue.service import LiveModule
from training_platform.framework.rules import Framework, RoleProfile, targets_of
from training_platform.learning import service as learning
from training_platform.matching import service as matching
from training_platform.recommendations import record
from training_platform.recommendations.asked import plan_once
from training_platform.recommendations.duties import Duty
from training_platform.recommendations.rules import Plan, Request, Step, plan
from training_platform.recommendations.rules.counterfactuals import (
    Counterfactual,
    WhyNot,
    what_enters_next,
    what_removes,
    why_not,
)
from training_platform.recommendations.rules.request import bundle, standing
from training_platform.recommendations.situation import WEEKS, Situation, in_situation, open_decisions, situation_of

PACE_STEP = 5
"""Minutes a week: the grain of the pace, and of what is said about other paces."""


@dataclass(frozen=True, kw_only=True)
class StopView:
    """A stop of the path with its reasons as data."""

    module: LiveModule
    climbs: tuple[Step, ...]
    """Competency, and the level that the step starts from."""
    roles: tuple[RoleProfile, ...]
    """The positions and goals whose targets ask for it."""
    serves: tuple[LiveModule, ...]
    """Modules of the path that need it first."""
    duties: tuple[Duty, ...]
    """The obligations that it fulfils."""
    started: bool
    pinned: bool
    week: int
    """The week, from 1, in which it ends at the person's pace."""
    share: float
    """Its part of the gain of the whole path."""

    @property
    def rises(self) -> list[tuple[str, int, int]]:
        """Competencies climbed, each with its lowest and its highest level."""
        steps: dict[str, list[int]] = {}
        for competency, level in self.climbs:
            steps.setdefault(competency, []).append(level)
        return [(competency, min(levels), max(levels) + 1) for competency, levels in steps.items()]


@dataclass(frozen=True, kw_only=True)
class PathView:
    """A person's path as pages show it."""

    stops: tuple[StopView, ...]
    done: tuple[LiveModule, ...]
    refused: tuple[LiveModule, ...]
    levels: Mapping[str, Estimate]
    targets: Mapping[str, int]
    minutes_per_week: int
    minutes: int
    status: str
    gain: float
    bound: float
    wanted: int
    untaught: tuple[Step, ...]
    roles: tuple[RoleProfile, ...]
    goals: tuple[RoleProfile, ...]
    conflicts: tuple[tuple[Duty, int, int], ...]
    """Duties that do not fit before their date: minutes needed, minutes that there are."""
    contradictions: tuple[tuple[LiveModule, tuple[LiveModule, ...]], ...]
    """Modules to keep in any case that cannot be taken, with the refused ones that they require."""

    retired: tuple[learning.EnrolmentView, ...]
    """Modules begun that have left the catalogue."""

    constrained: bool
    """Choices or obligations narrow what the proof is about."""
    state: State
    decisions: tuple[Decision, ...]
    """Its modules that answers may still take out of it."""

    @property
    def worth_testing(self) -> frozenset[str]:
        """The modules of which a short test is expected to spare more minutes than it takes; reckoned when asked for."""
        minutes = worth(self.state, self.decisions)
        return frozenset(d.module for d, spared in zip(self.decisions, minutes, strict=True) if spared > 0)

    @property
    def next(self) -> StopView | None:
        """What to do next: what was begun, else the first stop."""
        return next((stop for stop in self.stops if stop.started), self.stops[0] if self.stops else None)


def path_of(
    person_id: int,
    framework: Framework,
    now: datetime,
    minutes_per_week: int,
    *,
    keep: bool = True,
    meaning: matching.Meaning | None = None,
) -> PathView:
    """Compute the person's path; log it where it differs from the last one recorded."""
    return propose(person_id, situation_of(person_id, framework, now, minutes_per_week, meaning), now, keep=keep)


def propose(person_id: int, situation: Situation, now: datetime, *, keep: bool = True) -> PathView:
    """Compute the path of a situation already gathered; log it as ``path_of`` does."""
    found = plan_once(situation.request)
    if keep:
        record.keep(person_id, situation.request, found, situation.versions, now)
    return view_of(situation, found)


def view_of(situation: Situation, found: Plan) -> PathView:
    """Return a plan as pages show it."""
    modules, levels = situation.modules, situation.levels
    request = situation.request
    by_id = {str(duty.id): duty for duty in situation.duties}
    targets = targets_of((*situation.positions, *situation.goals))
    for duty in situation.duties:
        targets |= {c: max(level, targets.get(c, 0)) for c, level in duty.targets.items()}
    return PathView(
        stops=tuple(_stops(situation, found)),
        done=tuple(modules[code] for code in sorted(request.completed)),
        refused=tuple(modules[code] for code in sorted(request.refused)),
        levels=levels,
        targets=targets,
        minutes_per_week=situation.minutes_per_week,
        minutes=found.minutes,
        status=found.status,
        gain=found.gain,
        bound=found.bound,
        wanted=sum(max(target - request.levels.get(c, 0), 0) for c, target in targets.items()),
        untaught=found.untaught,
        roles=situation.positions,
        goals=situation.goals,
        conflicts=tuple((by_id[c.obligation], c.needed, c.available) for c in found.conflicts),
        contradictions=tuple(_contradictions(situation, found)),
        retired=situation.retired,
        constrained=bool(request.pinned or request.refused or request.obligations),
        state=situation.state,
        decisions=tuple(open_decisions(situation, found)),
    )


def _contradictions(situation: Situation, found: Plan) -> Iterator[tuple[LiveModule, tuple[LiveModule, ...]]]:
    """Yield each module that should be in the path and is not, because what it requires was refused."""
    request = situation.request
    if not (asked := request.pinned.union(*(duty.modules for duty in situation.duties))):
        return
    by_id = standing(request)
    for code in sorted(asked & set(by_id) - set(found.ids) - request.completed):
        refused = bundle(by_id, code, set(request.completed)) & request.refused
        yield situation.modules[code], tuple(situation.modules[one] for one in sorted(refused))


def _stops(situation: Situation, found: Plan) -> list[StopView]:
    stops, spent = [], 0
    by_id = {str(duty.id): duty for duty in situation.duties}
    for stop in found.stops:
        spent += stop.module.minutes
        asking = (*situation.positions, *situation.goals)
        stops.append(
            StopView(
                module=situation.modules[stop.module.id],
                climbs=stop.climbs,
                roles=tuple(r for r in asking if any(r.targets.get(c, 0) > n for c, n in stop.climbs)),
                serves=tuple(situation.modules[code] for code in stop.serves),
                duties=tuple(by_id[key] for key in stop.obligations),
                started=stop.module.id in situation.started,
                pinned=stop.module.id in situation.request.pinned,
                week=-(-spent // situation.minutes_per_week),
                share=stop.gain / found.gain if found.gain else 0.0,
            )
        )
    return stops


@dataclass(frozen=True, kw_only=True)
class Why:
    """What would take a stop out of the path, and what could stand in its place."""

    stop: StopView
    removes: tuple[Counterfactual, ...]
    alternatives: tuple[LiveModule, ...]


def why(situation: Situation, slug: str) -> Why | WhyNot:
    """Explain why a module is in the path or not, by planning again; raise UnknownModuleError."""
    live = in_situation(situation, slug)
    found = plan_once(situation.request)
    step = PACE_STEP * WEEKS
    if live.code not in found.ids:
        if live.planned:
            return WhyNot(module=live.code, verdict="not_written")
        return why_not(situation.request, found, live.code, step)
    stop = found.stops[found.ids.index(live.code)]
    shown = next(s for s in _stops(situation, found) if s.module.code == live.code)
    return Why(
        stop=shown,
        removes=tuple(what_removes(situation.request, stop, found, step)),
        alternatives=tuple(situation.modules[key] for key in _alternatives(situation.request, live.code, stop.climbs)),
    )


def _alternatives(request: Request, code: str, climbs: tuple[Step, ...]) -> list[str]:
    """Return modules that bring one of the same steps and that the path could take if this one were refused."""
    without = replace(request, refused=request.refused | {code}, minutes=None)
    teaching = [m.id for m in request.modules if m.id != code and set(m.steps) & set(climbs)]
    return [key for key in teaching if key in plan(replace(without, pinned=without.pinned - {code} | {key})).ids]


def next_with_more_time(situation: Situation) -> Counterfactual | None:
    """Return the least longer pace with which another module enters the path."""
    return what_enters_next(situation.request, plan_once(situation.request), PACE_STEP * WEEKS)
