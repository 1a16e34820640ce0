"""Marking answers of every kind, and reading them from forms."""

from __future__ import annotations

from typing import Any

import pytest

from tests.packages import option, pair, single
from training_platform.catalogue.format import PracticeQuestion
from training_platform.catalogue.grading import UNKNOWN, grade, read_answer, shuffled


def question(kind: str, **parts: Any) -> PracticeQuestion:
    return PracticeQuestion.model_validate(
        {"id": "q", "kind": kind, "ask": pair("ask"), "explanation": pair("e"), **parts}
    )


SINGLE = PracticeQuestion.model_validate(single("q"))
MULTIPLE = question("multiple", options=[option("a", True), option("b", True), option("c")])
ORDER = question("order", items=[{"id": i, "text": pair(i)} for i in "xyz"])
MATCH = question("match", pairs=[{"id": i, "left": pair(i), "right": pair(f"r{i}")} for i in "xy"])
NUMBER = question("number", answer=22.2, tolerance=0.5, unit=pair("%"))


@pytest.mark.parametrize(
    ("asked", "fields", "right"),
    [
        (SINGLE, {"choice": ["b"]}, True),
        (SINGLE, {"choice": ["a"]}, False),
        (MULTIPLE, {"choice": ["a", "b"]}, True),
        (MULTIPLE, {"choice": ["a"]}, False),
        (MULTIPLE, {"choice": ["a", "b", "c"]}, False),
        (ORDER, {"order-x": ["1"], "order-y": ["2"], "order-z": ["3"]}, True),
        (ORDER, {"order-x": ["2"], "order-y": ["1"], "order-z": ["3"]}, False),
        (MATCH, {"match-x": ["x"], "match-y": ["y"]}, True),
        (MATCH, {"match-x": ["y"], "match-y": ["x"]}, False),
        (NUMBER, {"number": ["22,4"]}, True),
        (NUMBER, {"number": ["22.7 %"]}, True),
        (NUMBER, {"number": ["22,71"]}, False),
        (SINGLE, {"unknown": ["1"]}, False),
    ],
)
def test_answers_are_read_and_marked(asked: PracticeQuestion, fields: dict[str, list[str]], right: bool) -> None:
    reading = read_answer(asked, fields)
    assert reading.given is not None
    assert grade(asked, reading.given) is right


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        (SINGLE, {}),
        (SINGLE, {"choice": ["zzz"]}),
        (SINGLE, {"choice": ["a", "b"]}),
        (ORDER, {"order-x": ["1"], "order-y": ["1"], "order-z": ["2"]}),
        (MATCH, {"match-x": [""], "match-y": ["x"]}),
        (NUMBER, {"number": ["beaucoup 🙂"]}),
        (NUMBER, {"number": ["inf"]}),
        (NUMBER, {"number": ["nan"]}),
    ],
)
def test_an_incomplete_answer_is_asked_for_again(asked: PracticeQuestion, fields: dict[str, list[str]]) -> None:
    reading = read_answer(asked, fields)
    assert reading.given is None
    assert reading.error is not None


def test_shuffling_is_stable_and_never_shows_the_solution() -> None:
    assert shuffled(ORDER, ORDER.items) == shuffled(ORDER, ORDER.items)
    assert shuffled(ORDER, ORDER.items) != list(ORDER.items)
    assert sorted(i.id for i in shuffled(ORDER, ORDER.items)) == ["x", "y", "z"]


def test_i_dont_know_is_an_answer() -> None:
    assert grade(NUMBER, UNKNOWN) is False


@pytest.mark.parametrize(
    "broken",
    [
        single("q", right="none"),
        {**single("q"), "kind": "multiple", "options": [option("a"), option("b"), option("c")]},
        {**single("q"), "kind": "number"},
        {**single("q"), "options": [option("a", True), option("a")]},
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="question q"):
        PracticeQuestion.model_validate(broken)
