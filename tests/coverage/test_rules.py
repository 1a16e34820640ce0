"""Demand, what a module that does not exist would bring, what people make of a module: as plain values."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import NOW
from training_platform.assessment.rules import Item, probability_correct
from training_platform.coverage.rules import proposals, works
from training_platform.coverage.rules.demand import Cell, Needs, Offer, Supply, cell, lacking
from training_platform.coverage.rules.gain import Answered, rise
from training_platform.coverage.rules.proposals import NEW, Interval
from training_platform.coverage.rules.works import Opinions, Reading, Stage
from training_platform.recommendations.rules import PlannedModule, Request, plan

LEVELS = st.dictionaries(st.sampled_from(["DAT1", "SEC3", "ALG2"]), st.integers(0, 5))


def needs(held: dict[str, int], targets: dict[str, int]) -> Needs:
    return Needs(held=held, targets=targets, families=frozenset())


@given(st.lists(st.tuples(LEVELS, LEVELS), max_size=30))
def test_demand_adds_up_to_people_times_gap(people: list[tuple[dict[str, int], dict[str, int]]]) -> None:
    counts = lacking(needs(held, targets) for held, targets in people)
    gaps = sum(max(target - held.get(c, 0), 0) for held, targets in people for c, target in targets.items())
    assert sum(counts.values()) == gaps


def shown(number: float, total: float = 100) -> Cell:
    return cell(("DAT1", 0), number, total, 1.0, Supply())


def test_a_small_group_looks_like_nobody() -> None:
    assert shown(4) == shown(0)
    assert shown(4).people is None
    assert shown(5).people == 5


@pytest.mark.parametrize(("number", "shade"), [(0, 0), (5, 1), (10, 1), (11, 2), (25, 2), (26, 3), (50, 3), (51, 4)])
def test_shades_follow_the_share_of_people(number: int, shade: int) -> None:
    assert shown(number).shade == shade


@pytest.mark.parametrize(
    ("supply", "offer", "missing"),
    [
        (Supply(), Offer.NOTHING, 6),
        (Supply(questions=9), Offer.NOTHING, 0),
        (Supply(modules=("M1",), questions=5), Offer.TAUGHT, 1),
        (Supply(modules=("M1",), questions=6), Offer.MEASURED, 0),
        (Supply(modules=("M1",), questions=6, reserved=2), Offer.EXAMINED, 0),
        (Supply(modules=("M1",), questions=5, reserved=2), Offer.TAUGHT, 1),
    ],
)
def test_offers_build_on_one_another(supply: Supply, offer: Offer, missing: int) -> None:
    assert (supply.offer, supply.missing) == (offer, missing)


LONG = PlannedModule(id="M1", minutes=100, steps=(("DAT1", 0), ("DAT1", 1)))
TEACHER = PlannedModule(id="M2", minutes=30, steps=(("SEC3", 0),))
MODULES = (LONG, TEACHER)


def person(held: dict[str, int], targets: dict[str, int], minutes: int) -> Request:
    return Request(levels=held, targets=targets, minutes=minutes, modules=MODULES)


def test_the_module_to_try_teaches_one_step_after_the_shortest_one_below() -> None:
    assert proposals.hypothetical(("DAT1", 0), MODULES, 15) == PlannedModule(id=NEW, minutes=15, steps=(("DAT1", 0),))
    assert proposals.hypothetical(("SEC3", 1), MODULES, 15).requires == ("M2",)
    assert proposals.minutes_per_step(MODULES) == 40


def test_steps_are_tried_by_what_they_could_win_and_untaught_ones_have_their_place() -> None:
    demand = {("DAT1", 0): 100.0, ("DAT1", 1): 90.0, ("SEC3", 0): 50.0, ("SEC3", 4): 1.0}
    assert proposals.worth_trying(demand, MODULES, 15, 2) == [("SEC3", 4), ("DAT1", 0)]
    assert proposals.worth_trying({("SEC3", 0): 50.0}, MODULES, 30, 2) == []


def test_a_gain_is_what_the_planner_finds_and_nothing_where_it_changes_nothing() -> None:
    in_a_hurry = person({}, {"DAT1": 1}, 20)
    with_time = person({}, {"DAT1": 1}, 200)
    people = [in_a_hurry, with_time]
    module = proposals.hypothetical(("DAT1", 0), MODULES, 20)
    found = proposals.gain(module, people, [plan(one) for one in people], plan)
    assert found.steps.mean == pytest.approx(0.5)
    assert found.minutes.mean == pytest.approx(40)
    assert found.helped == 1
    assert proposals.gain(module, [], [], plan).helped == 0


def test_the_best_comes_first_and_what_brings_nothing_is_left_out() -> None:
    nothing = Interval(mean=0, low=0, high=0, people=9)
    base = proposals.Proposal(step=("DAT1", 0), module=LONG, steps=nothing, minutes=nothing, helped=0)
    closing = replace(base, step=("DAT1", 1), steps=replace(nothing, mean=0.1))
    sparing = replace(base, step=("SEC3", 0), minutes=replace(nothing, mean=3))
    scaled = [one.times(100) for one in (base, sparing, closing)]
    assert [one.step for one in proposals.ranked(scaled)] == [("DAT1", 1), ("SEC3", 0)]


def test_an_interval_narrows_with_more_people() -> None:
    few, many = proposals.interval([0, 1] * 5), proposals.interval([0, 1] * 200)
    assert few.mean == many.mean == 0.5
    assert many.high - many.low < few.high - few.low
    assert proposals.interval([2.0]) == Interval(mean=2, low=2, high=2, people=1)
    assert proposals.interval([]).people == 0


def answers(levels: list[float], source: random.Random) -> list[Answered]:
    items = [Item(difficulty=b, discrimination=1.8, guessing=0.25) for b in (0.3, 0.5, 0.8)]
    return [[(i, source.random() < float(probability_correct(i, level))) for i in items] for level in levels]


def test_the_gain_of_a_group_is_found_although_each_person_answered_three_questions() -> None:
    source = random.Random(5)
    levels = [source.gauss(0.8, 0.9) for _ in range(400)]
    found = rise(answers(levels, source), answers([level + 0.7 for level in levels], source))
    assert found.low < 0.7 < found.high
    assert found.mean == pytest.approx(0.7, abs=0.2)
    assert found.people == 400


def test_no_gain_is_not_made_into_one() -> None:
    source = random.Random(6)
    levels = [source.gauss(0.8, 0.9) for _ in range(300)]
    found = rise(answers(levels, source), answers(levels, source))
    assert found.low < 0 < found.high
    again = answers(levels, random.Random(1))
    assert rise(again, again) == Interval(mean=0, low=0, high=0, people=300)


def reading(lessons_read: int, *, days: int = 20, done: bool = False, seconds: tuple[int, ...] = ()) -> Reading:
    last = NOW - timedelta(days=days)
    return Reading(
        lessons_read=frozenset(range(1, lessons_read + 1)),
        lesson=min(lessons_read + 1, 3),
        started_at=last - timedelta(days=1),
        last_at=last,
        completed_at=last if done else None,
        seconds=tuple(enumerate(seconds, 1)),
    )


def test_stages_count_who_came_through_and_who_stopped() -> None:
    people = [reading(3, done=True)] * 10 + [reading(1)] * 6 + [reading(1, days=2)] * 7 + [reading(3)] * 5
    assert works.stages(people, 3, NOW) == [
        Stage(lesson=1, through=28, stopped=None),
        Stage(lesson=2, through=15, stopped=6),
        Stage(lesson=3, through=15, stopped=None),
        Stage(lesson=0, through=10, stopped=5),
    ]


def test_minutes_are_those_of_whole_readings_of_five_people_or_none() -> None:
    whole = [reading(3, done=True, seconds=(60 * n, 120, 60)) for n in range(1, 6)]
    found = works.minutes_of([*whole, reading(3, done=True, seconds=(60,)), reading(2, seconds=(1, 1, 1))], 3)
    assert found is not None
    assert (found.median, found.people, found.longest) == (6, 5, 1)
    assert works.minutes_of(whole[:4], 3) is None


def test_opinions_have_no_order_and_four_of_them_are_not_shown() -> None:
    given = [(5, "z"), (4, ""), (1, "a"), (4, "z"), (3, "m")]
    found = works.opinions_of(given)
    assert found == Opinions(number=5, mean=3.4, counts=(1, 0, 1, 2, 1), remarks=("a", "m", "z"))
    assert works.opinions_of(given[:4]) is None


def test_advice_names_what_to_do() -> None:
    way = [Stage(lesson=1, through=30, stopped=None), Stage(lesson=2, through=10, stopped=20)]
    slow = works.Minutes(median=40, low=30, high=50, people=10, longest=2)
    flat = Interval(mean=0.1, low=-0.2, high=0.4, people=10)
    unloved = Opinions(number=6, mean=2.1, counts=(2, 2, 1, 1, 0), remarks=())
    said = [one.said.fr for one in works.advise(way, 40, slow, 20, flat, unloved)]
    assert said == [
        "Beaucoup s'arrêtent à la leçon 2",
        "Plus long qu'annoncé",
        "Aucun gain de niveau démontré",
        "Jugé peu utile",
    ]
    quick = replace(slow, median=10)
    assert [one.said.en for one in works.advise(way[:1], 40, quick, 20, None, None)] == ["Shorter than announced"]
    assert works.advise([], 40, None, 20, replace(flat, low=0.01), None) == []
    final = [Stage(lesson=0, through=None, stopped=20)]
    assert "aux questions finales" in works.advise(final, 40, None, 20, None, None)[0].said.fr
