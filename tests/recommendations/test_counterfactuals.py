"""What is announced comes true: on a thousand random people, and case by case."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from tests.recommendations.test_rules import module, request
from training_platform.framework.files import read_framework
from training_platform.recommendations.quality.population import people, shipped_modules
from training_platform.recommendations.rules import Obligation, PlannedModule, Request, Stop, plan
from training_platform.recommendations.rules.counterfactuals import (
    Counterfactual,
    applied,
    what_enters_next,
    what_removes,
    why_not,
)

CONTENT = Path(__file__).parents[2] / "content"
STEP = 60


def comes_true(one: Request, change: Counterfactual) -> bool:
    """Apply a change and plan again, from the outside."""
    return (change.module in [stop.module.id for stop in plan(applied(one, change)).stops]) == change.enters


def a_stop(one: Request, key: str) -> tuple[Stop, list[Counterfactual]]:
    found = plan(one)
    stop = found.stops[found.ids.index(key)]
    return stop, what_removes(one, stop, found, STEP)


def test_every_announced_change_comes_true_for_a_thousand_people() -> None:
    source = random.Random(5)
    modules = shipped_modules(CONTENT, planned=True)
    announced = 0
    for learner in people(read_framework(CONTENT), 1000, source):
        one = Request(
            levels=learner.believed,
            targets=learner.targets,
            minutes=learner.minutes_per_week * 12,
            modules=modules,
        )
        found = plan(one)
        changes = what_removes(one, source.choice(found.stops), found, STEP) if found.stops else []
        more = what_enters_next(one, found, STEP)
        for change in [*changes, *([more] if more else [])]:
            announced += 1
            assert comes_true(one, change), change
    assert announced > 2000


def test_a_level_shown_or_fewer_minutes_take_a_stop_out() -> None:
    one = request(module("a", 60, ("A", 0)), module("b", 120, ("B", 0)), minutes=240)
    stop, changes = a_stop(one, "b")
    assert stop.climbs == (("B", 0),)
    assert [(c.levels, c.minutes) for c in changes] == [({"B": 1}, None), ({}, 120)]
    assert all(comes_true(one, change) for change in changes)


def test_a_prerequisite_leaves_with_what_it_prepares() -> None:
    one = request(module("first", 60), module("then", 60, ("A", 0), requires=("first",)), minutes=300)
    _, changes = a_stop(one, "first")
    assert "then" in {c.refused for c in changes}


def test_a_pin_and_an_obligation_are_what_keeps_a_stop() -> None:
    pinned = request(module("x", 60, ("Z", 0)), minutes=300, pinned=frozenset({"x"}))
    assert [c.unpinned for c in a_stop(pinned, "x")[1]] == [True]
    duty = Obligation(id="7", modules=frozenset({"x"}), minutes=100)
    obliged = request(module("x", 60, ("Z", 0)), minutes=300, obligations=(duty,))
    assert [c.lifted for c in a_stop(obliged, "x")[1]] == [("7",)]


def test_more_time_names_the_module_that_comes_next() -> None:
    one = request(module("a", 60, ("A", 0)), module("b", 150, ("B", 0)), minutes=60)
    more = what_enters_next(one, plan(one), STEP)
    assert more is not None
    assert (more.module, more.minutes) == ("b", 240)
    assert what_enters_next(request(module("a", 60, ("A", 0)), minutes=60), plan(one), STEP) is None
    unlimited = request(module("a", 60, ("A", 0)))
    assert what_enters_next(unlimited, plan(unlimited), STEP) is None


def test_why_not_says_what_stands_in_the_way() -> None:
    modules = (
        module("taken", 60, ("A", 0)),
        module("done", 10, ("A", 0)),
        module("useless", 10, ("Z", 0)),
        module("refused", 10, ("A", 0)),
        module("after", 10, ("B", 0), requires=("refused",)),
        module("high", 10, ("C", 2)),
        module("long", 90, ("B", 0)),
        module("slower", 70, ("A", 0)),
    )
    one = request(
        *modules,
        minutes=70,
        targets={"A": 1, "B": 1, "C": 3},
        completed=frozenset({"done"}),
        refused=frozenset({"refused"}),
    )
    found = plan(one)
    verdicts = {m.id: why_not(one, found, m.id, STEP).verdict for m in modules}
    assert verdicts == {
        "taken": "in_path",
        "done": "completed",
        "useless": "not_needed",
        "refused": "refused",
        "after": "requires_refused",
        "high": "ground_missing",
        "long": "no_time",
        "slower": "better_used",
    }
    long = why_not(one, found, "long", STEP)
    assert long.minutes == 190
    assert long.leaving == ("taken",)
    assert long.loss == 0
    assert why_not(one, found, "high", STEP).missing == ("C", 0)
    assert why_not(one, found, "after", STEP).blocked_by == ("refused",)


def test_a_short_path_of_one_module_leaves_at_no_minutes() -> None:
    one = Request(
        levels={}, targets={"A": 1}, minutes=300, modules=(PlannedModule(id="a", minutes=30, steps=(("A", 0),)),)
    )
    assert [c.minutes for c in a_stop(one, "a")[1]] == [None, 0]


def test_a_refused_prerequisite_that_is_known_stands_in_nobodys_way() -> None:
    ground, after = module("ground", 10, ("G", 0)), module("after", 90, ("B", 0), requires=("ground",))
    one = request(ground, after, minutes=50, targets={"B": 1}, refused=frozenset({"ground"}))
    assert why_not(one, plan(one), "after", STEP).verdict == "requires_refused"
    knowing = replace(one, levels={"G": 1}, waives_known=True)
    assert why_not(knowing, plan(knowing), "after", STEP).verdict == "no_time"
