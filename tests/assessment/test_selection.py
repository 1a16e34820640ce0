"""The choice of the next question: worth, stopping, balance, exposure, speed."""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest

from training_platform.assessment.rules import Item, Observation, prior
from training_platform.assessment.rules.selection import Candidate, Decision, choose, regret, values

NOW = datetime(2026, 11, 25, tzinfo=UTC)
NAMES = [f"C{k}" for k in range(12)]


def item(difficulty: float) -> Item:
    return Item(difficulty=difficulty, discrimination=2.0, guessing=0.05)


BANK = [
    Candidate(id=100 * k + 10 * n + copy, competency=name, item=item(n + 0.5))
    for k, name in enumerate(NAMES)
    for n in range(4)
    for copy in range(8)
]
DECISIONS = [Decision(competency=name, level=n, minutes=15) for name in NAMES for n in (1, 2, 3)]


def test_regret_is_nothing_for_somebody_who_is_sure() -> None:
    state = prior(["A"])
    sure = state
    for _ in range(200):
        sure = sure.with_evidence(Observation(competency="A", kind="validation", at=NOW, level=5.0), NOW)
    decision = [Decision(competency="A", level=1, minutes=30)]
    assert regret(sure, decision) < 0.01 < regret(state, decision)


def test_a_question_near_a_doubtful_step_is_worth_more_than_one_far_away() -> None:
    state = prior(["A"])
    near, far = values(state, [("A", item(0.5)), ("A", item(4.5))], [Decision(competency="A", level=1, minutes=30)])
    assert near > far > -1e-9


def test_a_safety_decision_weighs_more() -> None:
    state = prior(["A"])
    state = state.with_evidence(Observation(competency="A", kind="completion", at=NOW, level=1.2), NOW)
    plain = regret(state, [Decision(competency="A", level=1, minutes=30)])
    vital = regret(state, [Decision(competency="A", level=1, minutes=30, safety=True)])
    assert vital > plain


def test_it_stops_when_no_question_is_worth_its_minute() -> None:
    source = random.Random(1)
    cheap = [Decision(competency="A", level=1, minutes=0.5)]
    assert choose(prior(["A"]), [Candidate(id=1, competency="A", item=item(0.5))], cheap, [], source) is None
    assert choose(prior(["A"]), [], DECISIONS, [], source) is None
    assert choose(prior(["A"]), BANK, [], [], source) is None


def test_questions_are_spread_over_people() -> None:
    first = Counter(c.id for n in range(300) if (c := choose(prior(NAMES), BANK, DECISIONS, [], random.Random(n))))
    assert len(first) == 5
    assert max(first.values()) < 300 * 0.35


def test_competencies_asked_less_come_first() -> None:
    asked = ["C0"] * 9
    chosen = choose(prior(NAMES), BANK, DECISIONS, asked, random.Random(2))
    assert chosen is not None
    assert chosen.id >= 100


@pytest.mark.slow
def test_choosing_takes_less_than_twenty_milliseconds() -> None:
    state = prior([f"K{n}" for n in range(28)] + NAMES)
    times = []
    for n in range(60):
        begun = time.perf_counter()
        choose(state, BANK, DECISIONS, [], random.Random(n))
        times.append(time.perf_counter() - begun)
    assert np.quantile(times, 0.95) < 0.02
