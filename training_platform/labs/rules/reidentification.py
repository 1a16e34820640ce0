"""An extract without names: which rows share what is left of them, and which stand alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from training_platform.catalogue.lab_format import ReidentificationLab
from training_platform.labs.rules.chance import Chance

COLUMNS = ("age", "sex", "place", "entry")
LEVELS = {"age": 4, "sex": 2, "place": 3, "entry": 3}
"""How far each column can be blurred; the last level hides it."""
RAW = dict.fromkeys(COLUMNS, 0)
DAYS, MONTHS, SECTOR = 28, 3, 3


@dataclass(frozen=True, kw_only=True)
class Row:
    """A stay of the extract."""

    age: int
    sex: str
    place: int
    month: int
    day: int
    diagnosis: int


def rows(lab: ReidentificationLab) -> tuple[Row, ...]:
    """Make the extract from its seed."""
    chance = Chance(lab.seed)
    return tuple(
        Row(
            age=min(max(round(chance.normal(59, 16)), 22), 97),
            sex="F" if chance.below(0.54) else "M",
            place=min(int(chance.exponential(len(lab.places) / 3)), len(lab.places) - 1),
            month=chance.whole(0, MONTHS - 1),
            day=chance.whole(1, DAYS),
            diagnosis=chance.whole(0, len(lab.diagnoses) - 1),
        )
        for _ in range(lab.rows)
    )


def value(row: Row, column: str, level: int) -> tuple[int | str, ...]:
    """Return what a column still says at a level of blur; nothing at the last."""
    if level >= LEVELS[column] - 1:
        return ()
    if column == "age":
        return (row.age // (1, 10, 20)[level],)
    if column == "sex":
        return (row.sex,)
    if column == "place":
        return (row.place // (1, SECTOR)[level],)
    return (row.month, row.day) if level == 0 else (row.month,)


def sizes(extract: Sequence[Row], levels: Mapping[str, int]) -> list[int]:
    """Return, for each row, how many rows look like it, itself included."""
    keys = [tuple(value(row, column, levels[column]) for column in COLUMNS) for row in extract]
    counted = Counter(keys)
    return [counted[key] for key in keys]


def alike(extract: Sequence[Row], levels: Mapping[str, int], index: int) -> list[int]:
    """Return the rows that look like one row, itself included."""
    wanted = [value(extract[index], column, levels[column]) for column in COLUMNS]
    return [
        other
        for other, row in enumerate(extract)
        if [value(row, column, levels[column]) for column in COLUMNS] == wanted
    ]


def columns_needed(extract: Sequence[Row], index: int) -> int:
    """Return the fewest raw columns that single a row out; one more than there are where none do."""
    hidden = {column: LEVELS[column] - 1 for column in COLUMNS}
    for number in range(1, len(COLUMNS) + 1):
        for shown in combinations(COLUMNS, number):
            if alike(extract, hidden | dict.fromkeys(shown, 0), index) == [index]:
                return number
    return len(COLUMNS) + 1


def colleague(extract: Sequence[Row]) -> int:
    """Choose the colleague: the first woman of working age whom exactly two columns single out."""
    for index, row in enumerate(extract):
        if row.sex == "F" and 30 <= row.age <= 60 and columns_needed(extract, index) == 2:
            return index
    return 0


def useful(levels: Mapping[str, int]) -> bool:
    """Tell whether the study can still be made: the month of entry and an age group are left."""
    return levels["entry"] < LEVELS["entry"] - 1 and levels["age"] < LEVELS["age"] - 1


def secrets(extract: Sequence[Row], indexes: Sequence[int]) -> int:
    """Return how many different diagnoses some rows have: one alone gives it away."""
    return len({extract[index].diagnosis for index in indexes})
