"""From a person's positions, goals, levels, duties and minutes to a path with its reasons; each proposal is recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from sqlalchemy import select

from training_platform.assessment import service as assessment
from training_platform.assessment.rules import Estimate, State
from training_platform.assessment.rules.selection import SURE_FOR_SAFETY, Decision, worth
from training_platform.catalogue import service as catalogue
from training_platform.catalogue import visible
from training_platform.catalogue.service import LiveModule
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.framework import service as frameworks
from training_platform.framework.rules import Framework, RoleProfile, targets_of
from training_platform.learning import service as learning
from training_platform.matching import service as matching
from training_platform.organisation import service as organisation
from training_platform.recommendations import duties as duty_service
from training_platform.recommendations import record
from training_platform.recommendations.asked import plan_once
from training_platform.recommendations.duties import Duty
from training_platform.recommendations.models import Choice, Goal
from training_platform.recommendations.rules import Plan, PlannedModule, Request, Step, plan
from training_platform.recommendations.rules.counterfactuals import (
    Counterfactual,
    WhyNot,
    what_enters_next,
    what_removes,
    why_not,
)
from training_platform.recommendations.rules.doubt import decisions_of
from training_platform.recommendations.rules.request import bundle, standing
from training_platform.text import Text

WEEKS = 12
"""The path looks one quarter ahead."""
PACE_STEP = 5
"""Minutes a week: the grain of the pace, and of what is said about other paces."""


@dataclass(frozen=True, kw_only=True)
class Situation:
    """All that a person's path rests on, as plain values."""

    request: Request
    framework: Framework
    modules: Mapping[str, LiveModule]
    positions: tuple[RoleProfile, ...]
    goals: tuple[RoleProfile, ...]
    duties: tuple[Duty, ...]
    state: State
    levels: Mapping[str, Estimate]
    started: frozenset[str]
    retired: tuple[learning.EnrolmentView, ...]
    """Modules begun that have since left the catalogue: they may be finished."""
    minutes_per_week: int
    versions: Mapping[str, str]


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


def situation_of(
    person_id: int, framework: Framework, now: datetime, minutes_per_week: int, meaning: matching.Meaning | None = None
) -> Situation:
    """Gather what the path rests on; ``meaning`` names the encoder that breaks ties by the person's own words."""
    positions = organisation.positions_of(person_id)
    held = tuple(framework.roles[r] for r in dict.fromkeys(p.role_id for p in positions) if r in framework.roles)
    goals = tuple(role for role in _goals(person_id, framework) if role not in held)
    enrolments = learning.enrolments_of(person_id)
    everything = catalogue.live_modules()
    begun = {view.module_id for view in enrolments if view.completed_at is None}
    modules = {live.code: live for live in visible.modules_for(person_id, keeping=begun, modules=everything)}
    state, levels = assessment.known(person_id, list(framework.competencies), now)
    families = {live.module_id: live.family_id for live in everything}
    choices = {families.get(module, module): kind for module, kind in _choices(person_id).items()}
    completed = {view.family_id for view in enrolments if view.completed_at is not None}
    duties = tuple(duty_service.duties_of(person_id))
    words = " ".join(
        dict.fromkeys(word for p in positions for word in (p.title, *_names(p.role_id, framework)) if word)
    )
    # All modules, whatever the person sees: one index serves everybody.
    by_code = {live.code: live for live in everything}
    closeness = matching.closeness(words, by_code, framework, meaning) if meaning and words else {}
    by_choice = {
        kind: frozenset(code for code, live in modules.items() if choices.get(live.family_id) == kind)
        for kind in ("refused", "pinned")
    }
    request = Request(
        levels=held_levels(levels, catalogue.safety_steps(modules.values())),
        targets=targets_of((*held, *goals)),
        minutes=minutes_per_week * WEEKS,
        modules=tuple(planned_module(live, closeness) for live in modules.values() if not live.planned),
        completed=frozenset(code for code, live in modules.items() if live.family_id in completed),
        refused=by_choice["refused"],
        pinned=by_choice["pinned"],
        obligations=tuple(duty.obligation(minutes_per_week, now.date()) for duty in duties),
        waives_known=True,
    )
    return Situation(
        request=request,
        framework=framework,
        modules=modules,
        positions=held,
        goals=goals,
        duties=duties,
        state=state,
        levels=levels,
        started=frozenset(
            code for code, live in modules.items() if live.module_id in begun and live.family_id not in completed
        ),
        retired=tuple(
            view
            for view in enrolments
            if view.completed_at is None
            and view.family_id not in completed
            and view.module_id not in {live.module_id for live in modules.values()}
        ),
        minutes_per_week=minutes_per_week,
        versions={
            "catalogue": _catalogue_version(modules.values()),
            "framework": framework.version,
            "model": meaning.model.rsplit("/", 1)[-1] if meaning else "",
        },
    )


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


def _names(role_id: str, framework: Framework) -> tuple[str, ...]:
    role = framework.roles.get(role_id)
    return (role.name.fr, role.name.en) if role else ()


