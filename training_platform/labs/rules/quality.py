"""A file of stays with seeded errors: what is written, what is true, and the mean length that each correction moves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from training_platform.catalogue.lab_format import QualityLab
from training_platform.labs.rules.chance import Chance

Error = Literal["swapped", "double", "month", "sex", "birth", "missing", "default"]
ERRORS: tuple[Error, ...] = ("swapped", "double", "month", "sex", "birth", "missing", "default")
UNITS = ("medicine", "surgery", "maternity", "geriatrics")
NEW_YEAR, YEAR_DAYS = date(2025, 1, 1), 365
"""Days are counted from 1 for the first of January of a year without a leap day."""
TRAPS = (("long", 71), ("short", 0))
"""Stays that look wrong and are right: a very long one, and one that ends on its first day."""


@dataclass(frozen=True, kw_only=True)
class Stay:
    """A line of the file."""

    sex: str
    age: int
    unit: str
    entry: int
    exit: int | None

    @property
    def length(self) -> int | None:
        """Days from entry to exit, None where the exit is missing."""
        return None if self.exit is None else self.exit - self.entry


@dataclass(frozen=True, kw_only=True)
class Line:
    """What is written, what the source says (None where the line should not exist), and what is wrong."""

    written: Stay
    true: Stay | None
    error: Error | None


def lines(lab: QualityLab) -> tuple[Line, ...]:
    """Make the file of the lab from its seed: one error of each kind, two traps, and right stays."""
    chance = Chance(lab.seed)
    errors = [_wrong(_stay(chance), error, chance) for error in ERRORS if error != "double"]
    traps = [_right(replace(_stay(chance), exit=None), days) for _, days in TRAPS]
    plain = [_plain(_stay(chance)) for _ in range(lab.stays - len(errors) - len(traps) - 1)]
    made = chance.shuffled([*errors, *traps, *plain])
    original = chance.whole(2, len(made) - 4)
    while made[original].error:
        original = (original + 1) % len(made)
    double = Line(written=made[original].written, true=None, error="double")
    return (*made[: original + 3], double, *made[original + 3 :])


def _stay(chance: Chance) -> Stay:
    unit = chance.pick(UNITS)
    age = (
        chance.whole(19, 41)
        if unit == "maternity"
        else chance.whole(74, 101)
        if unit == "geriatrics"
        else chance.whole(24, 92)
    )
    entry = chance.whole(2, 240)
    days = 1 + int(chance.exponential({"medicine": 6, "surgery": 4, "maternity": 3, "geriatrics": 10}[unit]))
    sex = "F" if unit == "maternity" or chance.below(0.5) else "M"
    return Stay(sex=sex, age=age, unit=unit, entry=entry, exit=entry + min(days, 34))


def _plain(stay: Stay) -> Line:
    return Line(written=stay, true=stay, error=None)


def _right(stay: Stay, days: int) -> Line:
    unit = "geriatrics" if days else "surgery"
    age = 88 if days else 45
    true = replace(stay, unit=unit, age=age, exit=stay.entry + days)
    return Line(written=true, true=true, error=None)


def _wrong(stay: Stay, error: Error, chance: Chance) -> Line:
    """Spoil a stay in one way."""
    assert stay.exit is not None
    if error == "sex":
        stay = replace(stay, unit="maternity", sex="F", age=min(stay.age, 38))
    if error == "default":
        entry = chance.whole(285, 300)
        stay = replace(stay, entry=entry, exit=entry + chance.whole(3, 9))
    if error == "swapped":
        stay = replace(stay, exit=stay.entry + chance.whole(8, 15))
    return Line(written=_spoilt(stay, error, chance), true=stay, error=error)


def _spoilt(stay: Stay, error: Error, chance: Chance) -> Stay:
    exit_ = stay.exit or stay.entry
    match error:
        case "swapped":
            return replace(stay, entry=exit_, exit=stay.entry)
        case "month":
            left = day(exit_)
            return replace(stay, exit=number(date(left.year, left.month + chance.whole(2, 3), min(left.day, 28))))
        case "sex":
            return replace(stay, sex="M")
        case "birth":
            return replace(stay, age=stay.age + 100)
        case "missing":
            return replace(stay, exit=None)
        case "default":
            return replace(stay, exit=YEAR_DAYS)
        case "double":
            return stay


def now(file: Sequence[Line], checked: Collection[int]) -> list[Stay | None]:
    """Return the file with the checked lines as the source says; None where a line has gone."""
    return [line.true if index in checked else line.written for index, line in enumerate(file)]


def mean_length(stays: Sequence[Stay | None]) -> float:
    """Return the mean length of the stays that have one, in days, as the dashboard computes it: without a thought."""
    lengths = [stay.length for stay in stays if stay is not None and stay.length is not None]
    return round(sum(lengths) / len(lengths), 1) if lengths else 0.0


def wrong(file: Sequence[Line]) -> list[int]:
    """Return the lines with an error."""
    return [index for index, line in enumerate(file) if line.error]


def day(of_year: int) -> date:
    """Return a day of the year as a date."""
    return NEW_YEAR + timedelta(days=of_year - 1)


def number(on: date) -> int:
    """Return a date as a day of the year."""
    return (on - NEW_YEAR).days + 1
