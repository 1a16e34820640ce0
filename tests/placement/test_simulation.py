"""The simulation on a handful of people: it runs, repeats itself, and knows what an oracle is."""

from __future__ import annotations

import numpy as np
import pytest

from training_platform.assessment.rules import Item
from training_platform.placement.simulation import CONTENT, Person, information, main, simulate, world_of


def test_an_oracle_is_never_slower_than_everybody_taking_everything() -> None:
    world = world_of(CONTENT, 400, 1)
    tallies = simulate(world, "prior", 4, 1, ["a", "ours", "d"])
    assert all(d <= a for a, d in zip(tallies["a"].minutes, tallies["d"].minutes, strict=True))
    assert tallies["d"].skipped == tallies["a"].skipped == 0
    assert max(tallies["ours"].questions) > 0
    again = simulate(world, "prior", 4, 1, ["ours"])
    assert again["ours"].minutes == tallies["ours"].minutes


def test_people_of_each_kind_answer_in_their_own_way() -> None:
    world = world_of(CONTENT, 200, 1)
    hard = Item(difficulty=9.0, discrimination=2.0, guessing=0.02)
    right = {}
    for kind in ("prior", "guessing", "fatigue", "wrong parameters"):
        person = Person(world, kind, np.random.default_rng(1))
        right[kind] = sum(person.answer(person.names[0], hard) for _ in range(300))
    assert right["guessing"] > 60 > 20 > right["prior"]


def test_information_is_largest_at_the_difficulty_of_a_question_without_guessing() -> None:
    item = Item(difficulty=2.0, discrimination=1.5, guessing=0.0)
    assert information(item, 2.0) == pytest.approx(1.5**2 / 4)
    assert information(item, 2.0) > information(item, 1.0)


def test_the_command_prints_what_it_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(
            ["--people", "3", "--kind", "prior", "--items", "300", "--policy", "b", "--policy", "ours", "--policy", "d"]
        )
        == 0
    )
    printed = capsys.readouterr().out
    assert "300 questions, 3 people" in printed
    assert "distance from (b) to (d) closed" in printed
    assert "intervals cover" in printed
