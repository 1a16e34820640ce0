"""What a person's path rests on: positions, goals, levels, duties, choices and minutes, as plain values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import select

from training_platform.assessment import service as assessment
from training_platform.assessment.rules import Estimate, State
from training_platform.assessment.rules.selection import SURE_FOR_SAFETY, Decision
from training_platform.catalogue import service as catalogue
from training_platform.catalogue import visible
from training_platform.catalogue.service import LiveModule
from training_platform.db import db
from training_platform.framework.rules import Framework, RoleProfile, targets_of
from training_platform.learning import service as learning
from training_platform.matching import service as matching
from training_platform.organisation import service as organisation
from training_platform.recommendations import duties as duty_service
from training_platform.recommendations.duties import Duty
from training_platform.recommendations.models import Choice, Goal
from training_platform.recommendations.rules import Plan, PlannedModule, Request, Step
from training_platform.recommendations.rules.doubt import decisions_of

WEEKS = 12
"""The path looks one quarter ahead."""


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


def in_situation(situation: Situation, slug: str) -> LiveModule:
    """Return the module at an address as the person's path knows it; raise UnknownModuleError."""
    modules = situation.modules.values()
    if found := next((live for live in modules if live.slug == slug), None):
        return found
    wanted = catalogue.live_by_slug(slug)
    if found := next((live for live in modules if live.family_id == wanted.family_id), None):
        return found
    raise catalogue.UnknownModuleError


def open_decisions(situation: Situation, found: Plan) -> list[Decision]:
    """Return the modules of a path that answers may still take out of it: neither chosen, nor a duty, nor begun."""
    named = situation.request.pinned.union(*(o.modules for o in situation.request.obligations))
    return decisions_of(found, catalogue.safety_steps(situation.modules.values()), named | situation.started)


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


def _choices(person_id: int) -> dict[int, str]:
    return {c.module_id: c.kind for c in db.session.scalars(select(Choice).where(Choice.person_id == person_id))}


def _goals(person_id: int, framework: Framework) -> tuple[RoleProfile, ...]:
    rows = db.session.scalars(select(Goal.role_id).where(Goal.person_id == person_id).order_by(Goal.id))
    return tuple(framework.roles[role_id] for role_id in rows if role_id in framework.roles)
