"""The estimate: evidence moves it the right way, uncertainty shrinks, time blurs, levels 3 and 4 need proof."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training_platform.assessment.rules import Estimate, Item, Observation, estimate, probability_correct

NOW = datetime(2026, 11, 24, tzinfo=UTC)
NAMES = ["DAT1", "DAT2", "ALG1"]


def attested(kind: str, level: float, days: float = 0, competency: str = "DAT1") -> Observation:
    return Observation(competency=competency, kind=kind, at=NOW - timedelta(days=days), level=level)


def answered(correct: bool, difficulty: float, days: float = 0) -> Observation:
    item = Item(difficulty=difficulty, discrimination=1.8, guessing=0.25)
    return Observation(competency="DAT1", kind="answer", at=NOW - timedelta(days=days), item=item, correct=correct)


def level(*evidence: Observation, name: str = "DAT1") -> Estimate:
    return estimate(NAMES, evidence, NOW)[name]


def test_nothing_known_is_wide_and_holds_nothing() -> None:
    unknown = level()
    assert (unknown.held, unknown.granted, unknown.evidence_count) == (0, 0, 0)
    assert unknown.sd == pytest.approx(1.1)


def test_right_answers_raise_and_wrong_ones_lower_with_less_doubt() -> None:
    prior = level()
    right, wrong = level(answered(True, 1.5)), level(answered(False, 1.5))
    assert wrong.mean < prior.mean < right.mean
    assert wrong.sd < prior.sd
    assert level(*[answered(True, 0.5)] * 4).sd < prior.sd


def test_one_competency_informs_its_neighbours_by_less() -> None:
    evidence = [attested("validation", 4.0)]
    assert level().mean < level(*evidence, name="DAT2").mean < level(*evidence).mean


def test_old_evidence_says_less_and_fades() -> None:
    fresh, old = level(attested("completion", 2.2)), level(attested("completion", 2.2, days=1000))
    assert old.mean < fresh.mean
    assert old.sd > fresh.sd
    assert level(answered(True, 1.5, days=1000)).mean < level(answered(True, 1.5)).mean


def test_levels_three_and_four_are_granted_only_with_proof_at_work() -> None:
    claimed = level(*[attested("completion", 3.4)] * 3)
    assert (claimed.held, claimed.granted) == (3, 2)
    assert level(attested("self_rating", 4)).granted == 0
    assert level(attested("workplace_proof", 3)).granted == 2, "the manager's word alone grants nothing"
    assert level(attested("workplace_proof", 3), attested("validation", 3)).granted == 3


def test_a_self_rating_alone_is_taken_with_care() -> None:
    rated = level(attested("self_rating", 2))
    assert rated.held < 2
    assert 0 <= rated.low <= rated.shown <= rated.high <= 5


def test_guessing_is_the_floor_of_the_item_response() -> None:
    item = Item(difficulty=1.5, discrimination=1.8, guessing=0.25)
    assert float(probability_correct(item, -20.0)) == pytest.approx(0.25)
    assert float(probability_correct(item, 1.5)) == pytest.approx(0.625)
    assert float(probability_correct(item, 20.0)) == pytest.approx(1.0)


def test_the_grid_agrees_with_a_fine_numerical_integral() -> None:
    levels = np.linspace(-10, 12, 20001)
    weights = np.exp(-0.5 * ((levels - 0.7) / 1.1) ** 2) * probability_correct(
        Item(difficulty=1.5, discrimination=1.8, guessing=0.25), levels
    )
    weights /= weights.sum()
    mean = float(weights @ levels)
    found = level(answered(True, 1.5))
    assert found.mean == pytest.approx(mean, abs=2e-3)
    assert found.sd == pytest.approx(float(np.sqrt(weights @ (levels - mean) ** 2)), abs=2e-3)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0, 5), st.integers(0, 2000)), max_size=12))
def test_any_answers_give_a_finite_estimate_that_does_not_depend_on_their_listing(
    rows: list[tuple[bool, float, int]],
) -> None:
    evidence = [answered(correct, difficulty, days + n / 100) for n, (correct, difficulty, days) in enumerate(rows)]
    there, back = estimate(NAMES, evidence, NOW), estimate(NAMES, evidence[::-1], NOW)
    for name in NAMES:
        assert there[name] == back[name]
        assert np.isfinite(there[name].mean)
        assert 0 < there[name].sd < 1.5
