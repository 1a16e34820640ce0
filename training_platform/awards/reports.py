"""Who holds, is due, has expired, by unit: the rows of the screen, out as a sheet and in again."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import ParseError
from zipfile import ZipFile

from defusedxml.common import DefusedXmlException
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from training_platform.accounts.models import Person
from training_platform.archives import DAMAGED
from training_platform.awards.models import Award
from training_platform.awards.rules import STATES, State, read_number, state_of, written
from training_platform.awards.service import TrackFacts, free_bit
from training_platform.db import db
from training_platform.errors import ForbiddenError
from training_platform.organisation import service as organisation
from training_platform.organisation.models import Position, Unit
from training_platform.organisation.staff_file import LineError, Row, Sheet, read_sheet
from training_platform.text import LANGUAGES, Text

READERS = ("training_officer", "manager", "hr")
COLUMNS: dict[str, Text] = {
    "number": Text("numéro", "number"),
    "name": Text("nom", "name"),
    "email": Text("courriel", "email"),
    "unit": Text("structure", "unit"),
    "track": Text("certification", "track"),
    "version": Text("version", "version"),
    "issued": Text("délivré le", "issued"),
    "expires": Text("expire le", "expires"),
    "state": Text("état", "state"),
    "reason": Text("motif du retrait", "reason"),
}
NAMES = {text[language]: key for key, text in COLUMNS.items() for language in LANGUAGES}
LARGEST_SHEET = 20 * 1024 * 1024
"""Bytes that an XLSX file may unfold to."""
MOST_LINES, MOST_COLUMNS = 20_000, 30
"""Of a sheet, what is read; more is no list of certificates."""


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

    def cells(self, language: str) -> list[str]:
        """Return the row as text, in the order of COLUMNS; dates as the year, month and day that every sheet reads."""
        return [
            written(self.number),
            self.name,
            self.email,
            self.unit,
            self.track_id,
            str(self.version),
            self.issued_at.date().isoformat(),
            self.expires_at.date().isoformat(),
            STATES[self.state][language],
            self.reason,
        ]


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What the reader wants to see; empty shows all."""

    unit_id: int | None = None
    track_id: str = ""
    state: str = ""


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What an import did, or why nothing was written."""

    added: int = 0
    unchanged: int = 0
    errors: tuple[LineError, ...] = ()


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


def as_csv(found: Sequence[ReportRow], language: str) -> bytes:
    """Return the rows as CSV that French spreadsheets open as it is: semicolons, UTF-8 with its mark."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, delimiter=";", lineterminator="\r\n")
    writer.writerow([name[language] for name in COLUMNS.values()])
    writer.writerows([[_harmless(cell) for cell in row.cells(language)] for row in found])
    return sheet.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from reading a name as a formula (OWASP: CSV injection)."""
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def as_xlsx(found: Sequence[ReportRow], language: str) -> bytes:
    """Return the rows as a workbook whose cells are all text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(Text("Certificats", "Certificates")[language])
    sheet.freeze_panes = "A2"
    for cells in ([name[language] for name in COLUMNS.values()], *(row.cells(language) for row in found)):
        line = []
        for value in cells:
            cell = WriteOnlyCell(sheet, value=value)
            cell.data_type = "s"
            line.append(cell)
        sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def import_rows(person_id: int, data: bytes, tracks: Mapping[str, TrackFacts], now: datetime) -> ImportReport:
    """Bring certificates in from such a sheet, those of a former system too; all or nothing.

    A number that exists must say the same as here; one that does not is added for somebody else of the officer's units.
    Raise ForbiddenError without the right of training officer.
    """
    organisation.require_right(person_id, "training_officer")
    within = organisation.units_within(person_id, "training_officer")
    query = select(Person).join(Position, Position.person_id == Person.id).where(Position.unit_id.in_(within))
    people = {person.email: person for person in db.session.scalars(query.where(Person.id != person_id))}
    sheet = _read(data)
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


def _read(data: bytes) -> Sheet:
    """Read CSV or XLSX into rows by column; a workbook's cells go through the same reader as those of CSV."""
    columns = ("number", "email", "track", "version", "issued", "expires")
    if not data.startswith(b"PK"):
        return read_sheet(data, columns, NAMES)
    try:
        with ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > LARGEST_SHEET:
                return _unreadable("Ce classeur est trop grand.", "This workbook is too large.")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        # A sheet may name a cell at its far end: what lies between takes no bytes in the file, but it does in memory.
        lines = book.worksheets[0].iter_rows(values_only=True, max_row=MOST_LINES, max_col=MOST_COLUMNS)
        cells = [["" if cell is None else str(cell) for cell in line] for line in lines]
    except (*DAMAGED, InvalidFileException, ParseError, DefusedXmlException, TypeError, AttributeError):
        return _unreadable("Ce classeur ne se lit pas.", "This workbook cannot be read.")
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(cells)
    return read_sheet(text.getvalue().encode(), columns, NAMES)


def _unreadable(fr: str, en: str) -> Sheet:
    return Sheet(rows=(), errors=(LineError(line=1, reason=Text(fr, en)),))


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
