"""The order of stops, obligations with their dates, and the slots of the weeks."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, time
from itertools import permutations

import pytest

from tests.recommendations.test_rules import module, request
from training_platform.recommendations.quality.instances import random_request
from training_platform.recommendations.rules import Conflict, Obligation, Request, Stop, plan
from training_platform.recommendations.rules.schedule import Rhythm, schedule

Stops = dict[str, Stop]


def cost(stops: Stops, line: list[str]) -> float:
    """Sum of gain × minute at which it is there."""
    spent = total = 0.0
    for key in line:
        spent += stops[key].module.minutes
        total += stops[key].gain * spent
    return total


def legal(one: Request, stops: Stops, line: list[str]) -> bool:
    held, seen = dict(one.levels), set[str]()
    for key in line:
        if any(r in stops and r not in seen for r in stops[key].module.requires):
            return False
        for competency, level in stops[key].climbs:
            if held.get(competency, 0) < level:
                return False
            held[competency] = level + 1
        seen.add(key)
    return True


def permute(line: list[str]) -> Iterator[list[str]]:
    return map(list, permutations(line))


def test_the_order_is_within_three_per_cent_of_the_best_of_all_orders() -> None:
    source, tried, excess = random.Random(4), 0, []
    while tried < 15:
        one = random_request(60, source)
        stops = {stop.module.id: stop for stop in plan(one).stops}
        line = list(stops)
        if not 3 <= len(line) <= 7 or not (orders := [o for o in permute(line) if legal(one, stops, o)]):
            continue
        tried += 1
        assert legal(one, stops, line)
        excess.append(cost(stops, line) / min(cost(stops, order) for order in orders) - 1)
    assert sum(excess) / len(excess) < 0.03


def test_two_long_modules_are_parted_by_a_short_one() -> None:
    one = request(
        module("long1", 45, ("A", 0), ("A", 1), ("B", 0)),
        module("long2", 45, ("C", 0), ("C", 1), ("C", 2)),
        module("short", 20, ("D", 0)),
        targets={"A": 2, "B": 1, "C": 3, "D": 1},
    )
    assert [stop.module.minutes for stop in plan(one).stops] == [45, 20, 45]


def test_obligations_come_first_by_date_with_what_they_require() -> None:
    one = request(
        module("gain", 10, ("A", 0)),
        module("base", 20),
        module("late", 30, requires=("base",)),
        module("soon", 30),
        minutes=200,
        obligations=(
            Obligation(id="l", modules=frozenset({"late"}), minutes=500),
            Obligation(id="s", modules=frozenset({"soon"}), minutes=90),
        ),
    )
    found = plan(one)
    assert found.ids == ("soon", "base", "late", "gain")
    assert [stop.obligations for stop in found.stops] == [("s",), ("l",), ("l",), ()]
    assert found.conflicts == ()


def test_a_target_to_reach_by_a_date_is_reached_the_shortest_way() -> None:
    one = request(
        module("long", 60, ("Q", 0)),
        module("short", 20, ("Q", 0)),
        targets={},
        minutes=0,
        obligations=(Obligation(id="o", targets={"Q": 1}, minutes=None),),
    )
    assert plan(one).ids == ("short",)


def test_obligations_that_do_not_fit_say_what_they_need() -> None:
    duties = (
        Obligation(id="a", modules=frozenset({"x"}), minutes=60),
        Obligation(id="b", modules=frozenset({"y"}), minutes=90),
    )
    found = plan(request(module("x", 50), module("y", 90), minutes=10, obligations=duties))
    assert found.conflicts == (Conflict(obligation="b", needed=140, available=90),)
    assert set(found.ids) == {"x", "y"}


def test_an_obligation_on_an_archived_or_unknown_module_leaves_a_usable_path() -> None:
    duty = Obligation(id="a", modules=frozenset({"gone"}), targets={"X": 2}, minutes=60)
    found = plan(request(module("m", 10, ("A", 0)), obligations=(duty,)))
    assert found.ids == ("m",)
    assert ("X", 0) in found.untaught


def test_time_out_returns_a_usable_plan_with_its_bound() -> None:
    one = random_request(1000, random.Random(2))
    hurried, proven = plan(one, time_limit=1e-6), plan(one)
    assert hurried.status == "feasible"
    assert hurried.stops
    assert hurried.gain <= proven.gain <= hurried.bound


MONDAY = datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


def test_slots_fill_the_weeks_on_the_chosen_days() -> None:
    rhythm = Rhythm(minutes_per_week=30, slot_minutes=15, weekdays=(0, 3), at=time(13, 30))
    slots = schedule([("a", 35), ("b", 10)], rhythm, MONDAY)
    assert [(s.module, s.part, s.parts, s.minutes) for s in slots] == [
        ("a", 1, 3, 12),
        ("a", 2, 3, 12),
        ("a", 3, 3, 11),
        ("b", 1, 1, 10),
    ]
    assert [s.starts.strftime("%a %d %H:%M") for s in slots] == [
        "Mon 30 13:30",
        "Thu 03 13:30",
        "Mon 07 13:30",
        "Thu 10 13:30",
    ]


def test_many_slots_a_day_follow_one_another_and_the_past_is_skipped() -> None:
    rhythm = Rhythm(minutes_per_week=30, slot_minutes=15, weekdays=(0,), at=time(9, 0))
    starts = [s.starts.strftime("%d %H:%M") for s in schedule([("a", 60)], rhythm, MONDAY.replace(hour=9))]
    assert starts == ["07 09:00", "07 09:15", "14 09:00", "14 09:15"]


@pytest.mark.parametrize(("pace", "weeks"), [(5, 48), (20, 12), (25, 10), (60, 4)])
def test_the_slots_take_the_weeks_that_the_path_says(pace: int, weeks: int) -> None:
    modules = [(f"m{n}", 20) for n in range(12)]
    slots = schedule(modules, Rhythm(minutes_per_week=pace), MONDAY)
    assert sum(s.minutes for s in slots) == 240
    assert (slots[-1].starts - slots[0].starts).days // 7 + 1 <= weeks
    by_week: dict[tuple[int, int], int] = {}
    for slot in slots:
        year, week, _ = slot.starts.isocalendar()
        by_week[year, week] = by_week.get((year, week), 0) + slot.minutes
    assert max(by_week.values()) <= pace + 15


@pytest.mark.parametrize("minutes", [1, 5, 15, 16, 45])
def test_parts_add_up(minutes: int) -> None:
    slots = schedule([("a", minutes)], Rhythm(minutes_per_week=15), MONDAY)
    assert sum(s.minutes for s in slots) == minutes
    assert all(s.minutes <= 15 for s in slots)
