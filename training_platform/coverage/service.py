"""The coverage map: who lacks which step in an officer's units, and what the live catalogue has for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from training_platform.catalogue import service as catalogue
from training_platform.catalogue import visible
from training_platform.catalogue.models import Question
from training_platform.catalogue.service import LiveModule
from training_platform.coverage import people
from training_platform.coverage.people import Filter, Group, UnitChoice
from training_platform.coverage.rules.demand import TOP, Cell, Offer, Supply, cell, lacking, taught_by
from training_platform.db import db
from training_platform.framework.rules import Competency, Framework
from training_platform.organisation.groups import SMALLEST
from training_platform.recommendations.rules import PlannedModule, Step
from training_platform.recommendations.situation import planned_module

SAFETY_WEIGHT = 2.0
"""A step in which a wrong answer endangers somebody counts twice."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One competency with a cell for each step."""

    competency: Competency
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class CoverageMap:
    """The whole map with whom it is about."""

    rows: tuple[Row, ...]
    group: Group
    units: tuple[UnitChoice, ...]
    modules: Mapping[str, LiveModule]

    @property
    def too_few(self) -> bool:
        """Tell whether the people are too few to show anything."""
        return self.group.total < SMALLEST

    @property
    def gaps(self) -> tuple[Cell, ...]:
        """Return the steps that somebody lacks and that cannot be taught and measured, the largest demand first."""
        cells = (one for row in self.rows for one in row.cells if one.people and one.supply.offer < Offer.MEASURED)
        return tuple(sorted(cells, key=lambda one: (one.supply.offer, -one.demand, one.step)))


def coverage(officer_id: int, wanted: Filter, framework: Framework, now: datetime) -> CoverageMap:
    """Return the map for the people of a filter; raise ForbiddenError, UnitOutOfReachError."""
    units = people.units_of(officer_id)
    modules = visible.modules_for(officer_id)
    group = people.group_of(people.chosen(units, wanted.unit_id), wanted.family, framework, modules, now)
    return CoverageMap(
        rows=tuple(_rows(group, framework, modules)),
        group=group,
        units=tuple(units),
        modules={live.code: live for live in modules},
    )


def _rows(group: Group, framework: Framework, modules: Sequence[LiveModule]) -> list[Row]:
    counts = lacking(person.needs for person in group.people)
    supply = supplies(modules)
    safety = catalogue.safety_steps(modules)
    return [
        Row(
            competency=competency,
            cells=tuple(
                cell(
                    (competency.id, level),
                    counts[competency.id, level] * group.factor,
                    group.total,
                    SAFETY_WEIGHT if (competency.id, level) in safety else 1.0,
                    supply.get((competency.id, level), Supply()),
                )
                for level in range(TOP)
            ),
        )
        for competency in framework.competencies.values()
    ]


def teachable(modules: Sequence[LiveModule]) -> list[PlannedModule]:
    """Return the modules that can be taken, as the planner sees them."""
    return [planned_module(live, {}) for live in modules if not live.planned]


def supplies(modules: Sequence[LiveModule]) -> dict[Step, Supply]:
    """Return what the live catalogue has for each step; one query."""
    live = [one for one in modules if not one.planned]
    counts: dict[tuple[Step, bool], int] = {}
    query = (
        select(Question.competency, Question.from_level, Question.reserved, func.count())
        .where(Question.version_id.in_([one.version_id for one in live]))
        .group_by(Question.competency, Question.from_level, Question.reserved)
    )
    for competency, level, reserved, number in db.session.execute(query):
        counts[(competency, level), reserved] = number
    taught = taught_by(teachable(modules))
    return {
        step: Supply(
            modules=taught.get(step, ()), questions=counts.get((step, False), 0), reserved=counts.get((step, True), 0)
        )
        for step in set(taught) | {step for step, _ in counts}
    }
