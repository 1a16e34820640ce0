"""Certificates brought in from a sheet, those of a former system too: checked line by line, all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from training_platform.accounts.models import Person
from training_platform.awards.models import Award
from training_platform.awards.rules import read_number
from training_platform.awards.service import TrackFacts, free_bit
from training_platform.awards.sheets import read
from training_platform.db import db
from training_platform.organisation import service as organisation
from training_platform.organisation.models import Position
from training_platform.organisation.staff_file import LineError, Row
from training_platform.text import Text


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What an import did, or why nothing was written."""

    added: int = 0
    unchanged: int = 0
    errors: tuple[LineError, ...] = ()


def import_rows(person_id: int, data: bytes, tracks: Mapping[str, TrackFacts], now: datetime) -> ImportReport:
    """Bring certificates in from such a sheet, those of a former system too; all or nothing.

    A number that exists must say the same as here; one that does not is added for somebody else of the officer's units.
    Raise ForbiddenError without the right of training officer.
    """
    organisation.require_right(person_id, "training_officer")
    within = organisation.units_within(person_id, "training_officer")
    query = select(Person).join(Position, Position.person_id == Person.id).where(Position.unit_id.in_(within))
    people = {person.email: person for person in db.session.scalars(query.where(Person.id != person_id))}
    sheet = read(data)
    known = {award.number: award for award in db.session.scalars(select(Award).options(joinedload(Award.person)))}
    checked = [_check(row, known, people, tracks) for row in sheet.rows]
    errors = (*sheet.errors, *(found for found in checked if isinstance(found, LineError)), *_twice(sheet.rows))
    if errors:
        return ImportReport(errors=errors)
    new = [found for found in checked if isinstance(found, Award)]
    for award in new:
        award.status_list, award.status_index = free_bit()
        db.session.add(award)
        db.session.flush()
    return ImportReport(added=len(new), unchanged=len(checked) - len(new))


def _check(
    row: Row, known: Mapping[str, Award], people: Mapping[str, Person], tracks: Mapping[str, TrackFacts]
) -> Award | LineError | None:
    """Return the certificate to add, what is wrong with the line, or None where it says what is here already."""
    number = read_number(row.values["number"])
    if number is None:
        return _error(row, "Numéro de certificat inexact.", "Wrong certificate number.")
    dates = _dates(row)
    if dates is None:
        return _error(
            row,
            "Dates attendues sous la forme 2026-11-28, la fin après le début.",
            "Dates are expected as 2026-11-28, the end after the start.",
        )
    if number in known:
        return _same(row, known[number])
    person, track = people.get(row.values["email"].lower()), tracks.get(row.values["track"])
    if person is None:
        return _error(
            row,
            "Cette personne n'est pas de vos structures, ou c'est vous : un autre responsable ajoute votre certificat.",
            "This person is not in your units, or is yourself: another officer adds your certificate.",
        )
    if track is None or not row.values["version"].isdecimal():
        return _error(row, "Certification ou version inconnue.", "Unknown track or version.")
    return Award(
        number=number,
        person_id=person.id,
        track_id=track.track_id,
        track_version=int(row.values["version"]),
        track_name={"fr": track.name.fr, "en": track.name.en},
        criteria={"fr": track.criteria.fr, "en": track.criteria.en},
        issuer_name="",
        issued_at=dates[0],
        expires_at=dates[1],
        imported=True,
    )


def _twice(rows: Sequence[Row]) -> list[LineError]:
    """Return the lines that repeat the number of a line before."""
    numbers = [read_number(row.values["number"]) for row in rows]
    return [
        _error(
            row, "Ce numéro est déjà plus haut dans le fichier.", "This number stands further up in the file already."
        )
        for place, row in enumerate(rows)
        if numbers[place] is not None and numbers[place] in numbers[:place]
    ]


def _same(row: Row, award: Award) -> LineError | None:
    here = (award.person.email, award.track_id, award.issued_at.date(), award.expires_at.date())
    dates = _dates(row)
    there = (row.values["email"].lower(), row.values["track"], *(moment.date() for moment in dates or ()))
    if here == there:
        return None
    return _error(
        row,
        "Ce certificat existe ici avec un autre contenu ; il ne se change pas par un fichier.",
        "This certificate exists here with other content; a file does not change it.",
    )


def _dates(row: Row) -> tuple[datetime, datetime] | None:
    try:
        issued, expires = (
            datetime.fromisoformat(row.values[key][:10]).replace(tzinfo=UTC) for key in ("issued", "expires")
        )
    except ValueError:
        return None
    return (issued, expires) if issued < expires else None


def _error(row: Row, fr: str, en: str) -> LineError:
    return LineError(line=row.line, reason=Text(fr, en))
