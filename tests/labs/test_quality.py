"""The quality hunt: one error of each kind, two true surprises, an indicator recomputed by hand."""

from __future__ import annotations

from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tests.labs.shipped import lab
from training_platform.catalogue.lab_format import QualityLab
from training_platform.labs.kinds.quality import Quality
from training_platform.labs.rules import quality

LAB = lab(QualityLab)
FILE = quality.lines(LAB)
WRONG = quality.wrong(FILE)
LINES = st.sets(st.integers(0, len(FILE) - 1))


def setting(checked: set[int]) -> dict[str, str]:
    return {f"s{n + 1}": "1" if n in checked else "" for n in range(len(FILE))}


@given(st.integers(0, 5000), st.integers(16, 40))
def test_every_seed_gives_one_error_of_each_kind_and_lines_that_can_be_told(seed: int, stays: int) -> None:
    file = quality.lines(LAB.model_copy(update={"seed": seed, "stays": stays}))
    assert len(file) == stays
    assert Counter(line.error for line in file if line.error) == Counter(quality.ERRORS)
    for line in file:
        if line.error is None:
            assert line.written == line.true
        elif line.error == "double":
            assert line.true is None
            assert sum(other.written == line.written for other in file) == 2
        else:
            assert line.true != line.written
        if line.true is not None:
            assert line.true.length is not None
            assert 0 <= line.true.length <= 71
            assert line.true.unit != "maternity" or line.true.sex == "F"
            assert 18 < line.true.age < 103


@given(LINES)
def test_the_indicator_is_the_mean_of_the_lengths_that_are_there(checked: set[int]) -> None:
    lengths = []
    for index, line in enumerate(FILE):
        stay = line.true if index in checked else line.written
        if stay is not None and stay.exit is not None:
            lengths.append(stay.exit - stay.entry)
    assert quality.mean_length(quality.now(FILE, checked)) == round(sum(lengths) / len(lengths), 1)


def test_the_errors_move_the_indicator_by_days() -> None:
    raw, true = (quality.mean_length(quality.now(FILE, lines)) for lines in ((), WRONG))
    assert raw - true > 3
    assert true == quality.mean_length(quality.now(FILE, range(len(FILE))))
    assert quality.mean_length([]) == 0


def test_hunting_is_judged_by_what_is_left_and_by_its_price() -> None:
    kind = Quality(LAB)
    true = quality.mean_length(quality.now(FILE, WRONG))
    answers = {"errors": 7.0, "mean": true}
    assert all(finding.right for finding in kind.judge(setting(set(WRONG)), answers))
    part = kind.judge(setting(set(WRONG[1:])), answers)[0]
    assert not part.right
    assert part.said.fr.startswith("Il reste dans le fichier")
    everything = kind.judge(setting(set(range(len(FILE)))), answers)[0]
    assert not everything.right
    assert "au hasard" in everything.said.fr
    wrong = kind.judge(setting(set()), {"errors": 9.0, "mean": true + 0.2})
    assert [finding.right for finding in wrong] == [False, False, False]


def test_a_checked_line_shows_what_it_was_and_what_it_is() -> None:
    view = Quality(LAB).show(setting(set(range(len(FILE)))))
    sources = Counter(row[-1].text.en for row in view.tables[0].rows)
    assert sources == {"right": len(FILE) - 7, "corrected": 6, "double removed": 1}
    struck = [cell for row in view.tables[0].rows for cell in row if cell.was.fr]
    assert len(struck) >= 12


@given(st.integers(1, 365))
def test_days_of_the_year_are_dates_of_a_plain_year(of_year: int) -> None:
    on = quality.day(of_year)
    assert quality.number(on) == of_year
    assert (on.month, on.day) != (2, 29)


def test_a_date_filled_in_by_default_is_the_last_of_the_year_and_a_wrong_month_keeps_its_day() -> None:
    written = {line.error: line for line in FILE}
    assert quality.day(written["default"].written.exit or 0) == date(2025, 12, 31)
    month = written["month"]
    assert month.true is not None
    assert month.true.exit is not None
    assert month.written.exit is not None
    assert month.written.exit - month.true.exit > 55
