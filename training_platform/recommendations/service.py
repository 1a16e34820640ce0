"""From a person's positions, levels and minutes to a path with its reasons; each new proposal is recorded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from training_platform.assessment import service as assessment
from training_platform.assessment.rules import Estimate
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.service import LiveModule
from training_platform.db import db
from training_platform.framework.rules import Framework, RoleProfile, targets_of
from training_platform.learning import service as learning
from training_platform.organisation import service as organisation
from training_platform.recommendations.models import Choice, DecisionRecord
from training_platform.recommendations.rules import Plan, PlannedModule, Request, plan

ALGORITHM = "path-1"
WEEKS = 12
"""The path looks one quarter ahead."""


@dataclass(frozen=True, kw_only=True)
class StopView:
    """A stop of the path with its reasons as data."""

    module: LiveModule
    climbs: tuple[tuple[str, int], ...]
    """Competency, and the level that the step starts from."""
    roles: tuple[RoleProfile, ...]
    """The positions whose targets ask for it."""
    serves: tuple[LiveModule, ...]
    """Modules of the path that need it first."""
    started: bool
    pinned: bool
    week: int
    """The week, from 1, in which it ends at the person's pace."""

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
    wanted: int
    untaught: int
    roles: tuple[RoleProfile, ...]

    @property
    def next(self) -> StopView | None:
        """What to do next: what was begun, else the first stop."""
        return next((stop for stop in self.stops if stop.started), self.stops[0] if self.stops else None)


def path_of(
    person_id: int, framework: Framework, now: datetime, minutes_per_week: int, *, record: bool = True
) -> PathView:
    """Compute the person's path; log it where it differs from the last one recorded."""
    roles = tuple(organisation.roles_of(framework, person_id))
    targets = targets_of(roles)
    levels = assessment.levels(person_id, list(framework.competencies), now)
    modules = {live.code: live for live in catalogue.live_modules()}
    choices = _choices(person_id)
    enrolments = {view.module_id: view for view in learning.enrolments_of(person_id)}
    done = {live.code for live in modules.values() if (e := enrolments.get(live.module_id)) and e.completed_at}
    started = {live.code for live in modules.values() if (e := enrolments.get(live.module_id)) and not e.completed_at}
    by_kind = {
        kind: frozenset(live.code for live in modules.values() if choices.get(live.module_id) == kind)
        for kind in ("refused", "pinned")
    }
    request = Request(
        levels={c: level.held for c, level in levels.items()},
        targets=targets,
        minutes=minutes_per_week * WEEKS,
        modules=tuple(_planned(live) for live in modules.values() if not live.planned),
        completed=frozenset(done),
        refused=by_kind["refused"],
        pinned=by_kind["pinned"],
    )
    found = plan(request)
    if record:
        _record(person_id, request, found, modules, now)
    return PathView(
        stops=tuple(_stops(found, modules, roles, started, by_kind["pinned"], minutes_per_week)),
        done=tuple(modules[code] for code in sorted(done)),
        refused=tuple(modules[code] for code in sorted(by_kind["refused"])),
        levels=levels,
        targets=targets,
        minutes_per_week=minutes_per_week,
        minutes=found.minutes,
        status=found.status,
        gain=found.gain,
        wanted=sum(max(target - levels[c].held, 0) for c, target in targets.items()),
        untaught=len(found.untaught),
        roles=roles,
    )


def _planned(live: LiveModule) -> PlannedModule:
    steps = tuple((s.c, n) for s in live.head.steps for n in range(s.from_level, s.to))
    return PlannedModule(id=live.code, minutes=live.head.minutes, requires=tuple(live.head.requires), steps=steps)


def _stops(
    found: Plan,
    modules: Mapping[str, LiveModule],
    roles: tuple[RoleProfile, ...],
    started: set[str],
    pinned: frozenset[str],
    minutes_per_week: int,
) -> list[StopView]:
    stops, spent = [], 0
    for stop in found.stops:
        spent += stop.module.minutes
        asking = tuple(r for r in roles if any(r.targets.get(c, 0) > n for c, n in stop.climbs))
        stops.append(
            StopView(
                module=modules[stop.module.id],
                climbs=stop.climbs,
                roles=asking,
                serves=tuple(modules[code] for code in stop.serves),
                started=stop.module.id in started,
                pinned=stop.module.id in pinned,
                week=-(-spent // minutes_per_week),
            )
        )
    return stops


def choose(person_id: int, slug: str, kind: str, now: datetime) -> LiveModule:
    """Keep the person's decision about a module: ``refused`` or ``pinned``; it stands until undone."""
    live = catalogue.live_by_slug(slug)
    choice = _choice(person_id, live.module_id)
    if choice is None:
        choice = Choice(person_id=person_id, module_id=live.module_id)
        db.session.add(choice)
    choice.kind, choice.at = kind, now
    db.session.flush()
    return live


def undo(person_id: int, slug: str) -> LiveModule:
    """Forget the person's decision about a module."""
    live = catalogue.live_by_slug(slug)
    if (choice := _choice(person_id, live.module_id)) is not None:
        db.session.delete(choice)
        db.session.flush()
    return live


def _choice(person_id: int, module_id: int) -> Choice | None:
    return db.session.scalar(select(Choice).where(Choice.person_id == person_id, Choice.module_id == module_id))


def _choices(person_id: int) -> dict[int, str]:
    return {c.module_id: c.kind for c in db.session.scalars(select(Choice).where(Choice.person_id == person_id))}


def _record(person_id: int, request: Request, found: Plan, modules: Mapping[str, LiveModule], now: datetime) -> None:
    """Log the proposal with all that it rests on, once per change (EU AI Act art. 12 and 86; GDPR art. 15 and 22)."""
    inputs = {
        "levels": dict(request.levels),
        "targets": dict(request.targets),
        "minutes": request.minutes,
        "completed": sorted(request.completed),
        "refused": sorted(request.refused),
        "pinned": sorted(request.pinned),
    }
    catalogue_key = hashlib.sha256(json.dumps(sorted((m.code, m.version_id) for m in modules.values())).encode())
    versions = {"algorithm": ALGORITHM, "catalogue": catalogue_key.hexdigest()[:16]}
    result: dict[str, Any] = {
        "modules": [stop.module.id for stop in found.stops],
        "gain": found.gain,
        "minutes": found.minutes,
        "status": found.status,
        "bound": found.bound,
    }
    last = db.session.scalar(
        select(DecisionRecord).where(DecisionRecord.person_id == person_id).order_by(DecisionRecord.id.desc()).limit(1)
    )
    if last is None or (last.inputs, last.versions, last.result) != (inputs, versions, result):
        record = DecisionRecord(person_id=person_id, at=now, inputs=inputs, versions=versions, result=result)
        db.session.add(record)


def records_of(person_id: int) -> list[DecisionRecord]:
    """Return the proposals logged for a person, the latest first."""
    query = select(DecisionRecord).where(DecisionRecord.person_id == person_id)
    return list(db.session.scalars(query.order_by(DecisionRecord.id.desc()).limit(50)))
