"""The choice of the next question: worth, stopping, balance, exposure, speed."""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training_platform.assessment.rules import Item, Observation, State, prior
from training_platform.assessment.rules.estimate import HELD_WITH, Vector, probability_correct
from training_platform.assessment.rules.selection import (
    DEEPEST,
    QUESTION_MINUTES,
    SURE_FOR_SAFETY,
    TYPICAL,
    Candidate,
    Decision,
    Marginals,
    Need,
    choose,
    telling,
    worth,
)

NOW = datetime(2026, 11, 25, tzinfo=UTC)
NAMES = [f"{chr(65 + k)}1" for k in range(12)]


def item(difficulty: float, guessing: float = 0.05) -> Item:
    return Item(difficulty=difficulty, discrimination=2.0, guessing=guessing)


def module(name: str, *needs: tuple[str, int], minutes: float = 30, sure: float = HELD_WITH) -> Decision:
    return Decision(module=name, minutes=minutes, needs=tuple(Need(competency=c, level=n, sure=sure) for c, n in needs))


def attested(state: State, competency: str, level: float, times: int = 1) -> State:
    for _ in range(times):
        state = state.with_evidence(Observation(competency=competency, kind="validation", at=NOW, level=level), NOW)
    return state


BANK = [
    Candidate(id=100 * k + 10 * n + copy, competency=name, item=item(n + 0.5))
    for k, name in enumerate(NAMES)
    for n in range(4)
    for copy in range(8)
]
DECISIONS = [module(f"M{name}", (name, 1), (name, 2)) for name in NAMES]


def test_testing_is_worth_nothing_where_all_is_held_or_hopeless() -> None:
    able, unable = attested(prior(["A1"]), "A1", 5.0, 20), attested(prior(["A1"]), "A1", -2.0, 20)
    one = [module("M", ("A1", 1))]
    assert worth(able, one)[0] == worth(unable, one)[0] == 0.0
    assert 0 < worth(prior(["A1"]), one)[0] < 30


def test_worth_grows_with_the_minutes_and_falls_with_what_has_to_be_held() -> None:
    state = prior(["A1", "B1"])
    short, long, both = worth(
        state, [module("S", ("A1", 1), minutes=15), module("L", ("A1", 1)), module("B", ("A1", 1), ("B1", 1))]
    )
    assert 0 < short < long
    assert 0 < both < long


def test_safety_makes_a_test_longer_and_so_less_worth() -> None:
    plain, vital = worth(prior(["A1"]), [module("P", ("A1", 1)), module("V", ("A1", 1), sure=SURE_FOR_SAFETY)])
    assert vital < plain


def test_worth_agrees_with_walking_through_all_answers() -> None:
    """The same dynamic programme written answer by answer over a fine grid, with something built on the level."""
    state = prior(["A1"])
    need = Need(competency="A1", level=1, lost=12.0)
    mean, sd = float(state.mean[0]), float(state.sd()[0])
    levels = np.linspace(mean - 6 * sd, mean + 6 * sd, 4001)
    right = probability_correct(Item(difficulty=0.5, discrimination=1.8, guessing=TYPICAL.guessing), levels)

    def value(weights: Vector, left: int) -> float:
        weights = weights / weights.sum()
        held = float(weights[levels > 0.5].sum())
        stopping = max(20.0 * held - 12.0 * (1 - held), 0.0) if held >= HELD_WITH else 0.0
        if not left:
            return stopping
        chance = float(weights @ right)
        after = chance * value(weights * right, left - 1) + (1 - chance) * value(weights * (1 - right), left - 1)
        return max(stopping, after - QUESTION_MINUTES)

    found = worth(state, [Decision(module="M", minutes=20.0, needs=(need,))])[0]
    assert found == pytest.approx(value(np.exp(-0.5 * ((levels - mean) / sd) ** 2), DEEPEST), abs=0.1)
    assert found > 0


@settings(max_examples=40, deadline=None)
@given(st.floats(-1, 4), st.integers(1, 4), st.floats(1, 60), st.sampled_from([HELD_WITH, SURE_FOR_SAFETY]))
def test_a_test_never_spares_more_than_the_module(level: float, step: int, minutes: float, sure: float) -> None:
    state = attested(prior(["A1"]), "A1", level)
    assert 0 <= worth(state, [module("M", ("A1", step), minutes=minutes, sure=sure)])[0] <= minutes


