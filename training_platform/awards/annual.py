"""The year's training in figures, for a unit and all below: people, modules, hours by job family, certificates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from training_platform.awards import reports
from training_platform.awards.models import Award
from training_platform.catalogue.models import ModuleVersion
from training_platform.db import db
from training_platform.framework.rules import Framework
from training_platform.learning.models import Enrolment
from training_platform.organisation.groups import SMALLEST, withheld
from training_platform.organisation.models import Position
from training_platform.text import Text

OTHERS = Text("Autres familles, peu nombreuses", "Other families, few in number")


@dataclass(frozen=True, kw_only=True)
class Done:
    """The training of a group, of which five people at least were trained."""

    trained: int
    modules: int
    minutes: int
    minutes_each: float
    """Minutes of training per person of the group."""


@dataclass(frozen=True, kw_only=True)
class FamilyLine:
    """What one job family did in the year."""

    name: Text
    staff: int
    done: Done | None
    """None where it would tell of too few people."""


@dataclass(frozen=True, kw_only=True)
class AnnualReport:
    """The report of one unit and year: no figure in it tells of under five people, nor does any difference of two."""

    unit: str
    year: int
    lines: tuple[FamilyLine, ...]
    total: FamilyLine | None
    """None where the unit has too few people for any figure."""
    awards: Mapping[str, int | None]
    """Certificates issued, by track; None for those of under five people."""


def annual(person_id: int, unit_id: int | None, year: int, framework: Framework) -> AnnualReport:
    """Return the year's report; minutes are those stated by the modules completed in the year.

    Families under five people are put together; raise ForbiddenError outside the reader's units. Five queries.
    """
    units = {unit.id: unit for unit in reports.units_of_reader(person_id)}
    wanted = reports.below(units, unit_id) if unit_id else set(units)
    families, unit = _families(wanted, framework), units[unit_id].name if unit_id else ""
    start, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    done = db.session.execute(
        select(Enrolment.person_id, ModuleVersion.head)
        .join(ModuleVersion, ModuleVersion.id == Enrolment.version_id)
        .where(Enrolment.completed_at >= start, Enrolment.completed_at < end)
    ).all()
    minutes: dict[int, list[int]] = defaultdict(list)
    for person, head in done:
        if person in families:
            minutes[person].append(int(head["minutes"]))
    holders: dict[str, list[int]] = defaultdict(list)
    query = select(Award.track_id, Award.person_id).where(Award.issued_at >= start, Award.issued_at < end)
    for track_id, person in db.session.execute(query):
        if person in families:
            holders[track_id].append(person)
    if len(families) < SMALLEST:
        return AnnualReport(unit=unit, year=year, lines=(), total=None, awards={})
    return AnnualReport(
        unit=unit,
        year=year,
        lines=tuple(_lines(families, minutes, framework)),
        total=_line(Text("Ensemble", "All"), families, minutes, withhold=_trained(families, minutes) < SMALLEST),
        awards={
            track: len(people) if len(set(people)) >= SMALLEST else None for track, people in sorted(holders.items())
        },
    )


def _families(units: Iterable[int], framework: Framework) -> dict[int, str]:
    """Return the job family of each person in these units, that of the oldest position."""
    query = select(Position.person_id, Position.role_id).where(Position.unit_id.in_(units)).order_by(Position.id)
    found: dict[int, str] = {}
    for person, role_id in db.session.execute(query):
        if role_id in framework.roles:
            found.setdefault(person, framework.roles[role_id].family)
    return found


def _lines(families: Mapping[int, str], minutes: Mapping[int, list[int]], framework: Framework) -> Iterable[FamilyLine]:
    groups: dict[str, set[int]] = defaultdict(set)
    for person, family in families.items():
        groups[family].add(person)
    by_size = sorted(groups, key=lambda family: len(groups[family]), reverse=True)
    rest: set[int] = set()
    # Families join the others, the smallest first, until what is not shown by itself cannot be had by subtraction.
    while by_size and (len(groups[by_size[-1]]) < SMALLEST or 0 < len(rest) < SMALLEST):
        rest |= groups[by_size.pop()]
    shown = [(framework.families[family], groups[family]) for family in by_size] + ([(OTHERS, rest)] if rest else [])
    hidden = withheld([_trained(people, minutes) for _, people in shown])
    for place, (name, people) in enumerate(shown):
        yield _line(name, people, minutes, withhold=place in hidden)


def _trained(people: Iterable[int], minutes: Mapping[int, list[int]]) -> int:
    return sum(person in minutes for person in people)


def _line(name: Text, people: Collection[int], minutes: Mapping[int, list[int]], *, withhold: bool) -> FamilyLine:
    own = [minutes[person] for person in people if person in minutes]
    whole = sum(sum(modules) for modules in own)
    done = Done(
        trained=len(own),
        modules=sum(len(modules) for modules in own),
        minutes=whole,
        minutes_each=whole / len(people),
    )
    return FamilyLine(name=name, staff=len(people), done=None if withhold else done)


def years(now: datetime) -> range:
    """Return the years that a report may be asked for, the latest first."""
    return range(now.year, now.year - 5, -1)
