"""The planner against brute force, and on the odd cases."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from training_platform.recommendations.rules import PlannedModule, Request, Step, plan, wanted_steps


def module(
    key: str, minutes: int, *steps: Step, requires: tuple[str, ...] = (), closeness: float = 0.0
) -> PlannedModule:
    return PlannedModule(id=key, minutes=minutes, steps=steps, requires=requires, closeness=closeness)


def request(
    *modules: PlannedModule, minutes: int | None = None, targets: dict[str, int] | None = None, **more: Any
) -> Request:
    return Request(levels={}, targets=targets or {"A": 2, "B": 1}, minutes=minutes, modules=modules, **more)


def gain_of(one: Request, chosen: set[str]) -> int:
    """Count the steps that a set climbs: each needs all lower ones."""
    taught = {s for m in one.modules if m.id in chosen for s in m.steps}
    return sum(all((c, n) in taught for n in range(one.levels.get(c, 0), start + 1)) for c, start in wanted_steps(one))


def brute_force(one: Request) -> tuple[int, int]:
    """Return the best gain and its fewest minutes over all legal sets."""
    best = (0, 0)
    keys = [m.id for m in one.modules]
    by_id = {m.id: m for m in one.modules}
    for chosen in map(set, chain.from_iterable(combinations(keys, n) for n in range(len(keys) + 1))):
        minutes = sum(by_id[k].minutes for k in chosen)
        legal = all(r in chosen or r not in by_id for k in chosen for r in by_id[k].requires)
        legal = legal and all(r in by_id for k in chosen for r in by_id[k].requires)
        if legal and (one.minutes is None or minutes <= one.minutes):
            best = max(best, (gain_of(one, chosen), -minutes))
    return best[0], -best[1]


STEPS = st.sampled_from([(c, n) for c in "ABC" for n in range(3)])
MODULES = st.lists(
    st.tuples(st.integers(5, 40), st.sets(STEPS, min_size=1, max_size=2), st.sets(st.integers(0, 6), max_size=2)),
    min_size=1,
    max_size=7,
)


@settings(max_examples=60, deadline=None)
@given(MODULES, st.integers(0, 120))
def test_the_plan_is_as_good_as_brute_force(rows: list[tuple[int, set[Step], set[int]]], minutes: int) -> None:
    modules = [
        module(f"M{n}", length, *sorted(steps), requires=tuple(f"M{r}" for r in sorted(requires) if r < n))
        for n, (length, steps, requires) in enumerate(rows)
    ]
    one = request(*modules, minutes=minutes, targets={"A": 3, "B": 2, "C": 1})
    found = plan(one)
    assert (found.gain, found.minutes) == brute_force(one)
    assert found.status in ("optimal", "empty")
    taken = [stop.module.id for stop in found.stops]
    for place, stop in enumerate(found.stops):
        assert set(stop.module.requires) <= set(taken[:place])
    assert sum(stop.gain for stop in found.stops) == found.gain


def test_prerequisites_come_first_and_say_whom_they_serve() -> None:
    found = plan(request(module("a", 10, ("A", 0), ("A", 1), requires=("z",)), module("z", 5), minutes=60))
    assert [s.module.id for s in found.stops] == ["z", "a"]
    assert found.stops[0].serves == ("a",)


def test_a_step_counts_only_on_held_or_climbed_ground() -> None:
    high = module("high", 10, ("A", 1))
    assert plan(request(high)).stops == ()
    assert plan(Request(levels={"A": 1}, targets={"A": 2}, minutes=None, modules=(high,))).gain == 1


def test_refused_completed_and_pinned_modules() -> None:
    low, other = module("low", 10, ("A", 0)), module("other", 20, ("A", 0))
    assert [s.module.id for s in plan(request(low, other, refused=frozenset({"low"}))).stops] == ["other"]
    assert [s.module.id for s in plan(request(low, completed=frozenset({"low"}))).stops] == []
    useless = module("useless", 90, ("Z", 0), requires=("low",))
    pinned = plan(request(low, useless, minutes=10, pinned=frozenset({"useless"})))
    assert [s.module.id for s in pinned.stops] == ["low", "useless"]


def test_cycles_unknown_requirements_and_untaught_targets_leave_a_usable_path() -> None:
    circle = (module("x", 5, ("A", 0), requires=("y",)), module("y", 5, ("B", 0), requires=("x",)))
    assert {s.module.id for s in plan(request(*circle)).stops} == {"x", "y"}
    assert plan(request(module("x", 5, ("A", 0), requires=("gone",)))).stops == ()
    assert plan(request(module("x", 5, ("A", 0)))).untaught == (("A", 1), ("B", 0))
    assert plan(request()).status == "empty"


def test_no_minutes_and_no_targets() -> None:
    assert plan(request(module("x", 5, ("A", 0)), minutes=0)).stops == ()
    assert plan(Request(levels={}, targets={}, minutes=None, modules=(module("x", 5, ("A", 0)),))).stops == ()


def test_the_same_question_gets_the_same_answer_and_the_closest_module_wins_a_tie() -> None:
    near, far = module("far", 10, ("A", 0)), module("near", 10, ("A", 0), closeness=0.8)
    one = request(near, far)
    assert plan(one) == plan(one)
    assert [s.module.id for s in plan(one).stops] == ["near"]


def test_nobody_sits_through_a_prerequisite_that_teaches_only_what_is_held() -> None:
    modules = (
        module("ground", 20, ("B", 0), ("C", 0)),
        module("wanted", 30, ("A", 0), requires=("ground",)),
        module("empty", 5),
        module("other", 15, ("D", 0), requires=("empty",)),
    )
    one = Request(levels={"B": 1, "C": 1}, targets={"A": 1, "D": 1}, minutes=None, modules=modules, waives_known=True)
    assert set(plan(one).ids) == {"wanted", "empty", "other"}
    assert "ground" in plan(replace(one, levels={"B": 1})).ids
    assert "ground" in plan(replace(one, waives_known=False)).ids
    assert "ground" in plan(replace(one, pinned=frozenset({"ground"}))).ids
    assert "wanted" in plan(replace(one, refused=frozenset({"ground"}))).ids
