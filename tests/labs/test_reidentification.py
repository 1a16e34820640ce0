"""The re-identification lab: groups counted by brute force; blurring never makes a group smaller."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from tests.labs.shipped import lab
from training_platform.catalogue.lab_format import ReidentificationLab
from training_platform.labs.kinds.reidentification import Reidentification
from training_platform.labs.rules import reidentification
from training_platform.labs.rules.reidentification import COLUMNS, LEVELS, RAW, Row

LAB = lab(ReidentificationLab)
ROWS = reidentification.rows(LAB)
COLLEAGUE = reidentification.colleague(ROWS)
row = st.builds(
    Row,
    age=st.integers(20, 60),
    sex=st.sampled_from("FM"),
    place=st.integers(0, 8),
    month=st.integers(0, 2),
    day=st.integers(1, 28),
    diagnosis=st.integers(0, 4),
)
levels = st.fixed_dictionaries({column: st.integers(0, LEVELS[column] - 1) for column in COLUMNS})


@given(st.lists(row, min_size=1, max_size=25), levels, levels)
def test_groups_are_those_of_a_comparison_of_all_pairs_and_grow_with_blur(
    extract: list[Row], one: dict[str, int], other: dict[str, int]
) -> None:
    def same(a: Row, b: Row) -> bool:
        return all(reidentification.value(a, c, one[c]) == reidentification.value(b, c, one[c]) for c in COLUMNS)

    sizes = reidentification.sizes(extract, one)
    assert sizes == [sum(same(a, b) for b in extract) for a in extract]
    assert [len(reidentification.alike(extract, one, n)) for n in range(len(extract))] == sizes
    blurred = {column: max(one[column], other[column]) for column in COLUMNS}
    wider = reidentification.sizes(extract, blurred)
    assert all(b >= a for a, b in zip(sizes, wider, strict=True))


def test_two_columns_single_the_colleague_out_and_no_single_one_does() -> None:
    assert reidentification.rows(LAB) == ROWS
    person = ROWS[COLLEAGUE]
    raw = [(r.age, r.sex, r.place, (r.month, r.day)) for r in ROWS]
    own = raw[COLLEAGUE]
    alone = [c for c in range(4) if sum(r[c] == own[c] for r in raw) == 1]
    pairs = [(a, b) for a in range(4) for b in range(a) if sum(r[a] == own[a] and r[b] == own[b] for r in raw) == 1]
    assert alone == []
    assert pairs
    assert reidentification.columns_needed(ROWS, COLLEAGUE) == 2
    assert person.sex == "F"


def test_few_settings_protect_and_serve_the_study() -> None:
    kind = Reidentification(LAB)
    holding = []
    for chosen in product(*(range(LEVELS[column]) for column in COLUMNS)):
        blur = dict(zip(COLUMNS, chosen, strict=True))
        alike = reidentification.alike(ROWS, blur, COLLEAGUE)
        answers = {
            "columns": 2.0,
            "smallest": float(min(reidentification.sizes(ROWS, blur))),
            "secrets": float(len({ROWS[index].diagnosis for index in alike})),
        }
        findings = kind.judge({column: str(level) for column, level in blur.items()}, answers)
        assert [finding.right for finding in findings[1:]] == [True, True, True]
        if findings[0].right:
            holding.append(blur)
    assert 1 <= len(holding) <= 6
    assert all(blur["entry"] == 1 and blur["age"] < 3 for blur in holding)


def test_each_way_to_fail_has_its_sentence() -> None:
    kind = Reidentification(LAB)
    answers = {"columns": 1.0, "smallest": 9.0, "secrets": 9.0}
    raw = kind.judge({column: str(level) for column, level in RAW.items()}, answers)
    assert [finding.right for finding in raw] == [False] * 4
    assert "Élargissez encore" in raw[0].said.fr
    hidden = {column: str(LEVELS[column] - 1) for column in COLUMNS}
    assert "l'étude n'est plus possible" in kind.judge(hidden, answers)[0].said.fr


def test_the_picture_has_a_sign_for_each_row_and_a_ring_for_the_colleague() -> None:
    kind = Reidentification(LAB)
    view = kind.show(kind.read({}))
    classes = [dict(shape.attributes)["class"] for shape in view.pictures[0].shapes]
    assert classes.count("lab-ring") == classes.count("lab-halo") == 1
    assert sum(name in ("lab-out", "lab-false", "lab-in") for name in classes) == LAB.rows
    assert len(view.tables[0].rows) == 1
