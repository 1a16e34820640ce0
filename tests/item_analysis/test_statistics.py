"""Statistics of one question and the advice that follows, on answers whose faults are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.item_analysis.simulated import simulate
from training_platform.item_analysis.rules.advice import Difficulty, advise
from training_platform.item_analysis.rules.calibration import Truth, Vector
from training_platform.item_analysis.rules.statistics import (
    Answers,
    Statistics,
    compare,
    other_levels,
    statistics_of,
)

AS_MEANT = Difficulty(intended=0.5, found=0.55, error=0.1)
RIGHT = frozenset("b")


def draw(seed: int, number: int, effect: float = 0.0, slope: float = 1.8) -> tuple[Truth, Vector, Truth]:
    """Draw answers of two halves, to the second of which the question is ``effect`` levels harder."""
    source = np.random.default_rng(seed)
    level = source.normal(1, 1, number)
    focal = np.arange(number) % 2 == 1
    chance = 1 / (1 + np.exp(-slope * (level - 1 - effect * focal)))
    return source.random(number) < chance, level, focal


def answers(correct: Truth, level: Vector, focal: Truth | None = None, idle: str = "") -> Answers:
    """Return answers to a question whose right option is b."""
    wrong = [letter for letter in "acd" if letter != idle]
    chosen = [frozenset("b" if right else wrong[n % len(wrong)]) for n, right in enumerate(correct)]
    return Answers(correct=correct, level=level, options=chosen, groups={} if focal is None else {"SOINS": focal})


def kinds(statistics: Statistics, difficulty: Difficulty = AS_MEANT) -> list[str]:
    return [one.kind for one in advise(statistics, difficulty, RIGHT)]


def test_too_few_answers_say_so_and_nothing_else() -> None:
    correct, level, focal = draw(1, 12)
    advice = advise(statistics_of(answers(correct, level, focal), "abcd"), AS_MEANT, RIGHT)
    assert [one.said.fr for one in advice] == ["Trop peu de réponses (12 sur 50)"]


def test_a_good_question_has_nothing_to_do() -> None:
    correct, level, focal = draw(2, 600)
    found = statistics_of(answers(correct, level, focal), "abcd")
    assert found.discrimination is not None
    assert found.discrimination > 0.4
    assert kinds(found) == ["fine"]


def test_a_wrong_key_is_found() -> None:
    correct, level, _ = draw(3, 300)
    found = statistics_of(answers(~correct, level), "abcd")
    assert kinds(found)[0] == "key"
    assert advise(found, AS_MEANT, RIGHT)[0].weight == "grave"


def test_a_question_that_tells_nothing_is_found() -> None:
    correct, level, _ = draw(4, 400, slope=0.0)
    assert "discrimination" in kinds(statistics_of(answers(correct, level), "abcd"))


def test_an_option_that_nobody_chooses_is_named() -> None:
    correct, level, _ = draw(5, 400)
    advice = advise(statistics_of(answers(correct, level, idle="d"), "abcd"), AS_MEANT, RIGHT)
    assert [one.said.fr for one in advice] == ["Presque personne ne choisit : d"]


@pytest.mark.parametrize(("found", "kind"), [(1.5, "harder"), (-0.5, "easier"), (0.8, "fine")])
def test_a_difficulty_far_from_the_intended_is_said(found: float, kind: str) -> None:
    correct, level, _ = draw(6, 300)
    difficulty = Difficulty(intended=0.5, found=found, error=0.2)
    assert kinds(statistics_of(answers(correct, level), "abcd"), difficulty) == [kind]


def test_a_far_but_unsure_difficulty_is_not_held_against_the_author() -> None:
    correct, level, _ = draw(6, 300)
    unsure = Difficulty(intended=0.5, found=1.2, error=0.5)
    assert kinds(statistics_of(answers(correct, level), "abcd"), unsure) == ["fine"]


def test_a_question_harder_for_a_group_at_equal_level_is_class_c() -> None:
    correct, level, focal = draw(7, 1200, effect=1.0)
    found = statistics_of(answers(correct, level, focal), "abcd")
    assert found.groups["SOINS"].kind == "C"
    assert found.groups["SOINS"].delta < -1.5
    assert kinds(found) == ["group:SOINS"]


def test_a_group_that_knows_less_is_not_held_against_the_question() -> None:
    source = np.random.default_rng(8)
    focal = np.arange(1500) % 2 == 1
    level = source.normal(1.4, 1, 1500) - 0.8 * focal
    correct = source.random(1500) < 1 / (1 + np.exp(-1.8 * (level - 1)))
    found = compare(correct, level, focal)
    assert found is not None
    assert found.right[0] - found.right[1] > 0.15
    assert found.kind == "A"


def test_a_question_that_becomes_easy_with_time_is_found() -> None:
    correct, level, focal = draw(9, 1000, effect=-1.0)
    order = np.argsort(focal, kind="stable")
    found = statistics_of(answers(correct[order], level[order]), "abcd")
    assert found.drift is not None
    assert found.drift.delta > 1.5
    assert kinds(found) == ["drift"]


def test_groups_too_small_are_not_compared() -> None:
    correct, level, _ = draw(10, 400)
    focal = np.arange(400) < 99
    assert compare(correct, level, focal) is None
    assert statistics_of(answers(correct, level, focal), "abcd").groups == {}


def test_a_textbook_table_gives_the_textbook_value() -> None:
    """Two strata of 2 x 2 tables worked by hand: 60/40 v 40/60, then 80/20 v 70/30."""
    cells = ((60, 40, 40, 60), (80, 20, 70, 30))
    correct, level, focal = [], [], []
    for stratum, (a, b, c, d) in enumerate(cells):
        for number, right, inside in ((a, True, False), (b, False, False), (c, True, True), (d, False, True)):
            correct += [right] * number
            focal += [inside] * number
            level += [float(stratum)] * number
    found = compare(np.array(correct), np.array(level), np.array(focal))
    assert found is not None
    # sum A - E(A) = 60 - 50 + 80 - 75 = 15; variances 50·50·/(4·199)·… : 100·100·100·100/(200²·199) and 100·100·150·50/(200²·199).
    variance = 100 * 100 * 100 * 100 / (200**2 * 199) + 100 * 100 * 150 * 50 / (200**2 * 199)
    assert found.chi_squared == pytest.approx((15 - 0.5) ** 2 / variance)
    odds = (60 * 60 / 200 + 80 * 30 / 200) / (40 * 40 / 200 + 20 * 70 / 200)
    assert found.delta == pytest.approx(-2.35 * np.log(odds))


def test_the_level_of_the_other_answers_leaves_the_answer_itself_out() -> None:
    truth = simulate(11, people=800, each=6)
    levels = other_levels(truth.responses, truth.authored, 1.2, 1.1)
    flipped = truth.responses.correct.copy()
    flipped[0] = not flipped[0]
    changed = type(truth.responses)(
        examinee=truth.responses.examinee,
        item=truth.responses.item,
        correct=flipped,
        group=truth.responses.group,
    )
    again = other_levels(changed, truth.authored, 1.2, 1.1)
    assert again[0] == pytest.approx(levels[0])
    mates = np.flatnonzero(truth.responses.examinee == truth.responses.examinee[0])[1:]
    assert (np.abs(again[mates] - levels[mates]) > 1e-6).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1000), st.integers(200, 500), st.floats(-1.5, 1.5))
def test_swapping_the_groups_turns_the_difference_round(seed: int, number: int, effect: float) -> None:
    correct, level, focal = draw(seed, number, effect)
    one, two = compare(correct, level, focal), compare(correct, level, ~focal)
    assert one is not None
    assert two is not None
    assert one.delta == pytest.approx(-two.delta)
    assert one.chi_squared == pytest.approx(two.chi_squared)
