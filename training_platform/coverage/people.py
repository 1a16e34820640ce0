"""The people of an officer's units with what they hold and need: in bulk, a sample where they are many."""

from __future__ import annotations

import random
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from training_platform.accounts.models import Person
from training_platform.assessment import service as assessment
from training_platform.assessment.models import Evidence, Sitting
from training_platform.assessment.rules import estimate
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.service import LiveModule
from training_platform.coverage.rules.demand import Needs
from training_platform.db import db
from training_platform.errors import ForbiddenError
from training_platform.framework.rules import Framework, targets_of
from training_platform.organisation import service as organisation
from training_platform.organisation.models import Position, Unit
from training_platform.recommendations.rules import Step
from training_platform.recommendations.situation import held_levels
from training_platform.text import Text

RIGHT = "training_officer"
SAMPLE = 1000
"""People whose levels are estimated; larger units are counted by a sample of so many, and it is said."""
SEED = 11
REMEMBERED = 5000
"""People whose levels a process keeps until their evidence or the day changes."""


class UnitOutOfReachError(ForbiddenError):
    """The unit is not among those of the officer."""

    def __init__(self) -> None:
        super().__init__(
            Text("Cette structure n'est pas l'une des vôtres.", "This unit is not one of yours."),
        )


@dataclass(frozen=True, kw_only=True)
class PersonNeeds:
    """One person with their needs and the minutes that they have each week."""

    id: int
    minutes_per_week: int
    needs: Needs


@dataclass(frozen=True, kw_only=True)
class UnitChoice:
    """A unit that may be looked at, with its depth below the officer's topmost one."""

    id: int
    name: str
    depth: int


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Whom the officer looks at: a unit and all below (None: all of theirs), a job family (empty: all)."""

    unit_id: int | None = None
    family: str = ""


@dataclass(frozen=True, kw_only=True)
class Group:
    """The people looked at: those estimated, and how many there are in all."""

    people: tuple[PersonNeeds, ...]
    total: int

    @property
    def factor(self) -> float:
        """Return how many people each one of the sample stands for."""
        return self.total / len(self.people) if self.people else 1.0

    @property
    def sampled(self) -> bool:
        """Tell whether the numbers are scaled up from a sample."""
        return self.total > len(self.people)


def units_of(officer_id: int) -> list[UnitChoice]:
    """Return the units of an officer in the order of their tree; raise ForbiddenError without the right."""
    organisation.require_right(officer_id, RIGHT)
    within = organisation.units_within(officer_id, RIGHT)
    rows = list(db.session.scalars(select(Unit).where(Unit.id.in_(within)).order_by(Unit.code)))
    below: dict[int | None, list[Unit]] = {}
    for unit in rows:
        below.setdefault(unit.parent_id if unit.parent_id in within else None, []).append(unit)
    return list(_walk(below, None, 0))


def _walk(below: Mapping[int | None, Sequence[Unit]], parent: int | None, depth: int) -> list[UnitChoice]:
    found = []
    for unit in below.get(parent, ()):
        found.append(UnitChoice(id=unit.id, name=unit.name, depth=depth))
        found += _walk(below, unit.id, depth + 1)
    return found


def chosen(units: Sequence[UnitChoice], unit_id: int | None) -> list[int]:
    """Return the ids of a unit and all below it, of all where none is given; raise UnitOutOfReachError."""
    if unit_id is None:
        return [unit.id for unit in units]
    start = next((place for place, unit in enumerate(units) if unit.id == unit_id), None)
    if start is None:
        raise UnitOutOfReachError
    found = [unit_id]
    for unit in units[start + 1 :]:
        if unit.depth <= units[start].depth:
            break
        found.append(unit.id)
    return found


def group_of(
    units: Sequence[int], family: str, framework: Framework, modules: Sequence[LiveModule], now: datetime
) -> Group:
    """Return the people with a position in these units (and family); five queries however many they are."""
    query = (
        select(Position.person_id, Position.role_id, Person.minutes_per_week, Person.session_stamp)
        .join(Person, Position.person_id == Person.id)
        .where(Position.unit_id.in_(units))
        .order_by(Position.person_id, Position.id)
    )
    roles: dict[int, list[str]] = {}
    minutes: dict[int, int] = {}
    stamps: dict[int, str] = {}
    for person_id, role_id, per_week, stamp in db.session.execute(query):
        if role_id in framework.roles:
            roles.setdefault(person_id, []).append(role_id)
            minutes[person_id], stamps[person_id] = per_week, stamp
    families = {p: frozenset(framework.roles[r].family for r in own) for p, own in roles.items()}
    wanted = [person for person in roles if not family or family in families[person]]
    kept = sorted(random.Random(SEED).sample(wanted, SAMPLE)) if len(wanted) > SAMPLE else wanted
    held = held_by({person: stamps[person] for person in kept}, framework, modules, now)
    return Group(
        people=tuple(
            PersonNeeds(
                id=person,
                minutes_per_week=minutes[person],
                needs=Needs(
                    held=held.get(person, {}),
                    targets=targets_of(framework.roles[role] for role in dict.fromkeys(roles[person])),
                    families=families[person],
                ),
            )
            for person in kept
        ),
        total=len(wanted),
    )


_Key = tuple[str, int, int, date, str, frozenset[Step]]
_held: OrderedDict[_Key, Mapping[str, int]] = OrderedDict()
"""Levels held, by account, evidence, day, framework and safety-relevant steps: they depend on nothing else."""


def held_by(
    people: Mapping[int, str], framework: Framework, modules: Sequence[LiveModule], now: datetime
) -> dict[int, Mapping[str, int]]:
    """Return the levels that people hold (id → stamp of the account); computed anew only where evidence has changed."""
    safety = catalogue.safety_steps(modules)
    contested = select(Sitting.id).where(Sitting.person_id.in_(people), Sitting.contested_at.is_not(None))
    counted = Evidence.void_at.is_(None) & (Evidence.sitting_id.is_(None) | Evidence.sitting_id.not_in(contested))
    marks = (
        select(Evidence.person_id, func.max(Evidence.id), func.count())
        .where(Evidence.person_id.in_(people), counted)
        .group_by(Evidence.person_id)
    )
    keys: dict[int, _Key] = {
        # The stamp is random: an account that takes the number of a deleted one is not taken for it.
        person: (people[person], last, number, now.date(), framework.version, safety)
        for person, last, number in db.session.execute(marks)
    }
    found = {person: held for person, key in keys.items() if (held := _held.get(key)) is not None}
    if new := keys.keys() - found.keys():
        competencies = list(framework.competencies)
        for person, observations in assessment.observations_of_many(new).items():
            found[person] = _held[keys[person]] = held_levels(estimate(competencies, observations, now), safety)
    while len(_held) > max(REMEMBERED, len(people)):
        _held.popitem(last=False)
    return found
