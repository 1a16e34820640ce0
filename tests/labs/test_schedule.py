"""The roster lab: shifts stay filled, rest recomputed hour by hour, a few exchanges mend what the machine broke."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.labs.shipped import lab
from training_platform.catalogue.lab_format import ScheduleLab
from training_platform.labs.kinds.schedule import EXCHANGES, Schedule
from training_platform.labs.rules import schedule
from training_platform.labs.rules.chance import Chance
from training_platform.labs.rules.schedule import Exchange, Roster

LAB = lab(ScheduleLab)
PROPOSAL = schedule.proposal(LAB)
LAWFUL = schedule.lawful(LAB, Chance(LAB.seed))
START = {"M": 7, "E": 14, "N": 21}
LENGTH = {"M": 7, "E": 7, "N": 10}
exchange = st.builds(Exchange, day=st.integers(0, 6), one=st.integers(0, 7), other=st.integers(0, 7))


def repair() -> list[Exchange]:
    """Find the exchanges between the lawful week and the proposal: on each day, who took whose place."""
    found = []
    for day in range(7):
        moved = [p for p in range(len(LAB.people)) if LAWFUL[p][day] != PROPOSAL[p][day]]
        while moved:
            one = moved.pop()
            other = next(p for p in moved if PROPOSAL[p][day] == LAWFUL[one][day])
            moved.remove(other)
            found.append(Exchange(day=day, one=one, other=other))
    return found


def setting(exchanges: list[Exchange]) -> dict[str, str]:
    fields = {f"{name}{n}": "" for n in range(1, EXCHANGES + 1) for name in "dab"}
    for n, e in enumerate(exchanges, 1):
        fields |= {f"d{n}": str(e.day), f"a{n}": str(e.one), f"b{n}": str(e.other)}
    return fields


def broken_by_hand(roster: Roster) -> int:
    """Count broken rules on a clock that runs through the week."""
    count = 0
    for person, week in enumerate(roster):
        worked = [(24 * day + START[s], 24 * day + START[s] + LENGTH[s]) for day, s in enumerate(week) if s != "."]
        count += sum(b[0] - a[1] < LAB.rest for a, b in pairwise(worked))
        count += len(worked) > LAB.at_most
        if person == LAB.absent:
            count += sum(s != "." for s in week[LAB.absent_from - 1 :])
    return count


@given(st.lists(exchange, max_size=12))
def test_exchanges_keep_every_shift_filled_and_rules_are_those_of_the_clock(exchanges: list[Exchange]) -> None:
    roster = schedule.exchanged(PROPOSAL, exchanges)
    for day in range(7):
        filled = "".join(week[day] for week in roster)
        assert tuple(filled.count(shift) for shift in "MEN") == LAB.need
    assert len(schedule.violations(LAB, roster)) == broken_by_hand(roster)
    assert schedule.exchanged(roster, reversed(exchanges)) == PROPOSAL


@settings(max_examples=25)
@given(st.integers(0, 400))
def test_every_seed_gives_a_lawful_week_and_a_proposal_that_breaks_it(seed: int) -> None:
    other = LAB.model_copy(update={"seed": seed})
    week = schedule.lawful(other, Chance(seed))
    assert schedule.violations(other, week) == []
    assert schedule.nights_gap(week, schedule.present(other)) <= other.nights_gap
    faults = [violation.fault for violation in schedule.violations(other, schedule.proposal(other))]
    assert faults.count("absent") >= 2
    assert faults.count("rest") >= 2


def test_a_need_that_nobody_can_meet_is_said() -> None:
    with pytest.raises(ValueError, match="no lawful week"):
        schedule.lawful(LAB.model_copy(update={"need": (4, 4, 4)}), Chance(1))


def test_the_machines_week_can_be_mended_within_the_exchanges_there_are() -> None:
    kind = Schedule(LAB)
    exchanges = repair()
    assert len(exchanges) <= EXCHANGES
    answers: dict[str, float | str] = {"violations": float(broken_by_hand(PROPOSAL)), "override": "manager"}
    assert all(finding.right for finding in kind.judge(setting(exchanges), answers))
    for fewer in combinations(exchanges, 2):
        assert not kind.judge(setting(list(fewer)), answers)[0].right


def test_each_wrong_conclusion_has_its_sentence() -> None:
    kind = Schedule(LAB)
    for override in ("software", "colleagues", "nobody"):
        findings = kind.judge(setting([]), {"violations": 99.0, "override": override})
        assert [finding.right for finding in findings] == [False, False, False]
        assert findings[0].said.fr.startswith("Il reste")


def test_an_exchange_that_is_not_whole_changes_nothing() -> None:
    kind = Schedule(LAB)
    half = setting([]) | {"d1": "2", "a1": "3", "b1": "", "d2": "1", "a2": "4", "b2": "4"}
    assert kind.show(half).tables[0] == kind.show(setting([])).tables[0]
