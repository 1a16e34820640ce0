"""Forgetting and the agenda: intervals, dates that win, never an avalanche."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from fsrs import Rating
from hypothesis import given
from hypothesis import strategies as st

from training_platform.reviews.rules import (
    CORE,
    FIRST,
    LONGEST,
    PER_DAY,
    REST,
    SAFETY,
    SHORTEST,
    Card,
    Memory,
    Outcome,
    Passage,
    agenda,
    draw,
    learnt,
    passage,
    rating_of,
    recall,
    retention_of,
    reviewed,
    today,
)

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DAY = NOW.date()
RIGHT, WRONG, VITAL = Outcome(correct=True), Outcome(correct=False), Outcome(correct=False, safety=True)
retentions = st.sampled_from([SAFETY, CORE, REST])
memories = st.builds(
    lambda stability, difficulty, age: Memory(
        stability=stability, difficulty=difficulty, last_at=NOW - timedelta(days=age)
    ),
    st.floats(0.1, 900),
    st.floats(1, 10),
    st.integers(1, 2000),
)


@pytest.mark.parametrize("retention", [SAFETY, CORE, REST])
def test_intervals_grow_with_success_and_shrink_after_failure(retention: float) -> None:
    memory, due = learnt(NOW, retention)
    intervals = [due - NOW]
    for _ in range(4):
        at = due
        memory, due = reviewed(memory, Rating.Good, at, retention)
        intervals.append(due - at)
    assert intervals == sorted(intervals)
    assert len(set(intervals[:3])) == 3
    assert intervals[0] >= FIRST
    assert intervals[-1] <= LONGEST
    failed, after = reviewed(memory, Rating.Again, due, retention)
    assert SHORTEST <= after - due < intervals[-1]
    assert failed.stability < memory.stability
    _, again = reviewed(failed, Rating.Good, after, retention)
    assert after - due <= again - after < intervals[-1]


def test_what_endangers_comes_back_sooner() -> None:
    dues = [learnt(NOW, retention)[1] for retention in (SAFETY, CORE, REST)]
    assert dues[0] <= dues[1] < dues[2]
    assert dues[0] - NOW == FIRST


@given(memories, retentions)
def test_the_better_a_check_the_longer_the_wait(memory: Memory, retention: float) -> None:
    waits = [reviewed(memory, rating, NOW, retention)[1] for rating in (Rating.Again, Rating.Hard, Rating.Good)]
    assert waits == sorted(waits)
    assert all(SHORTEST <= due - NOW <= LONGEST for due in waits)


@given(memories, st.integers(0, 400), st.integers(0, 400))
def test_recall_only_falls_with_time(memory: Memory, one: int, more: int) -> None:
    sooner = recall(memory, NOW + timedelta(days=one))
    assert 0 < recall(memory, NOW + timedelta(days=one + more)) <= sooner <= 1


def test_the_same_checks_always_give_the_same_dates() -> None:
    memory, _ = learnt(NOW, CORE)
    assert len({reviewed(memory, Rating.Good, NOW + timedelta(days=9), CORE) for _ in range(5)}) == 1


@pytest.mark.parametrize(
    ("outcomes", "rating"),
    [
        ([RIGHT, RIGHT], Rating.Good),
        ([RIGHT, RIGHT, RIGHT], Rating.Good),
        ([RIGHT, WRONG, RIGHT], Rating.Hard),
        ([RIGHT, WRONG, RIGHT, RIGHT], Rating.Hard),
        ([RIGHT, VITAL, RIGHT, RIGHT], Rating.Again),
        ([RIGHT, WRONG], Rating.Again),
        ([WRONG, WRONG, RIGHT, RIGHT], Rating.Again),
    ],
)
def test_what_a_check_says(outcomes: list[Outcome], rating: Rating) -> None:
    assert rating_of(outcomes) == rating


def test_what_is_at_stake_sets_the_recall_to_keep_up() -> None:
    assert retention_of(("SEC3", 2), {("SEC3", 1)}, {"SEC3": 2}) == SAFETY
    assert retention_of(("SEC3", 2), set(), {"SEC3": 2}) == CORE
    assert retention_of(("SEC3", 3), {("SEC3", 2 - 1)}, {"SEC3": 2}) == REST


def card(key: int = 1, due: int = 0, last: int = 20, deadline: int | None = None, retention: float = REST) -> Card:
    """Make a card due and last seen so many days from today."""
    return Card(
        id=key,
        competency="DAT1",
        level=1,
        memory=Memory(stability=10.0, difficulty=5.0, last_at=NOW - timedelta(days=last)),
        due_at=NOW + timedelta(days=due),
        retention=retention,
        deadline=None if deadline is None else DAY + timedelta(days=deadline),
    )


def test_a_date_brings_a_check_forward_but_never_puts_it_off() -> None:
    assert card(due=90, deadline=30).due_on == DAY + timedelta(days=27)
    assert card(due=5, deadline=30).due_on == DAY + timedelta(days=5)
    assert card(due=90, last=0, deadline=2).due_on == DAY + timedelta(days=90), "it was checked just before the date"
    assert card(due=90, last=3, deadline=1).due_on <= DAY


def test_after_an_absence_a_few_a_day_the_most_vital_first() -> None:
    late = [card(n, due=-n, retention=SAFETY if n == 20 else REST) for n in range(1, 31)]
    chosen = today(late, DAY)
    assert len(chosen) == PER_DAY
    assert chosen[0].id == 20
    assert len(today(late, DAY, done=2)) == 1
    assert today(late, DAY, done=3) == []
    plan = agenda(late, DAY, 40)
    assert [len(cards) for cards in plan.values()] == [PER_DAY] * 10


cards = st.lists(
    st.builds(
        card,
        due=st.integers(-60, 60),
        last=st.integers(1, 400),
        deadline=st.none() | st.integers(-20, 60),
        retention=retentions,
    ),
    max_size=25,
).map(lambda made: [replace(one, id=n) for n, one in enumerate(made)])


@given(cards, st.integers(0, 5))
def test_the_agenda_keeps_dates_and_its_measure(every: list[Card], done: int) -> None:
    plan = agenda(every, DAY, 400, done)
    placed = {one.id: day for day, chosen in plan.items() for one in chosen}
    assert set(placed) == {one.id for one in every}, "nothing is forgotten"
    for one in every:
        assert placed[one.id] >= one.due_on
        if one.deadline is not None and one.deadline > DAY and one.due_on <= one.deadline:
            assert placed[one.id] <= one.deadline, "the date wins"
    for day, chosen in plan.items():
        room = PER_DAY - done if day == DAY else PER_DAY
        pressed = [one for one in chosen if one.deadline is not None and day <= one.deadline <= day + timedelta(days=1)]
        assert len(chosen) <= max(room, 0) + len(pressed)


def test_questions_never_seen_come_first_then_those_seen_longest_ago() -> None:
    candidates = [(10, "a", False), (11, "b", False), (12, "c", False), (13, "d", True)]
    seen = {"a": NOW, "b": NOW - timedelta(days=9)}
    assert draw(candidates, seen, 3, [0, 1, 2, 3]) == [12, 13, 11]
    assert draw(candidates, {**seen, "d": NOW}, 2, [0, 1, 2, 3]) == [12, 13], "one question on safety is always there"
    assert draw(candidates[:2], {}, 4, [1, 0]) == [11, 10]


def test_the_passage_cites_the_same_facts_or_says_the_same_words() -> None:
    lessons = [
        "# Un\n\nDébut.\n\n## Les doublons\n\nIdentité, homonymes, rapprochement.\n",
        "# Deux\n\n## Autre\n\nRien.\n\n## Signaler\n\nUn incident grave se déclare.[^SEC-04]\n",
    ]
    assert passage("Quand déclarer ?", {"SEC-04"}, lessons) == Passage(lesson=2, heading=2)
    assert passage("Deux homonymes et leur rapprochement", (), lessons) == Passage(lesson=1, heading=1)
    assert passage("", (), lessons) == Passage(lesson=1, heading=0)


def test_an_agenda_starts_on_the_day_it_is_asked_for() -> None:
    assert agenda([card(due=3)], date(2026, 11, 24), 2) == {}