def test_what_builds_on_a_level_is_asked_about_though_its_rule_holds() -> None:
    """A belief of 0.8 is enough for the rule; with an hour built on it, two more questions pay."""
    state = prior(["A1"])
    while Marginals(state).height(Need(competency="A1", level=1)) < 0.8:
        answer = Observation(competency="A1", kind="answer", at=NOW, item=item(0.5, 0.3), correct=True)
        state = state.with_evidence(answer, NOW)
    free = Decision(module="M", minutes=20.0, needs=(Need(competency="A1", level=1),))
    ground = Decision(module="M", minutes=20.0, needs=(Need(competency="A1", level=1, lost=60.0),))
    assert Marginals(state).is_held(ground.needs[0])
    assert choose(state, BANK, [ground], [], random.Random(1)) is not None
    few = worth(state, [free, ground])
    assert few[1] > few[0]


def test_what_holds_one_level_makes_its_neighbours_likelier() -> None:
    levels = Marginals(prior(["A1", "A2"]))
    (first, _), (second, sd) = levels.given([Need(competency="A1", level=2), Need(competency="A2", level=2)])
    assert first == pytest.approx(0.7)
    assert second > 1.0
    assert 0 < sd < 1.1


def test_a_question_near_the_level_tells_more_and_guessing_less() -> None:
    points = np.linspace(-3, 4, 41)
    near, far, lucky = telling([item(0.5), item(4.5), item(0.5, 0.4)], points, points > 0.5)
    assert near > lucky > far >= 0


def test_it_stops_when_no_question_is_worth_its_minute() -> None:
    source = random.Random(1)
    cheap = [module("M", ("A1", 1), minutes=0.5)]
    assert choose(prior(NAMES), BANK, cheap, [], source) is None
    assert choose(prior(NAMES), [], DECISIONS, [], source) is None
    assert choose(prior(NAMES), BANK, [], [], source) is None
    assert choose(prior(["Z9"]), BANK, DECISIONS, [], source) is None


def test_who_asks_for_a_test_is_asked_something() -> None:
    unlikely = attested(prior(["A1"]), "A1", -1.0, 5)
    one = [module("M", ("A1", 1))]
    assert choose(unlikely, BANK, one, [], random.Random(1)) is None
    assert choose(unlikely, BANK, one, [], random.Random(1), wished=True) is not None
    assert choose(attested(prior(["A1"]), "A1", 5.0, 9), BANK, one, [], random.Random(1), wished=True) is None


def test_a_question_that_tells_next_to_nothing_is_not_put() -> None:
    far = [Candidate(id=1, competency="A1", item=item(4.5))]
    assert choose(prior(["A1"]), far, [module("M", ("A1", 1))], [], random.Random(1)) is None


def test_the_level_least_likely_to_be_held_comes_first() -> None:
    state = attested(prior(["A1", "B1"]), "A1", 1.0)
    chosen = choose(state, BANK, [module("M", ("A1", 1), ("B1", 1), sure=SURE_FOR_SAFETY)], [], random.Random(1))
    assert chosen is not None
    assert 100 <= chosen.id < 200


def test_questions_are_spread_over_people() -> None:
    first = Counter(c.id for n in range(300) if (c := choose(prior(NAMES), BANK, DECISIONS, [], random.Random(n))))
    assert len(first) == 5
    assert max(first.values()) < 300 * 0.35


def test_competencies_asked_less_come_first() -> None:
    chosen = choose(prior(NAMES), BANK, DECISIONS, [NAMES[0]] * 9, random.Random(2))
    assert chosen is not None
    assert chosen.id >= 100


@pytest.mark.slow
def test_choosing_takes_less_than_twenty_milliseconds() -> None:
    state = prior([f"K{n}" for n in range(28)] + NAMES)
    times = []
    for n in range(60):
        begun = time.process_time()
        choose(state, BANK, DECISIONS, [], random.Random(n))
        times.append(time.process_time() - begun)
    assert np.quantile(times, 0.95) < 0.02
