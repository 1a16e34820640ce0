"""Certificates as a sheet: written as CSV or XLSX, and read again."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from xml.etree.ElementTree import ParseError
from zipfile import ZipFile

from defusedxml.common import DefusedXmlException
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils.exceptions import InvalidFileException

from training_platform.archives import DAMAGED
from training_platform.awards.reports import ReportRow
from training_platform.awards.rules import STATES, written
from training_platform.organisation.staff_file import LineError, Sheet, read_sheet
from training_platform.text import LANGUAGES, Text

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


def _cells(row: ReportRow, language: str) -> list[str]:
    """Return a row as text, in the order of COLUMNS; dates as the year, month and day that every sheet reads."""
    return [
        written(row.number),
        row.name,
        row.email,
        row.unit,
        row.track_id,
        str(row.version),
        row.issued_at.date().isoformat(),
        row.expires_at.date().isoformat(),
        STATES[row.state][language],
        row.reason,
    ]


def as_csv(found: Sequence[ReportRow], language: str) -> bytes:
    """Return the rows as CSV that French spreadsheets open as it is: semicolons, UTF-8 with its mark."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, delimiter=";", lineterminator="\r\n")
    writer.writerow([name[language] for name in COLUMNS.values()])
    writer.writerows([[_harmless(cell) for cell in _cells(row, language)] for row in found])
    return sheet.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from reading a name as a formula (OWASP: CSV injection)."""
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def as_xlsx(found: Sequence[ReportRow], language: str) -> bytes:
    """Return the rows as a workbook whose cells are all text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(Text("Certificats", "Certificates")[language])
    sheet.freeze_panes = "A2"
    for cells in ([name[language] for name in COLUMNS.values()], *(_cells(row, language) for row in found)):
        line = []
        for value in cells:
            cell = WriteOnlyCell(sheet, value=value)
            cell.data_type = "s"
            line.append(cell)
        sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(data: bytes) -> Sheet:
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
