"""Distance and chance: plain cases, and properties that hold for anyone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import NOW
from training_platform.assessment.rules import Item, Observation, State, prior
from training_platform.certification.picture import line_of
from training_platform.certification.rules import Done, Progress, electives_to_take, progress, weeks_needed
from training_platform.certification.rules.chance import ExpectedItem, chance, in_ten
from training_platform.certification.rules.progress import next_action
from training_platform.recommendations.rules import PlannedModule
from training_platform.tracks.format import read_tracks

TRACKS = read_tracks(Path(__file__).parents[2] / "content" / "tracks.yaml")
T6 = TRACKS["T6"]
EVERYTHING = Done(
    completed=frozenset(T6.modules) | frozenset(T6.electives.among[:3]),
    granted=dict(T6.min_levels),
    evidence=4,
    exam="passed",
    parts=frozenset(part.id for part in T6.exam.parts),
)
dones = st.builds(
    Done,
    completed=st.frozensets(st.sampled_from([*T6.modules, *T6.electives.among])),
    granted=st.dictionaries(st.sampled_from(list(T6.min_levels)), st.integers(0, 5)),
    evidence=st.integers(0, 5),
    exam=st.sampled_from(["not_begun", "begun", "marking", "passed", "failed"]),
    parts=st.frozensets(st.sampled_from([part.id for part in T6.exam.parts])),
)


def action(found: Progress, *way: str, enrolled: bool = True, paused: bool = False) -> str:
    return next_action(found, way, enrolled=enrolled, paused=paused).kind


@given(dones)
def test_each_requirement_is_either_met_or_missing(done: Done) -> None:
    found = progress(T6, done)
    assert set(found.modules_met) | set(found.modules_missing) == set(T6.modules)
    assert not set(found.modules_met) & set(found.modules_missing)
    assert set(found.levels_met) | set(found.levels_missing) == set(T6.min_levels)
    met, total = found.counted
    assert 0 <= met <= total
    assert found.ready == (met == total)
    assert all(0 <= station.met <= station.total for station in found.stations)


@given(dones, st.sampled_from(T6.modules))
def test_one_more_module_never_leads_away(done: Done, module: str) -> None:
    before = progress(T6, done).counted[0]
    after = progress(
        T6,
        Done(
            completed=frozenset(done.completed) | {module},
            granted=done.granted,
            evidence=done.evidence,
            exam=done.exam,
            parts=done.parts,
        ),
    ).counted[0]
    assert after >= before


@given(dones)
def test_there_is_always_one_thing_to_do_and_it_is_not_the_certificate_too_early(done: Done) -> None:
    found = progress(T6, done)
    assert (action(found) == "conclude") == found.ready


def test_the_next_action_follows_the_order_of_the_track() -> None:
    nothing = progress(T6, Done())
    assert action(nothing, enrolled=False) == "enrol"
    assert action(nothing, "M06", paused=True) == "resume"
    assert next_action(nothing, ("M06", "M11"), enrolled=True, paused=False).subject == "M06"
    assert nothing.closed_by == ("modules", "electives")
    studied = progress(T6, Done(completed=EVERYTHING.completed))
    assert studied.closed_by == ()
    assert action(studied) == "exam"
    failed = progress(T6, Done(completed=EVERYTHING.completed, exam="failed"))
    assert action(failed) == "retake"
    waiting = progress(T6, Done(completed=EVERYTHING.completed, exam="marking"))
    assert action(waiting) == "evidence"
    proved = progress(T6, Done(completed=EVERYTHING.completed, exam="marking", evidence=4))
    assert next_action(proved, (), enrolled=True, paused=False).subject == "DAT1"
    assert action(progress(T6, EVERYTHING)) == "conclude"


def test_a_level_that_is_only_estimated_does_not_count() -> None:
    found = progress(T6, Done(granted={"GOV1": 3, "DAT1": 3}))
    assert "DAT1" in found.levels_met
    assert "GOV1" in found.levels_missing


def test_the_cheapest_electives_are_taken_with_what_they_require() -> None:
    track = T6.model_copy(
        update={"modules": ["A"], "electives": T6.electives.model_copy(update={"choose": 2, "among": ["B", "C", "D"]})}
    )
    modules = {
        "A": PlannedModule(id="A", minutes=10),
        "B": PlannedModule(id="B", minutes=5, requires=("E",)),
        "C": PlannedModule(id="C", minutes=12),
        "D": PlannedModule(id="D", minutes=14, requires=("A",)),
        "E": PlannedModule(id="E", minutes=30),
    }
    assert electives_to_take(progress(track, Done()), modules) == ("C", "D")
    assert electives_to_take(progress(track, Done(completed=frozenset("B"))), modules) == ("C",)
    assert electives_to_take(progress(track, Done(completed=frozenset("BC"))), modules) == ()


@given(st.integers(0, 10_000), st.integers(5, 600))
def test_weeks_hold_the_minutes_and_no_week_is_spare(minutes: int, pace: int) -> None:
    weeks = weeks_needed(minutes, pace)
    assert weeks * pace >= minutes
    assert (weeks - 1) * pace < minutes or weeks == 0


ITEM = Item(difficulty=2.5, discrimination=1.8, guessing=0.25)
POOLS = {"GOV": [ExpectedItem(competency="GOV1", item=ITEM), ExpectedItem(competency="GOV2", item=ITEM, safety=True)]}
KNOWN = frozenset({"GOV1", "GOV2"})


def at(level: float, sd: float = 0.2) -> State:
    return State(("GOV1", "GOV2"), np.array([level, level, 0.0]), np.diag([sd**2, sd**2, 1.0]))


def test_who_knows_passes_who_does_not_fails_and_it_is_always_the_same_figure() -> None:
    strong, weak = (chance(at(x), POOLS, {"GOV": 20}, 70, safety=False, informed=KNOWN) for x in (5.0, 0.5))
    assert strong.likely > 0.95
    assert weak.likely < 0.05
    assert strong.enough
    assert strong == chance(at(5.0), POOLS, {"GOV": 20}, 70, safety=False, informed=KNOWN)


def test_the_chance_is_that_of_playing_many_exams() -> None:
    """Monte Carlo of whole exams as an oracle of the convolution."""
    source = np.random.default_rng(3)
    levels = source.normal(2.9, 0.4, (20_000, 2))
    p = ITEM.guessing + (1 - ITEM.guessing) / (1 + np.exp(-1.8 * (levels - 2.5)))
    right = source.binomial(20, p.mean(axis=1))
    expected = float((right >= 14).mean())
    found = chance(at(2.9, 0.4), POOLS, {"GOV": 20}, 70, safety=False, informed=KNOWN)
    assert found.likely == pytest.approx(expected, abs=0.04)


@settings(max_examples=30)
@given(st.floats(0, 5), st.integers(1, 40), st.integers(0, 100))
def test_a_chance_is_a_probability_and_asking_more_never_helps(level: float, items: int, least: int) -> None:
    plain = chance(at(level), POOLS, {"GOV": items}, least, safety=False, informed=KNOWN)
    vital = chance(at(level), POOLS, {"GOV": items}, least, safety=True, informed=KNOWN)
    harder = chance(at(level), POOLS, {"GOV": items}, min(least + 10, 100), safety=False, informed=KNOWN)
    assert 0 <= plain.low <= plain.high <= 1 + 1e-9
    assert vital.likely <= plain.likely + 1e-9
    assert harder.likely <= plain.likely + 1e-9


def test_nothing_is_said_of_somebody_of_whom_nothing_is_known() -> None:
    stranger = chance(prior(["GOV1", "GOV2"]), POOLS, {"GOV": 20}, 70, safety=False, informed=frozenset())
    assert not stranger.enough
    assert not chance(at(5.0), POOLS, {"GOV": 4, "DAT": 16}, 70, safety=False, informed=KNOWN).enough
    assert not chance(at(5.0), {}, {"GOV": 4}, 70, safety=False, informed=KNOWN).enough


def test_more_evidence_narrows_the_figure() -> None:
    state = prior(["GOV1", "GOV2"])
    wide = chance(state, POOLS, {"GOV": 20}, 70, safety=False, informed=KNOWN)
    for _ in range(12):
        for competency in ("GOV1", "GOV2"):
            state = state.with_evidence(
                Observation(competency=competency, kind="answer", at=NOW, item=ITEM, correct=True), NOW
            )
    narrow = chance(state, POOLS, {"GOV": 20}, 70, safety=False, informed=KNOWN)
    assert narrow.high - narrow.low < wide.high - wide.low or wide.high < 0.3
    assert narrow.likely > wide.likely


@given(st.floats(0, 1))
def test_chances_out_of_ten_are_never_none_and_never_all(probability: float) -> None:
    assert 1 <= in_ten(probability) <= 9


@given(dones)
def test_the_picture_shows_each_group_and_is_travelled_to_the_first_that_is_open(done: Done) -> None:
    found = progress(T6, done)
    line = line_of(found.stations)
    assert [one.station for one in line.stations] == list(found.stations)
    assert line.stations[0].y <= line.reached <= line.stations[-1].y < line.height
    before = [one for one in line.stations if one.y < line.reached]
    assert all(one.station.done for one in before)
