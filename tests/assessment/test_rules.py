"""The estimate: evidence moves it the right way, uncertainty shrinks, time blurs, levels 3 and 4 need proof."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training_platform.assessment.rules import Estimate, Item, Observation, estimate, prior, probability_correct
from training_platform.assessment.rules.estimate import (
    PRIOR_MEAN,
    PRIOR_SD,
    RATING_ERROR,
    RATING_OPTIMISM,
    RATING_SLOPE,
)

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
        # Right answers far above what is expected are luck or knowledge: two hills lie further apart than the prior.
        assert 0 < there[name].sd < 2


def test_a_self_rating_moves_the_estimate_as_little_as_people_know_themselves() -> None:
    """Over people drawn from the model, the estimate after one self-rating is right on average and no surer than it is."""
    source = np.random.default_rng(7)
    theta = source.normal(PRIOR_MEAN, PRIOR_SD, 4000)
    error = source.normal(0, np.sqrt(RATING_ERROR), 4000)
    start = PRIOR_MEAN + RATING_OPTIMISM
    ratings = np.clip(np.round(start + RATING_SLOPE * (theta - PRIOR_MEAN) + error), 0, 5)
    for rating in range(4):
        found = level(attested("self_rating", rating))
        truths = theta[ratings == rating]
        assert found.mean == pytest.approx(truths.mean(), abs=0.12)
        assert found.sd == pytest.approx(truths.std(), abs=0.1)


def test_answers_teach_how_high_a_person_rates_oneself() -> None:
    """Somebody who rates everything 4 and fails where tested is believed less in what was not tested."""
    ratings = [attested("self_rating", 4, competency=name) for name in NAMES]
    failed = [answered(False, 0.5)] * 4
    believed, doubted = level(*ratings, name="ALG1"), level(*ratings, *failed, name="ALG1")
    assert doubted.mean < believed.mean
    lone = level(attested("self_rating", 4, competency="ALG1"), name="ALG1")
    assert believed.mean < lone.mean + 0.35


def test_competencies_of_one_domain_go_together_more() -> None:
    evidence = [attested("validation", 4.0)]
    assert level(*evidence, name="ALG1").mean < level(*evidence, name="DAT2").mean


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from(["self_rating", "completion", "validation"]), st.integers(0, 5)),
            st.tuples(st.sampled_from([True, False]), st.floats(0, 5)),
        ),
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_what_came_at_one_time_gives_the_same_estimate_in_any_order(
    rows: list[tuple[str | bool, float]], source: random.Random
) -> None:
    evidence = [answered(kind, x) if isinstance(kind, bool) else attested(kind, x) for kind, x in rows]
    shuffled = source.sample(evidence, len(evidence))
    assert estimate(NAMES, evidence, NOW) == estimate(NAMES, shuffled, NOW)


@settings(max_examples=30, deadline=None)
@given(st.floats(-1.5, 3.5), st.integers(0, 2**32 - 1))
def test_the_covariance_stays_one(theta: float, seed: int) -> None:
    """Forty pieces of evidence of all kinds leave a symmetric matrix with positive variances."""
    source = np.random.default_rng(seed)
    state = prior(NAMES)
    for _ in range(40):
        one = NAMES[source.integers(3)]
        kind = source.choice(["self_rating", "answer", "completion"])
        if kind == "answer":
            item = Item(difficulty=float(source.uniform(0, 4)), discrimination=1.8, guessing=0.25)
            right = bool(source.random() < probability_correct(item, theta))
            state = state.with_evidence(Observation(competency=one, kind=kind, at=NOW, item=item, correct=right), NOW)
        else:
            state = state.with_evidence(attested(str(kind), float(source.integers(6)), competency=one), NOW)
    assert np.allclose(state.joint_covariance, state.joint_covariance.T)
    assert np.linalg.eigvalsh(state.joint_covariance).min() > 0
