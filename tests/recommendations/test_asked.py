"""The planner's answers are kept by all that was asked, and by nothing less."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from training_platform.recommendations.asked import _Asked, plan_once
from training_platform.recommendations.rules import Obligation, PlannedModule, Request, plan

MODULES = (
    PlannedModule(id="A", minutes=20, steps=(("DAT1", 0),)),
    PlannedModule(id="B", minutes=30, requires=("A",), steps=(("DAT1", 1),)),
    PlannedModule(id="C", minutes=10, steps=(("DAT2", 0),)),
)
ASKED = Request(levels={"DAT1": 0}, targets={"DAT1": 2, "DAT2": 1}, minutes=60, modules=MODULES)
OTHER: dict[str, Any] = {
    "levels": {"DAT1": 1},
    "targets": {"DAT1": 1},
    "minutes": 20,
    "modules": (replace(MODULES[0], closeness=0.5), *MODULES[1:]),
    "weights": {"DAT2": 3.0},
    "completed": frozenset("A"),
    "refused": frozenset("A"),
    "pinned": frozenset("C"),
    "obligations": (Obligation(id="7", modules=frozenset("C")),),
    "waives_known": True,
}


def test_the_same_question_is_answered_once_whatever_its_order() -> None:
    again = replace(ASKED, targets={"DAT2": 1, "DAT1": 2}, modules=tuple(replace(m) for m in MODULES))
    assert plan_once(ASKED) == plan(ASKED)
    assert plan_once(again) is plan_once(ASKED)


@pytest.mark.parametrize("field", [field.name for field in fields(Request)])
def test_every_part_of_the_question_counts(field: str) -> None:
    other = replace(ASKED, **{field: OTHER[field]})
    assert _Asked(other) != _Asked(ASKED)
    assert plan_once(other) == plan(other)


@pytest.mark.parametrize(
    "change", [{"id": "8"}, {"modules": frozenset("B")}, {"targets": {"DAT1": 1}}, {"minutes": 5}], ids=str
)
def test_every_part_of_an_obligation_counts(change: dict[str, Any]) -> None:
    assert change.keys() <= {field.name for field in fields(Obligation)}
    one, other = Obligation(id="7", modules=frozenset("C")), Obligation(id="7", modules=frozenset("C"))
    assert _Asked(replace(ASKED, obligations=(one,))) == _Asked(replace(ASKED, obligations=(other,)))
    assert _Asked(replace(ASKED, obligations=(one,))) != _Asked(replace(ASKED, obligations=(replace(other, **change),)))
