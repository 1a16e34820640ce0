"""Bringing units and people in from CSV, whole or not at all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from training_platform.accounts import service as accounts
from training_platform.accounts.models import Person
from training_platform.db import db
from training_platform.organisation import service
from training_platform.organisation.models import Position, Unit
from training_platform.organisation.staff_file import (
    PERSON_COLUMNS,
    UNIT_COLUMNS,
    LineError,
    check_people,
    check_units,
    read_sheet,
)


@dataclass(frozen=True, kw_only=True)
class StaffReport:
    """What an import did, or why nothing was written."""

    added: int
    changed: int
    errors: tuple[LineError, ...]


def import_units(person_id: int, data: bytes) -> StaffReport:
    """Import units; needs the right of administrator; writes nothing where a line is wrong."""
    service.require_right(person_id, "administrator")
    known = {unit.code: unit for unit in db.session.scalars(select(Unit))}
    sheet = read_sheet(data, UNIT_COLUMNS)
    errors = (*sheet.errors, *check_units(sheet.rows, known))
    if errors:
        return StaffReport(added=0, changed=0, errors=errors)
    before = len(known)
    for row in sheet.rows:
        unit = known.setdefault(row.values["code"], Unit(code=row.values["code"]))
        unit.name, unit.kind = row.values["name"], row.values["kind"]
        unit.parent_id = known[row.values["parent"]].id if row.values["parent"] else unit.parent_id
        db.session.add(unit)
        db.session.flush()
    added = len(known) - before
    return StaffReport(added=added, changed=len(sheet.rows) - added, errors=())


def import_people(person_id: int, data: bytes, roles: Collection[str], now: datetime) -> StaffReport:
    """Import people with one position a line, within the administrator's units; nothing where a line is wrong."""
    service.require_right(person_id, "administrator")
    within = service.units_within(person_id, "administrator")
    units = {unit.code: unit.id for unit in db.session.scalars(select(Unit).where(Unit.id.in_(within)))}
    sheet = read_sheet(data, PERSON_COLUMNS)
    errors = (*sheet.errors, *check_people(sheet.rows, units, roles))
    if errors:
        return StaffReport(added=0, changed=0, errors=errors)
    people = {person.email: person for person in db.session.scalars(select(Person))}
    added = 0
    for row in sheet.rows:
        email = row.values["email"].lower()
        if email not in people:
            language = row.values.get("language", "") or "fr"
            people[email] = accounts.create_person(
                email, row.values["name"], now, language=language if language in ("fr", "en") else "fr"
            )
            added += 1
        _hold(people[email].id, units[row.values["unit"]], row.values["role"], row.values.get("title", ""), now)
    return StaffReport(added=added, changed=len(sheet.rows) - added, errors=())


def _hold(person_id: int, unit_id: int, role_id: str, title: str, now: datetime) -> None:
    exists = select(Position.id).where(
        Position.person_id == person_id, Position.unit_id == unit_id, Position.role_id == role_id
    )
    if db.session.scalar(exists) is None:
        position = Position(person_id=person_id, unit_id=unit_id, role_id=role_id, title=title, since=now.date())
        db.session.add(position)
        db.session.flush()
