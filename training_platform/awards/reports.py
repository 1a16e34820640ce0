"""Who holds a certificate, is due, has expired, in the units of whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from training_platform.accounts.models import Person
from training_platform.awards.models import Award
from training_platform.awards.rules import State, state_of
from training_platform.db import db
from training_platform.errors import ForbiddenError
from training_platform.organisation import service as organisation
from training_platform.organisation.models import Position, Unit
from training_platform.text import Text

READERS = ("training_officer", "manager", "hr")


@dataclass(frozen=True, kw_only=True)
class ReportRow:
    """One certificate as the report shows it."""

    number: str
    name: str
    email: str
    unit: str
    track_id: str
    track: Text
    version: int
    issued_at: datetime
    expires_at: datetime
    state: State
    reason: str


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What the reader wants to see; empty shows all."""

    unit_id: int | None = None
    track_id: str = ""
    state: str = ""


def units_of_reader(person_id: int) -> list[Unit]:
    """Return the units whose certificates the person may read, by code; raise ForbiddenError where there are none."""
    within = set().union(*(organisation.units_within(person_id, right) for right in READERS))
    if not within:
        raise ForbiddenError(
            Text(
                "Ce suivi est réservé aux responsables de formation, aux cadres et aux ressources humaines, pour leurs structures.",
                "This report is for training officers, managers and human resources, for their units.",
            )
        )
    return list(db.session.scalars(select(Unit).where(Unit.id.in_(within)).order_by(Unit.code)))


def rows(person_id: int, filters: Filters, now: datetime) -> list[ReportRow]:
    """Return the certificates of the people in the reader's units, by name; two queries."""
    units = {unit.id: unit for unit in units_of_reader(person_id)}
    wanted = below(units, filters.unit_id) if filters.unit_id else set(units)
    holders: dict[int, str] = {}
    query = select(Position.person_id, Position.unit_id).where(Position.unit_id.in_(wanted)).order_by(Position.id)
    for holder, unit_id in db.session.execute(query):
        holders.setdefault(holder, units[unit_id].name)
    found = db.session.scalars(
        select(Award)
        .join(Person, Person.id == Award.person_id)
        .where(
            Award.person_id.in_(select(Position.person_id).where(Position.unit_id.in_(wanted))),
            *([Award.track_id == filters.track_id] if filters.track_id else []),
        )
        .options(joinedload(Award.person))
        .order_by(Person.name, Award.id)
    )
    shown = [_row(award, holders.get(award.person_id, ""), now) for award in found]
    return [row for row in shown if not filters.state or row.state == filters.state]


def below(units: Mapping[int, Unit], top: int) -> set[int]:
    """Return a unit and all below it, among these; raise ForbiddenError where it is none of them."""
    if top not in units:
        raise ForbiddenError(Text("Cette structure n'est pas des vôtres.", "This unit is not one of yours."))
    wanted = {top}
    while more := {unit.id for unit in units.values() if unit.parent_id in wanted} - wanted:
        wanted |= more
    return wanted


def _row(award: Award, unit: str, now: datetime) -> ReportRow:
    return ReportRow(
        number=award.number,
        name=award.person.name,
        email=award.person.email,
        unit=unit,
        track_id=award.track_id,
        track=Text(award.track_name["fr"], award.track_name["en"]),
        version=award.track_version,
        issued_at=award.issued_at,
        expires_at=award.expires_at,
        state=state_of(award.expires_at, award.revoked_at, now),
        reason=award.revoked_reason or "",
    )
