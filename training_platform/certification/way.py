"""The shortest way to a certificate: the modules left, in order, with how long they take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from training_platform.catalogue.service import LiveModule
from training_platform.certification.rules import Progress, electives_to_take, weeks_needed
from training_platform.recommendations.rules import PlannedModule, Step, plan
from training_platform.recommendations.situation import Situation


@dataclass(frozen=True, kw_only=True)
class WayStop:
    """A module of the shortest way: the steps that it climbs, and why it is there."""

    module: LiveModule
    climbs: tuple[Step, ...]
    elective: bool
    required: bool


@dataclass(frozen=True, kw_only=True)
class Way:
    """The shortest way through the modules that are left."""

    stops: tuple[WayStop, ...]
    minutes: int
    weeks: int
    ready_on: date | None
    """When the modules are done at the person's pace; None: nothing left."""
    minutes_per_week: int


def way_of(found: Progress, situation: Situation, now: datetime) -> Way:
    """Plan the modules left: those required, the cheapest electives, and what brings the levels asked for."""
    modules: dict[str, PlannedModule] = {module.id: module for module in situation.request.modules}
    chosen = electives_to_take(found, modules)
    required = frozenset(found.modules_missing)
    request = replace(
        situation.request,
        targets=dict(found.track.min_levels),
        minutes=None,
        pinned=required | frozenset(chosen),
        refused=frozenset(),
        obligations=(),
    )
    planned = plan(request)
    weeks = weeks_needed(planned.minutes, situation.minutes_per_week)
    return Way(
        stops=tuple(
            WayStop(
                module=situation.modules[stop.module.id],
                climbs=stop.climbs,
                elective=stop.module.id in chosen,
                required=stop.module.id in required,
            )
            for stop in planned.stops
        ),
        minutes=planned.minutes,
        weeks=weeks,
        ready_on=(now + timedelta(weeks=weeks)).date() if planned.stops else None,
        minutes_per_week=situation.minutes_per_week,
    )
