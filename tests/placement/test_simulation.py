"""The simulation on a handful of people: it runs, repeats itself, knows what an oracle is, and charges every policy alike."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from training_platform.assessment.rules import Item
from training_platform.assessment.rules.estimate import PRIOR_MEAN
from training_platform.assessment.rules.selection import Candidate
from training_platform.placement.simulation.__main__ import main, simulate
from training_platform.placement.simulation.people import CONTENT, Person, World, world_of
from training_platform.placement.simulation.policies import follow, information, path


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(CONTENT, 400, 1)


def test_an_oracle_is_never_slower_than_everybody_taking_everything(world: World) -> None:
    tallies = simulate(world, "prior", range(4), 1, ["a", "b", "ours", "d"])
    assert all(d <= a for a, d in zip(tallies["a"].minutes, tallies["d"].minutes, strict=True))
    assert tallies["d"].skipped == tallies["a"].skipped == 0
    assert tallies["d"].needless == tallies["d"].in_vain == [0.0] * 4
    assert max(tallies["ours"].questions) > 0
    assert max(tallies["b"].late) > 0
    again = simulate(world, "prior", range(4), 1, ["ours"])
    assert again["ours"].minutes == tallies["ours"].minutes


def test_skipping_everything_does_not_pay(world: World) -> None:
    tallies = simulate(world, "prior", range(6), 3, ["ours", "d", "skip"])
    assert np.mean(tallies["skip"].minutes) > np.mean(tallies["ours"].minutes) > np.mean(tallies["d"].minutes)
    assert max(tallies["skip"].late) > 5


def test_a_module_without_its_ground_teaches_nothing(world: World) -> None:
    person = Person(world, "prior", np.random.default_rng(1))
    nothing = dict.fromkeys(person.levels, 0)
    truth, passed, failed = follow(path(world, person, nothing), nothing)
    assert not failed
    assert all(truth[c] >= level for c, level in person.targets.items())
    assert passed >= set(person.targets)
    believed = {c: max(level - 1, 0) for c, level in person.targets.items()}
    high = [c for c, level in believed.items() if level]
    truth, _, failed = follow(path(world, person, believed), nothing)
    assert failed & set(high)
    assert all(truth[c] == 0 for c in failed)


def test_sharper_questions_say_more() -> None:
    plain, sharp = (
        simulate(world_of(CONTENT, None, 1, times), "prior", range(4), 1, ["ours"])["ours"] for times in (1.0, 10.0)
    )
    assert np.mean(np.abs(sharp.errors)) < np.mean(np.abs(plain.errors))
    assert np.mean(sharp.minutes) < np.mean(plain.minutes)


def test_what_was_done_for_some_adds_up(world: World) -> None:
    first, second = (simulate(world, "prior", people, 1, ["ours"])["ours"] for people in (range(1), range(1, 2)))
    both = simulate(world, "prior", range(2), 1, ["ours"])["ours"]
    first.add(second)
    assert first.minutes == both.minutes
    assert first.right == both.right
    assert first.seen == both.seen
    assert (first.vital, first.skipped) == (both.vital, both.skipped)


def test_people_of_each_kind_answer_in_their_own_way(world: World) -> None:
    right = {}
    for kind in ("prior", "guessing", "fatigue", "wrong parameters"):
        person = Person(world, kind, np.random.default_rng(1))
        hard = Candidate(id=1, competency="DAT1", item=Item(difficulty=9.0, discrimination=2.0, guessing=0.02))
        right[kind] = sum(person.answer(hard) for _ in range(300))
    assert right["guessing"] > 20 > right["prior"]


def test_self_ratings_correlate_with_levels_as_asked_and_share_the_person(world: World) -> None:
    for asked in (0.3, 0.7):
        pairs, means = [], []
        for n in range(250):
            person = Person(world, "prior", np.random.default_rng((5, n)), asked)
            pairs += [(person.theta[c], rated) for c, rated in person.rated.items()]
            means.append(np.mean(list(person.rated.values())))
        found = np.corrcoef(np.array(pairs).T)[0, 1]
        assert found == pytest.approx(asked, abs=0.08)
        assert np.var(means) > 0.2
    high = [
        np.mean(list(Person(world, "over-raters", np.random.default_rng((5, n))).rated.values())) for n in range(80)
    ]
    assert np.mean(high) > PRIOR_MEAN + 0.9


def test_information_is_largest_at_the_difficulty_of_a_question_without_guessing() -> None:
    item = Item(difficulty=2.0, discrimination=1.5, guessing=0.0)
    assert information(item, 2.0) == pytest.approx(1.5**2 / 4)
    assert information(item, 2.0) > information(item, 1.0)


def test_the_command_prints_what_it_measured(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    policies = [word for policy in ("a", "b", "ours", "d") for word in ("--policy", policy)]
    plot = tmp_path / "placement.svg"
    assert main(["--people", "2", "--kind", "prior", "--items", "300", "--plot", str(plot), *policies]) == 0
    printed = capsys.readouterr().out
    assert "300 questions, 2 people of each kind, self-ratings at r = 0.3" in printed
    assert "distance from (b) to (d) closed" in printed
    assert "intervals cover" in printed
    picture = ET.fromstring(plot.read_text(encoding="utf-8"))
    assert len(picture.findall(".//{http://www.w3.org/2000/svg}rect")) == 4 * 3 + 3
