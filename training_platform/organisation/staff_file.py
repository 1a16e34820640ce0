"""Reading a staff file (CSV): any usual encoding and separator, errors by line, all or nothing; pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from training_platform.text import Text, counted, excess

UNIT_COLUMNS = ("code", "name", "kind", "parent")
PERSON_COLUMNS = ("email", "name", "unit", "role")
FRENCH = {
    "nom": "name",
    "type": "kind",
    "parent": "parent",
    "courriel": "email",
    "mail": "email",
    "structure": "unit",
    "metier": "role",
    "métier": "role",
    "langue": "language",
    "poste": "title",
    "code": "code",
}
KINDS = ("nation", "region", "ght", "establishment", "department")
LONGEST_TITLE = 4000
"""Characters of a job in somebody's own words."""
EMAIL = re.compile(r"^[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+$")


@dataclass(frozen=True, kw_only=True)
class LineError:
    """What is wrong on one line of the file (from 1, the header counted)."""

    line: int
    reason: Text


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the file by column name."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A file as read: its rows, or what is wrong with it."""

    rows: tuple[Row, ...]
    errors: tuple[LineError, ...]


def decode(data: bytes) -> str:
    """Return the text of UTF-8 (with or without mark) or else Windows-1252, which spreadsheets still write."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def read_sheet(data: bytes, columns: Collection[str], names: Mapping[str, str] = FRENCH) -> Sheet:
    """Read the rows; the header decides separator and columns, in French (``names``) or English."""
    try:
        return _sheet(decode(data), columns, names)
    except csv.Error:
        return _wrong(1, "Ce fichier ne se lit pas : est-ce bien un CSV ?", "This file cannot be read: is it a CSV?")


def _sheet(text: str, columns: Collection[str], names: Mapping[str, str]) -> Sheet:
    first = text.partition("\n")[0]
    separator = max(";,\t", key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    header = [names.get(name.strip().lower(), name.strip().lower()) for name in next(lines, [])]
    if missing := [column for column in columns if column not in header]:
        return _wrong(1, f"Colonnes manquantes : {', '.join(missing)}.", f"Missing columns: {', '.join(missing)}.")
    rows: list[Row] = []
    errors: list[LineError] = []
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            found = counted(len(cells), ("cellule", "cellules"), ("cell", "cells"))
            errors.append(
                _error(
                    lines.line_num,
                    f"{found.fr} au lieu de {len(header)}.",
                    f"{found.en} instead of {len(header)}.",
                )
            )
            continue
        rows.append(Row(line=lines.line_num, values={k: v.strip() for k, v in zip(header, cells, strict=True)}))
    return Sheet(rows=tuple(rows), errors=tuple(errors))


def check_units(rows: Iterable[Row], known: Collection[str]) -> list[LineError]:
    """Return what is wrong with rows of units: kind, parent, code twice."""
    errors, codes = [], set(known)
    seen: set[str] = set()
    for row in rows:
        code, kind, parent = row.values["code"], row.values["kind"], row.values["parent"]
        if not code or not row.values["name"]:
            errors.append(_error(row.line, "Code et nom sont obligatoires.", "Code and name are required."))
        if code in seen:
            errors.append(
                _error(row.line, f"Le code « {code} » est déjà plus haut.", f"The code “{code}” is already above.")
            )
        if kind not in KINDS:
            errors.append(
                _error(
                    row.line,
                    f"Type inconnu « {kind} » ; attendu : {', '.join(KINDS)}.",
                    f"Unknown kind “{kind}”; expected: {', '.join(KINDS)}.",
                )
            )
        if parent and parent not in codes:
            errors.append(
                _error(
                    row.line,
                    f"La structure parente « {parent} » doit être plus haut dans le fichier.",
                    f"The parent unit “{parent}” must stand above in the file.",
                )
            )
        seen.add(code)
        codes.add(code)
    return errors


def check_people(rows: Iterable[Row], units: Collection[str], roles: Collection[str]) -> list[LineError]:
    """Return what is wrong with rows of people: address, unit, role, too long a title, line twice."""
    errors = []
    seen: dict[tuple[str, str, str], int] = {}
    for row in rows:
        email, unit, role = row.values["email"].lower(), row.values["unit"], row.values["role"]
        if not EMAIL.match(email) or not row.values["name"]:
            errors.append(
                _error(row.line, f"Adresse ou nom invalide : « {email} ».", f"Invalid address or name: “{email}”.")
            )
        if unit not in units:
            errors.append(_error(row.line, f"Structure inconnue : « {unit} ».", f"Unknown unit: “{unit}”."))
        if role not in roles:
            errors.append(
                _error(row.line, f"Métier inconnu : « {role} » (R01, R02…).", f"Unknown role: “{role}” (R01, R02…).")
            )
        if over := excess(row.values.get("title", ""), LONGEST_TITLE):
            errors.append(LineError(line=row.line, reason=over))
        if (earlier := seen.setdefault((email, unit, role), row.line)) != row.line:
            errors.append(
                _error(
                    row.line,
                    f"Même personne et même poste qu'à la ligne {earlier}.",
                    f"Same person and position as on line {earlier}.",
                )
            )
    return errors


def _error(line: int, fr: str, en: str) -> LineError:
    return LineError(line=line, reason=Text(fr, en))


def _wrong(line: int, fr: str, en: str) -> Sheet:
    return Sheet(rows=(), errors=(_error(line, fr, en),))
