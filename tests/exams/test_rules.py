"""Exams as pure functions: draws, times, marks and the pass rule, plain and for any input."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exams.making import RUBRIC, track
from tests.factories import NOW
from training_platform.exams.rules import (
    BankItem,
    Marks,
    PartResult,
    allowed,
    apportion,
    case_share,
    draw,
    ends_at,
    may_save,
    next_try,
    obstacle,
    outcome,
    seconds_left,
    settle,
    shortage,
)
from training_platform.exams.rules.timing import GRACE, Try
from training_platform.tracks.format import Criterion, PassRule, Retakes

CRITERIA = [Criterion.model_validate(one) for one in RUBRIC]
DOMAINS = ("DAT", "SEC", "GOV")
items = st.builds(
    BankItem,
    id=st.integers(1, 10**6),
    domain=st.sampled_from(DOMAINS),
    competency=st.sampled_from(["A", "B", "C"]),
    exposure=st.integers(0, 20),
    seen=st.booleans(),
)
banks = st.lists(items, min_size=0, max_size=80, unique_by=lambda item: item.id)
shares = st.integers(0, 100).flatmap(
    lambda a: st.integers(0, 100 - a).map(lambda b: dict(zip(DOMAINS, (a, b, 100 - a - b), strict=True)))
)


@given(shares, st.integers(0, 100))
def test_a_blueprint_is_shared_out_whole_and_within_one_of_its_shares(parts: dict[str, int], number: int) -> None:
    counts = apportion(parts, number)
    assert sum(counts.values()) == number
    assert all(abs(counts[key] - share * number / 100) < 1 for key, share in parts.items())
    assert all(counts[key] == 0 for key, share in parts.items() if share == 0)


@given(banks, shares, st.integers(0, 20), st.integers())
def test_a_draw_follows_the_blueprint_or_says_what_is_missing(
    bank: list[BankItem], parts: dict[str, int], number: int, seed: int
) -> None:
    counts = apportion(parts, number)
    missing = shortage(bank, counts)
    if missing:
        with pytest.raises(ValueError, match="too small"):
            draw(bank, counts, Random(seed))
        return
    by_id = {item.id: item for item in bank}
    drawn = draw(bank, counts, Random(seed))
    assert len(set(drawn)) == len(drawn) == number
    assert Counter(by_id[key].domain for key in drawn) == Counter(counts)
    assert drawn == draw(bank, counts, Random(seed))


@given(banks, st.integers(1, 10), st.integers())
def test_nothing_seen_is_drawn_while_something_unseen_is_left(bank: list[BankItem], number: int, seed: int) -> None:
    own = [item for item in bank if item.domain == "DAT"]
    if len(own) < number:
        return
    drawn = set(draw(bank, {"DAT": number}, Random(seed)))
    seen = [item for item in own if item.seen and item.id in drawn]
    left = [item for item in own if not item.seen and item.id not in drawn]
    assert not (seen and left)


@given(banks, st.integers(1, 10), st.integers())
def test_in_a_competency_the_least_exposed_come_first(bank: list[BankItem], number: int, seed: int) -> None:
    own = [item for item in bank if item.domain == "DAT"]
    if len(own) < number:
        return
    drawn = set(draw(bank, {"DAT": number}, Random(seed)))
    for competency in "ABC":
        for seen in (False, True):
            same = [item for item in own if item.competency == competency and item.seen == seen]
            taken = [item.exposure for item in same if item.id in drawn]
            left = [item.exposure for item in same if item.id not in drawn]
            assert not taken or not left or max(taken) <= min(left)


def test_equally_exposed_questions_come_in_another_order_for_another_sitting() -> None:
    bank = [BankItem(id=n, domain="DAT", competency="A") for n in range(40)]
    assert draw(bank, {"DAT": 10}, Random(1)) != draw(bank, {"DAT": 10}, Random(2))


def test_a_draw_spreads_over_the_competencies_of_a_domain() -> None:
    bank = [BankItem(id=n, domain="DAT", competency="AB"[n >= 30]) for n in range(40)]
    drawn = draw(bank, {"DAT": 10}, Random(1))
    assert sum(key >= 30 for key in drawn) == 5


@given(st.integers(0, 480), st.integers(0, 200))
def test_extra_time_is_never_less_than_granted(minutes: int, extra: int) -> None:
    assert 0 <= 100 * allowed(minutes, extra) - minutes * (100 + extra) < 100


@given(st.integers(-10_000, 10_000))
def test_whatever_the_clock_says_nobody_has_more_than_was_given(seconds: int) -> None:
    end = ends_at(NOW, 45)
    assert end is not None
    now = NOW + timedelta(seconds=seconds)
    assert 0 <= seconds_left(NOW, end, now) <= 45 * 60
    assert may_save(end, now) == (now <= end + GRACE)
    assert may_save(None, now)


def tried(*days: int) -> list[Try]:
    """Exams opened so many days ago and closed a day later."""
    return [Try(opened_at=NOW - timedelta(days=n), closed_at=NOW - timedelta(days=n - 1)) for n in days]


def test_a_retake_waits_for_its_delay_and_its_year() -> None:
    rule = Retakes(delay_days=30, per_year=1)
    assert next_try(rule, [], NOW) is None
    assert next_try(rule, tried(10), NOW) == NOW + timedelta(days=21)
    assert next_try(rule, tried(40), NOW) is None
    assert next_try(rule, tried(200, 100), NOW) == NOW + timedelta(days=165)
    assert next_try(rule, tried(400, 100), NOW) is None
    free = Retakes(delay_days=1)
    assert next_try(free, tried(9, 8, 7, 6, 5), NOW) is None
    assert next_try(free, [Try(opened_at=NOW, closed_at=NOW)], NOW) == NOW + timedelta(days=1)


@given(st.lists(st.integers(1, 800), max_size=6), st.integers(0, 90), st.integers(1, 3))
def test_after_the_announced_day_the_retake_is_open(days: list[int], delay: int, per_year: int) -> None:
    rule = Retakes(delay_days=delay, per_year=per_year)
    when = next_try(rule, tried(*days), NOW)
    assert when is None or next_try(rule, tried(*days), when) is None


points = st.builds(
    Marks,
    points=st.fixed_dictionaries({"facts": st.integers(0, 4), "exit": st.integers(0, 4)}),
    faults=st.frozensets(st.sampled_from(["no_exit", "no_oversight"])),
)


@given(st.lists(points, max_size=3), st.integers(0, 100))
def test_marks_settle_between_the_lowest_and_the_highest(marks: list[Marks], agreement: int) -> None:
    found = settle(marks, CRITERIA, agreement)
    given_shares = [one.share(CRITERIA) for one in marks]
    if found.share is None:
        assert found.needed == max(2 - len(marks), 1)
    else:
        assert min(given_shares) - 1e-9 <= found.share <= max(given_shares) + 1e-9
        assert found.needed == 0
    assert found.faults <= frozenset().union(*(one.faults for one in marks))


@given(points, points)
def test_the_order_of_two_examiners_changes_nothing(first: Marks, second: Marks) -> None:
    assert settle([first, second], CRITERIA, 15) == settle([second, first], CRITERIA, 15)


def test_two_who_agree_give_their_mean_and_two_who_differ_call_a_third() -> None:
    low, mid, high = (Marks(points={"facts": n, "exit": n}) for n in (1, 2, 4))
    assert settle([mid, Marks(points={"facts": 2, "exit": 3})], CRITERIA, 15).share == pytest.approx(0.5625)
    apart = settle([low, high], CRITERIA, 15)
    assert (apart.share, apart.needed, apart.adjudicated) == (None, 1, True)
    assert settle([low, high, mid], CRITERIA, 15).share == pytest.approx(0.5)
    fault = Marks(points=low.points, faults=frozenset({"no_exit"}))
    assert settle([fault, low], CRITERIA, 15).needed == 1
    assert settle([fault, low, fault], CRITERIA, 15).faults == {"no_exit"}
    assert settle([fault, low, low], CRITERIA, 15).faults == frozenset()


def test_who_may_mark() -> None:
    free = {"own": False, "examiner_over": True, "same_unit": False, "others": 3, "already": False, "needed": 2}
    assert obstacle(**free) is None  # type: ignore[arg-type]
    for changes, found in (
        ({"own": True}, "own"),
        ({"examiner_over": False}, "outside"),
        ({"already": True}, "already"),
        ({"needed": 0}, "full"),
        ({"same_unit": True}, "same_unit"),
        ({"same_unit": True, "others": 1}, None),
    ):
        assert obstacle(**{**free, **changes}) == found  # type: ignore[arg-type]


PARTS = track().exam.parts
results = st.fixed_dictionaries(
    {
        part.id: st.builds(
            PartResult,
            share=st.floats(0, 1),
            faults=st.frozensets(st.just("no_exit")),
            safe=st.booleans(),
        )
        for part in PARTS
    }
)
rules = st.builds(
    PassRule,
    overall=st.integers(0, 100),
    parts=st.dictionaries(st.sampled_from([part.id for part in PARTS]), st.integers(0, 100)),
    safety=st.sampled_from(["all", "free"]),
)


@given(rules, results)
def test_an_exam_is_passed_exactly_when_every_clause_of_the_rule_holds(
    rule: PassRule, given_results: dict[str, PartResult]
) -> None:
    found = outcome(PARTS, rule, given_results)
    overall = sum(part.weight * given_results[part.id].share for part in PARTS)
    holds = (
        overall >= rule.overall - 1e-9
        and all(100 * given_results[key].share >= least - 1e-9 for key, least in rule.parts.items())
        and not any(result.faults for result in given_results.values())
        and (rule.safety == "free" or all(result.safe for result in given_results.values()))
    )
    assert found.passed == holds
    assert 0 <= found.overall <= 1 + 1e-9


def test_the_result_says_each_thing_that_lacks() -> None:
    perfect = {part.id: PartResult(share=1.0) for part in PARTS}
    rule = PassRule(overall=70, parts={"board": 60}, safety="all")
    assert outcome(PARTS, rule, perfect).passed
    weak = {
        "quiz": PartResult(share=0.5, safe=False),
        "note": PartResult(share=0.9, faults=frozenset({"no_exit"})),
        "case": PartResult(share=0.9),
        "board": PartResult(share=0.55),
    }
    found = outcome(PARTS, rule, weak)
    assert [(lack.kind, lack.subject) for lack in found.lacks] == [
        ("overall", ""),
        ("fault", "no_exit"),
        ("part", "board"),
        ("safety", ""),
    ]
    assert case_share(1.0, 0.5) == 0.75
