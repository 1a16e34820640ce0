"""A week of a team: what a machine proposes, the exchanges that people make, the rules that are broken, and who carries the nights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from training_platform.catalogue.lab_format import ScheduleLab
from training_platform.labs.rules.chance import Chance

SHIFTS = "MEN"
"""Morning 7–14, evening 14–21, night 21–7; a dot is a day off."""
OFF = "."
HOURS = {"M": (7, 14), "E": (14, 21), "N": (21, 31)}
DAYS = 7
SPOILT, TRIES = 2, 400
Roster = tuple[str, ...]
"""One string of seven shifts for each person."""
Fault = Literal["rest", "most", "absent"]


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """Two people exchange one day."""

    day: int
    one: int
    other: int


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A rule broken: by whom, on which day (the last of those concerned), and which."""

    person: int
    day: int
    fault: Fault


def proposal(lab: ScheduleLab) -> Roster:
    """Return what the machine proposes: every shift filled, nobody asked, rest and absence forgotten in places."""
    chance = Chance(lab.seed)
    roster = lawful(lab, chance)
    return _spoil(lab, roster, chance)


def lawful(lab: ScheduleLab, chance: Chance) -> Roster:
    """Make a week without a violation, nights spread; raise ValueError where the need cannot be met."""
    for _ in range(TRIES):
        weeks = _week(lab, chance)
        if weeks and nights_gap(weeks, present(lab)) <= lab.nights_gap:
            return weeks
    raise ValueError(f"lab {lab.id}: no lawful week for this need")


def _week(lab: ScheduleLab, chance: Chance) -> Roster:
    """Fill a week day by day; empty where a shift cannot be filled."""
    weeks: Roster = ("",) * len(lab.people)
    for day in range(DAYS):
        weeks = _day(lab, weeks, day, chance)
        if not weeks:
            break
    return weeks


def _day(lab: ScheduleLab, before: Roster, day: int, chance: Chance) -> Roster:
    """Add one day: nights to those with fewest, then evenings and mornings; empty where a shift cannot be filled."""
    chosen = dict.fromkeys(range(len(lab.people)), OFF)
    for shift in "NEM":
        order = chance.shuffled([p for p in chosen if chosen[p] == OFF])
        order.sort(key=lambda person: before[person].count("N") if shift == "N" else worked(before[person]))
        fit = [p for p in order if _fits(lab, before[p], p, day, shift)]
        wanted = lab.need[SHIFTS.index(shift)]
        if len(fit) < wanted:
            return ()
        chosen |= dict.fromkeys(fit[:wanted], shift)
    return tuple(week + chosen[person] for person, week in enumerate(before))


def _fits(lab: ScheduleLab, week: str, person: int, day: int, shift: str) -> bool:
    absent = person == lab.absent and day + 1 >= lab.absent_from
    rested = not week or rest(week[-1], shift) >= lab.rest
    return not absent and rested and worked(week) < lab.at_most


def _spoil(lab: ScheduleLab, roster: Roster, chance: Chance) -> Roster:
    """Exchange days so that rules break: the absent person put back to work, others without rest."""
    used: set[tuple[int, int]] = set()
    for wanted in (*("absent",) * SPOILT, *("rest",) * SPOILT):
        tries = [
            Exchange(day=day, one=one, other=other)
            for day in range(DAYS)
            for one in range(len(roster))
            for other in range(one + 1, len(roster))
        ]
        for exchange in chance.shuffled(tries):
            places = {(exchange.day, exchange.one), (exchange.day, exchange.other)}
            after = exchanged(roster, [exchange])
            if _count(lab, after, wanted) > _count(lab, roster, wanted) and not places & used:
                roster, used = after, used | places
                break
    return roster


def _count(lab: ScheduleLab, roster: Roster, fault: str) -> int:
    return sum(violation.fault == fault for violation in violations(lab, roster))


def exchanged(roster: Roster, exchanges: Iterable[Exchange]) -> Roster:
    """Apply exchanges in their order."""
    weeks = [list(week) for week in roster]
    for exchange in exchanges:
        one, other = weeks[exchange.one], weeks[exchange.other]
        one[exchange.day], other[exchange.day] = other[exchange.day], one[exchange.day]
    return tuple("".join(week) for week in weeks)


def rest(shift: str, following: str) -> int:
    """Return the hours between a shift and the one of the next day; a day off gives a whole day more."""
    if OFF in (shift, following):
        return 24
    return 24 + HOURS[following][0] - HOURS[shift][1]


def violations(lab: ScheduleLab, roster: Roster) -> list[Violation]:
    """Return every rule broken: too little rest, too many shifts, an absent person at work."""
    found = []
    for person, week in enumerate(roster):
        for day in range(1, DAYS):
            if rest(week[day - 1], week[day]) < lab.rest:
                found.append(Violation(person=person, day=day, fault="rest"))
        if worked(week) > lab.at_most:
            last = max(day for day in range(DAYS) if week[day] != OFF)
            found.append(Violation(person=person, day=last, fault="most"))
        if person == lab.absent:
            found += [
                Violation(person=person, day=day, fault="absent")
                for day in range(lab.absent_from - 1, DAYS)
                if week[day] != OFF
            ]
    return found


def nights_gap(roster: Roster, present: Sequence[int]) -> int:
    """Return the nights between those who have most and fewest, among those present all week."""
    nights = [roster[person].count("N") for person in present]
    return max(nights) - min(nights)


def present(lab: ScheduleLab) -> list[int]:
    """Return who is present all week."""
    return [person for person in range(len(lab.people)) if person != lab.absent]


def worked(week: str) -> int:
    """Return the shifts of a week."""
    return sum(shift != OFF for shift in week)
