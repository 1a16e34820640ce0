"""Calibration against known truth and against girth; and the anchor that keeps the meaning of levels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.item_analysis.simulated import rmse, simulate
from training_platform.item_analysis.rules import Authored, Responses, calibrate
from training_platform.item_analysis.rules.calibration import FREE_FROM


def test_difficulties_are_found_from_sparse_answers() -> None:
    truth = simulate(1, people=2000, each=8)
    found = calibrate(truth.responses, truth.authored)
    assert found.converged
    assert rmse(found.difficulty, truth.difficulty) < 0.1
    assert rmse(truth.authored.difficulty, truth.difficulty) > 0.3
    assert (found.discrimination_se == 0).all()


def test_standard_errors_are_honest() -> None:
    inside = []
    for seed in range(8):
        truth = simulate(seed, people=600, each=8)
        found = calibrate(truth.responses, truth.authored)
        inside.append(np.abs(found.difficulty - truth.difficulty) < 1.96 * found.difficulty_se)
    assert 0.9 <= np.mean(inside) <= 0.99


@pytest.mark.parametrize("guessing", [0.0, 0.25])
def test_a_stronger_population_does_not_make_questions_easier(guessing: float) -> None:
    weak = simulate(2, people=2500, each=10, means=(0.6,), guessing=guessing)
    strong = simulate(2, people=2500, each=10, means=(2.4,), guessing=guessing)
    before, after = calibrate(weak.responses, weak.authored), calibrate(strong.responses, strong.authored)
    intended = weak.authored.difficulty.mean()
    assert before.difficulty.mean() == pytest.approx(intended)
    assert after.difficulty.mean() == pytest.approx(intended)
    assert rmse(before.difficulty, after.difficulty) < 0.15
    assert after.mean[0] - before.mean[0] == pytest.approx(1.8, abs=0.15)


def test_two_populations_are_told_apart() -> None:
    truth = simulate(3, people=1500, each=8, means=(0.5, 1.7))
    found = calibrate(truth.responses, truth.authored)
    assert found.mean == pytest.approx([0.5, 1.7], abs=0.15)
    assert found.sd == pytest.approx([1.1, 1.1], abs=0.15)


def test_discriminations_are_found_where_answers_are_many() -> None:
    truth = simulate(4, people=4000, each=15, slopes=0.3)
    found = calibrate(truth.responses, truth.authored, free_from=FREE_FROM)
    assert rmse(found.discrimination, truth.discrimination) < 0.2
    assert rmse(truth.authored.discrimination, truth.discrimination) > 0.4
    assert rmse(found.difficulty, truth.difficulty) < 0.07
    assert (found.discrimination_se > 0).all()


def test_few_answers_keep_the_authors_discrimination() -> None:
    truth = simulate(5, people=400, each=10, slopes=0.3)
    found = calibrate(truth.responses, truth.authored, free_from=FREE_FROM)
    assert found.discrimination == pytest.approx(np.full(30, 1.8))


def test_girth_agrees_on_the_rasch_model() -> None:
    girth = pytest.importorskip("girth", reason="an oracle of the research group")
    truth = simulate(6, people=1500)
    found = calibrate(truth.responses, truth.authored, spread=5.0)
    oracle = girth.rasch_mml(truth.grid.T.astype(int), 1.8 * float(found.sd[0]))["Difficulty"] * found.sd[0]
    oracle = oracle - oracle.mean() + truth.authored.difficulty.mean()
    assert np.abs(oracle - found.difficulty).max() < 0.05


def test_girth_agrees_on_the_two_parameter_model() -> None:
    girth = pytest.importorskip("girth", reason="an oracle of the research group")
    truth = simulate(7, people=2500, items=18, slopes=0.25)
    found = calibrate(truth.responses, truth.authored, free_from=1, spread=5.0, slope_spread=5.0, tolerance=1e-5)
    oracle = girth.twopl_mml(truth.grid.T.astype(int))
    # girth's people are N(0, 1): bring both to it.
    assert np.abs(oracle["Discrimination"] - found.discrimination * found.sd[0]).max() < 0.12
    assert np.abs(oracle["Difficulty"] - (found.difficulty - found.mean[0]) / found.sd[0]).max() < 0.06


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40))
def test_whatever_the_answers_the_anchor_holds_and_numbers_stay_finite(seed: int, people: int) -> None:
    truth = simulate(seed, people=people, items=6, each=2)
    found = calibrate(truth.responses, truth.authored, free_from=3)
    for values in (found.difficulty, found.difficulty_se, found.discrimination, found.mean, found.sd):
        assert np.isfinite(values).all()
    assert found.difficulty.mean() == pytest.approx(truth.authored.difficulty.mean())
    assert (found.discrimination > 0).all()


def test_the_order_of_answers_does_not_matter() -> None:
    truth = simulate(8, people=200, each=6)
    order = np.random.default_rng(0).permutation(len(truth.responses.item))
    shuffled = replace(
        truth.responses,
        examinee=truth.responses.examinee[order],
        item=truth.responses.item[order],
        correct=truth.responses.correct[order],
    )
    one, two = calibrate(truth.responses, truth.authored), calibrate(shuffled, truth.authored)
    assert one.difficulty == pytest.approx(two.difficulty)


def test_everybody_right_stays_near_the_author_and_too_few_rounds_are_told() -> None:
    everyone = Responses(
        examinee=np.repeat(np.arange(60), 2),
        item=np.tile([0, 1], 60),
        correct=np.ones(120, dtype=bool),
        group=np.zeros(60, dtype=np.int64),
    )
    authored = Authored(difficulty=np.array([0.5, 1.5]), discrimination=np.full(2, 1.8), guessing=np.zeros(2))
    said: list[int] = []
    found = calibrate(everyone, authored, most=3, report=lambda n, _: said.append(n))
    assert not found.converged
    assert said == [1, 2, 3]
    assert found.difficulty == pytest.approx([0.5, 1.5], abs=0.6)
