"""What units ask of their people: created and withdrawn by HR and training officers, obeyed by the planner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from training_platform.db import db
from training_platform.errors import ForbiddenError, NotFoundError, RefusedError
from training_platform.organisation import service as organisation
from training_platform.organisation.models import Position, Unit
from training_platform.recommendations.models import DutyRecord
from training_platform.recommendations.rules import Obligation
from training_platform.text import Text

RIGHTS = ("hr", "training_officer")


@dataclass(frozen=True, kw_only=True)
class Duty:
    """A duty as pages and the planner see it."""

    id: int
    name: Text
    unit: str
    roles: tuple[str, ...]
    modules: tuple[str, ...]
    targets: Mapping[str, int]
    due: date | None

    def obligation(self, minutes_per_week: int, today: date) -> Obligation:
        """Return it as the planner takes it: its date as minutes that the person has until then."""
        weeks = None if self.due is None else max((self.due - today).days, 0) / 7
        return Obligation(
            id=str(self.id),
            modules=frozenset(self.modules),
            targets=dict(self.targets),
            minutes=None if weeks is None else int(weeks * minutes_per_week),
        )


def duties_of(person_id: int) -> list[Duty]:
    """Return the duties that fall on a person: of the unit of a position and all above, for its role; one query."""
    rows = db.session.execute(_on_person(), {"person": person_id}).all()
    return [_duty(row) for row in dict.fromkeys(row for row, role in rows if not row.roles or role in row.roles)]


@cache
def _on_person() -> Select[tuple[DutyRecord, str]]:
    """Return the query of ``duties_of``, built once."""
    held = select(Position.role_id, Unit.id, Unit.parent_id).join(Unit, Position.unit_id == Unit.id)
    tree = held.where(Position.person_id == bindparam("person")).cte("tree", recursive=True)
    tree = tree.union(select(tree.c.role_id, Unit.id, Unit.parent_id).join(tree, Unit.id == tree.c.parent_id))
    query = select(DutyRecord, tree.c.role_id).join(tree, DutyRecord.unit_id == tree.c.id)
    return query.where(DutyRecord.withdrawn_at.is_(None)).options(joinedload(DutyRecord.unit)).order_by(DutyRecord.id)


def _duty(row: DutyRecord) -> Duty:
    return Duty(
        id=row.id,
        name=Text(row.name_fr, row.name_en),
        unit=row.unit.name,
        roles=tuple(row.roles),
        modules=tuple(row.modules),
        targets={c: int(level) for c, level in row.targets.items()},
        due=row.due,
    )


def units_of(person_id: int) -> list[Unit]:
    """Return the units for which the person may set duties."""
    within: set[int] = set()
    for right in RIGHTS:
        within |= organisation.units_within(person_id, right)
    return list(db.session.scalars(select(Unit).where(Unit.id.in_(within)).order_by(Unit.code)))


def listed(person_id: int) -> list[Duty]:
    """Return the standing duties of the units for which the person may set duties."""
    within = [unit.id for unit in units_of(person_id)]
    query = select(DutyRecord).where(DutyRecord.unit_id.in_(within), DutyRecord.withdrawn_at.is_(None))
    return [
        _duty(row) for row in db.session.scalars(query.options(joinedload(DutyRecord.unit)).order_by(DutyRecord.id))
    ]


def create(
    author_id: int,
    *,
    unit_id: int,
    name: Text,
    modules: Sequence[str],
    targets: Mapping[str, int],
    roles: Sequence[str],
    due: date | None,
    now: datetime,
) -> Duty:
    """Set a duty on a unit and all below; raise ForbiddenError without the right, RefusedError where it asks nothing."""
    if unit_id not in {unit.id for unit in units_of(author_id)}:
        raise ForbiddenError(
            Text(
                "Vous ne pouvez fixer d'obligations que pour vos structures.",
                "You may set obligations for your own units only.",
            )
        )
    if not modules and not targets:
        raise RefusedError(
            Text("Choisissez un module ou un niveau à atteindre.", "Choose a module or a level to reach.")
        )
    row = DutyRecord(
        unit_id=unit_id,
        name_fr=name.fr[:160],
        name_en=name.en[:160],
        roles=list(roles),
        modules=list(modules),
        targets=dict(targets),
        due=due,
        author_id=author_id,
        created_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return _duty(row)


def withdraw(person_id: int, duty_id: int, now: datetime) -> Duty:
    """Withdraw a duty; raise NotFoundError where there is none within reach."""
    within = [unit.id for unit in units_of(person_id)]
    row = db.session.scalar(
        select(DutyRecord).where(
            DutyRecord.id == duty_id, DutyRecord.unit_id.in_(within), DutyRecord.withdrawn_at.is_(None)
        )
    )
    if row is None:
        raise NotFoundError(Text("Cette obligation n'existe plus.", "This obligation no longer exists."))
    row.withdrawn_at = now
    return _duty(row)
