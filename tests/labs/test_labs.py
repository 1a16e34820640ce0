"""What all labs share: the seed is the data, both languages say the same, settings are always whole, chance is even."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.labs.shipped import labs
from training_platform.catalogue.lab_format import Lab, LabBase, ThresholdLab
from training_platform.labs.kinds.opening import open_lab
from training_platform.labs.rules.chance import Chance
from training_platform.labs.rules.view import Control, View
from training_platform.labs.rules.wording import counted, say
from training_platform.text import NARROW, Text

each = pytest.mark.parametrize("lab", labs(), ids=lambda lab: lab.kind)


def texts(view: View) -> list[Text]:
    """Return every text of a view."""
    cells = [cell for table in view.tables for row in table.rows for cell in row]
    return [
        view.summary,
        view.action,
        *(control.label for control in view.controls),
        *(text for figure in view.figures for text in (figure.label, figure.value, figure.note)),
        *(picture.label for picture in view.pictures),
        *(shape.words for picture in view.pictures for shape in picture.shapes),
        *(head for table in view.tables for head in (table.caption, *table.head)),
        *(text for cell in cells for text in (cell.text, cell.said, cell.was)),
    ]


def test_there_is_one_lab_of_each_of_the_seven_kinds() -> None:
    assert sorted(lab.kind for lab in labs()) == [
        "bias",
        "contract",
        "drift",
        "quality",
        "reidentification",
        "schedule",
        "threshold",
    ]


@each
def test_the_same_seed_shows_the_same_and_another_seed_something_else(lab: Lab) -> None:
    kind = open_lab(lab)
    first = kind.show(kind.read({}))
    assert open_lab(lab).show(kind.read({})) == first
    if lab.kind != "contract":
        other = open_lab(lab.model_copy(update={"seed": lab.seed + 1}))
        assert other.show(other.read({})).pictures != first.pictures


@each
def test_nothing_is_said_in_one_language_only_and_every_number_is_in_both(lab: Lab) -> None:
    kind = open_lab(lab)
    for text in texts(kind.show(kind.read({}))):
        assert bool(text.fr) == bool(text.en), text
        fr, en = (re.findall(r"\d+", re.sub(rf"(?<=\d)[{NARROW},.](?=\d)", "", t)) for t in (text.fr, text.en))
        assert fr == en, text
        assert "{" not in text.fr + text.en


@each
def test_every_picture_says_its_summary_and_has_a_table_beside_it(lab: Lab) -> None:
    kind = open_lab(lab)
    view = kind.show(kind.read({}))
    assert view.pictures
    assert view.tables
    assert all(picture.label == view.summary for picture in view.pictures)
    assert tuple(ask.name for ask in view.asks) == lab.conclusions


@each
@given(data=st.data())
def test_any_fields_give_a_whole_setting_that_can_be_shown(lab: Lab, data: st.DataObject) -> None:
    kind = OPENED[lab.id]
    names = st.sampled_from([*(control.name for control in kind.controls()), "turn", "made"])
    values = st.one_of(st.integers(-5, 130).map(str), st.text(alphabet="0129-x²é ", max_size=8), st.just("1"))
    setting = kind.read(data.draw(st.dictionaries(names, values, max_size=8)))
    assert set(setting) == {control.name for control in kind.controls()}
    assert kind.read(setting) == setting
    assert kind.show(setting).setting == setting


OPENED = {lab.id: open_lab(lab) for lab in labs()}


@each
def test_a_move_is_computed_within_fifty_milliseconds(lab: Lab) -> None:
    kind = OPENED[lab.id]
    setting = kind.read({})
    kind.show(setting)
    times = []
    for _ in range(5):
        start = time.process_time()
        kind.show(setting)
        times.append(time.process_time() - start)
    assert min(times) < 0.05


@each
def test_a_lab_words_what_it_checks_and_nothing_else(lab: Lab) -> None:
    document = lab.model_dump(by_alias=True)
    for asks in ({}, {**document["asks"], "more": {"fr": "x", "en": "x"}}):
        with pytest.raises(ValidationError, match="no more, no fewer"):
            type(lab).model_validate(document | {"asks": asks})
    assert issubclass(type(lab), LabBase)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("seed", -1), ("nurses", 0), ("floor", 101), ("bearable", 0), ("groups", []), ("surprise", 1)],
)
def test_parameters_out_of_bounds_are_refused(parameter: str, value: object) -> None:
    document = next(lab for lab in labs() if isinstance(lab, ThresholdLab)).model_dump(by_alias=True)
    with pytest.raises(ValidationError):
        ThresholdLab.model_validate(document | {parameter: value})


def test_chance_is_even_and_the_same_everywhere() -> None:
    chance = Chance(7)
    assert [chance.whole(1, 6) for _ in range(8)] == FIRST_THROWS
    draws = [Chance(seed).whole(1, 6) for seed in range(3000)]
    assert all(400 < draws.count(face) < 600 for face in range(1, 7))
    chance = Chance(1)
    normal = [chance.normal(50, 10) for _ in range(4000)]
    assert 49.5 < sum(normal) / 4000 < 50.5
    waits = [chance.exponential(3) for _ in range(4000)]
    assert 2.8 < sum(waits) / 4000 < 3.2
    assert sorted(chance.shuffled(range(9))) == list(range(9))


FIRST_THROWS = [2, 1, 4, 1, 4, 3, 1, 4]


def test_numbers_are_written_as_each_language_writes_them() -> None:
    text = say("{a} et {b}", "{a} and {b}", a=1234.5, b=7.0)
    assert text == Text(f"1{NARROW}234,5 et 7", "1,234.5 and 7")
    assert [counted(n, ("ligne", "lignes"), ("row", "rows")).fr[2:] for n in (0, 1, 2)] == ["ligne", "ligne", "lignes"]
    assert [counted(n, ("ligne", "lignes"), ("row", "rows")).en[2:] for n in (0, 1, 2)] == ["rows", "row", "rows"]


@pytest.mark.parametrize(("given_", "kept"), [("20", "20"), ("21", "10"), ("", "10"), ("1" * 5000, "10"), ("²", "10")])
def test_a_range_takes_only_its_steps(given_: str, kept: str) -> None:
    assert Control(name="x", kind="range", value="10", low=10, high=90, step=2).read({"x": given_}) == kept