def held_levels(levels: Mapping[str, Estimate], safety: frozenset[Step]) -> dict[str, int]:
    """Return the level that counts as held: the estimate's, lower where safety asks for more certainty."""
    held = {}
    for competency, level in levels.items():
        sure = (
            n for n in range(level.held) if (competency, n) in safety and level.probability_of(n + 1) < SURE_FOR_SAFETY
        )
        held[competency] = next(sure, level.held)
    return held


def planned_module(live: LiveModule, closeness: Mapping[str, float]) -> PlannedModule:
    """Return a module as the planner sees it."""
    return _planned_module(live, closeness.get(live.head.code, 0.0))


@lru_cache(maxsize=10_000)
def _planned_module(live: LiveModule, closeness: float) -> PlannedModule:
    """Make it once for all whose path asks for it: closeness has two decimals."""
    return PlannedModule(
        id=live.code,
        minutes=live.head.minutes,
        requires=tuple(live.head.requires),
        steps=tuple((s.c, n) for s in live.head.steps for n in range(s.from_level, s.to)),
        closeness=closeness,
    )


def _catalogue_version(modules: Iterable[LiveModule]) -> str:
    return hashlib.sha256(" ".join(live.content_hash for live in modules).encode()).hexdigest()[:16]


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


def open_decisions(situation: Situation, found: Plan) -> list[Decision]:
    """Return the modules of a path that answers may still take out of it: neither chosen, nor a duty, nor begun."""
    named = situation.request.pinned.union(*(o.modules for o in situation.request.obligations))
    return decisions_of(found, catalogue.safety_steps(situation.modules.values()), named | situation.started)


@dataclass(frozen=True, kw_only=True)
class Why:
    """What would take a stop out of the path, and what could stand in its place."""

    stop: StopView
    removes: tuple[Counterfactual, ...]
    alternatives: tuple[LiveModule, ...]


def in_situation(situation: Situation, slug: str) -> LiveModule:
    """Return the module at an address as the person's path knows it; raise UnknownModuleError."""
    modules = situation.modules.values()
    if found := next((live for live in modules if live.slug == slug), None):
        return found
    wanted = catalogue.live_by_slug(slug)
    if found := next((live for live in modules if live.family_id == wanted.family_id), None):
        return found
    raise catalogue.UnknownModuleError


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


def choose(person_id: int, slug: str, kind: str, now: datetime) -> LiveModule:
    """Keep the person's decision about a module: ``refused`` or ``pinned``; it stands until undone."""
    live = visible.module_for(person_id, slug)
    if live.planned:
        raise RefusedError(
            Text(
                "Ce module n'est pas encore écrit : il ne peut entrer dans aucun parcours.",
                "This module is not written yet: it can enter no path.",
            )
        )
    choice, *others = _of_family(person_id, live) or [Choice(person_id=person_id, module_id=live.module_id)]
    db.session.add(choice)
    for other in others:
        db.session.delete(other)
    choice.kind, choice.at = kind, now
    record.react(person_id, kind, live.code, now)
    db.session.flush()
    return live


def swap(person_id: int, slug: str, other: str, now: datetime) -> tuple[LiveModule, LiveModule]:
    """Refuse one module and keep another in its place; raise RefusedError for the same one."""
    if slug == other:
        raise RefusedError(Text("Choisissez un autre module.", "Choose another module."))
    return choose(person_id, slug, "refused", now), choose(person_id, other, "pinned", now)


def undo(person_id: int, slug: str, now: datetime) -> LiveModule:
    """Forget the person's decision about a module."""
    live = visible.module_for(person_id, slug)
    if chosen := _of_family(person_id, live):
        for choice in chosen:
            db.session.delete(choice)
        record.react(person_id, "undone", live.code, now)
        db.session.flush()
    return live


def _of_family(person_id: int, live: LiveModule) -> list[Choice]:
    """Return the person's decisions about a module, its original and its copies."""
    family = [one.module_id for one in catalogue.live_modules() if one.family_id == live.family_id]
    return list(db.session.scalars(select(Choice).where(Choice.person_id == person_id, Choice.module_id.in_(family))))


def _choices(person_id: int) -> dict[int, str]:
    return {c.module_id: c.kind for c in db.session.scalars(select(Choice).where(Choice.person_id == person_id))}


def add_goal(person_id: int, role_id: str, framework: Framework, now: datetime) -> RoleProfile:
    """Aim for another role: its targets count from now on; raise UnknownRoleError."""
    role = frameworks.role(framework, role_id)
    query = select(Goal.id).where(Goal.person_id == person_id, Goal.role_id == role_id)
    if db.session.scalar(query) is None:
        db.session.add(Goal(person_id=person_id, role_id=role_id, at=now))
        record.react(person_id, "goal", role_id, now)
        db.session.flush()
    return role


def remove_goal(person_id: int, role_id: str, now: datetime) -> None:
    """No longer aim for a role."""
    goal = db.session.scalar(select(Goal).where(Goal.person_id == person_id, Goal.role_id == role_id))
    if goal is not None:
        db.session.delete(goal)
        record.react(person_id, "goal_undone", role_id, now)
        db.session.flush()


def _goals(person_id: int, framework: Framework) -> tuple[RoleProfile, ...]:
    rows = db.session.scalars(select(Goal.role_id).where(Goal.person_id == person_id).order_by(Goal.id))
    return tuple(framework.roles[role_id] for role_id in rows if role_id in framework.roles)
