"""What people make of a module: how far they come, how long it takes, what it brings; small groups say nothing."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from training_platform.coverage.rules.proposals import Interval
from training_platform.organisation.groups import SMALLEST
from training_platform.text import Text, counted

QUIET = timedelta(days=14)
"""After so long without a sign, whoever has not finished has stopped."""
LONG, SHORT = 1.3, 0.6
"""Real minutes over announced ones from which, and up to which, the announcement misleads."""
MANY_STOP = 0.25
UNLOVED = 3.0


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One person in a module, without a name."""

    lessons_read: frozenset[int]
    lesson: int
    started_at: datetime
    last_at: datetime
    completed_at: datetime | None
    seconds: tuple[tuple[int, int], ...]
    """Lesson and seconds spent on it, where they are known."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """How many came through a lesson, and how many stopped in it; None below five."""

    lesson: int
    """0 for the final questions."""
    through: int | None
    stopped: int | None


@dataclass(frozen=True, kw_only=True)
class Minutes:
    """Minutes really spent on the whole module by those who finished: the middle one and the middle half."""

    median: float
    low: float
    high: float
    people: int
    longest: int
    """The lesson on which most time is spent."""


@dataclass(frozen=True, kw_only=True)
class Opinions:
    """Scores from 1 to 5 and remarks, without names and in no order that tells who wrote when."""

    number: int
    mean: float
    counts: tuple[int, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What is noticed, and what to do about it."""

    said: Text
    do: Text


def shown(number: int) -> int | None:
    """Return a count of people, None where it is too small to be shown."""
    return number if number >= SMALLEST else None


def stages(readings: Sequence[Reading], lessons: int, now: datetime) -> list[Stage]:
    """Return the way through the module, lesson by lesson and then the final questions."""
    stopped = Counter(
        0 if len(one.lessons_read) >= lessons else one.lesson
        for one in readings
        if one.completed_at is None and now - one.last_at > QUIET
    )
    way = [
        Stage(
            lesson=number,
            through=shown(sum(number in one.lessons_read or one.completed_at is not None for one in readings)),
            stopped=shown(stopped[number]),
        )
        for number in range(1, lessons + 1)
    ]
    finished = sum(one.completed_at is not None for one in readings)
    return [*way, Stage(lesson=0, through=shown(finished), stopped=shown(stopped[0]))]


def minutes_of(readings: Sequence[Reading], lessons: int) -> Minutes | None:
    """Return the real minutes of those who finished and whose every lesson was timed; None below five people."""
    timed = [dict(one.seconds) for one in readings if one.completed_at and len(one.seconds) == lessons]
    totals = sorted(sum(one.values()) / 60 for one in timed)
    if len(totals) < SMALLEST:
        return None
    low, median, high = statistics.quantiles(totals, n=4)
    longest = max(range(1, lessons + 1), key=lambda n: statistics.median(one.get(n, 0) for one in timed))
    return Minutes(median=median, low=low, high=high, people=len(totals), longest=longest)


def opinions_of(given: Sequence[tuple[int, str]]) -> Opinions | None:
    """Return what people think; None below five of them."""
    if len(given) < SMALLEST:
        return None
    scores = [score for score, _ in given]
    return Opinions(
        number=len(scores),
        mean=statistics.fmean(scores),
        counts=tuple(scores.count(n) for n in range(1, 6)),
        remarks=tuple(sorted({remark for _, remark in given if remark})),
    )


def advise(
    way: Sequence[Stage],
    started: int,
    minutes: Minutes | None,
    announced: int,
    gain: Interval | None,
    opinions: Opinions | None,
) -> list[Advice]:
    """Return what an author should know about a module, with what to do; empty where nothing stands out."""
    found = []
    worst = max(way, key=lambda stage: stage.stopped or 0, default=None)
    if worst and worst.stopped and worst.stopped / started >= MANY_STOP:
        where = (
            Text("aux questions finales", "at the final questions")
            if worst.lesson == 0
            else Text(f"à la leçon {worst.lesson}", f"in lesson {worst.lesson}")
        )
        found.append(
            Advice(
                said=Text(f"Beaucoup s'arrêtent {where.fr}", f"Many stop {where.en}"),
                do=Text(
                    "Relisez ce passage : coupez-le en deux, ou commencez par l'exercice.",
                    "Read this part again: cut it in two, or begin with the exercise.",
                ),
            )
        )
    real = counted(round(minutes.median) if minutes else 0, ("minute", "minutes"), ("minute", "minutes"))
    if minutes and minutes.median > LONG * announced:
        found.append(
            Advice(
                said=Text("Plus long qu'annoncé", "Longer than announced"),
                do=Text(
                    f"Annoncez {real.fr}, ou raccourcissez la leçon {minutes.longest}.",
                    f"Announce {real.en}, or shorten lesson {minutes.longest}.",
                ),
            )
        )
    if minutes and minutes.median < SHORT * announced:
        found.append(
            Advice(
                said=Text("Plus court qu'annoncé", "Shorter than announced"),
                do=Text(
                    f"Annoncez {real.fr} : des personnes pressées le choisiront.",
                    f"Announce {real.en}: people in a hurry will take it.",
                ),
            )
        )
    if gain and gain.low <= 0:
        found.append(
            Advice(
                said=Text("Aucun gain de niveau démontré", "No gain in level shown"),
                do=Text(
                    "Regardez d'abord les questions finales, puis ce que les leçons font pratiquer.",
                    "Look at the final questions first, then at what the lessons make people practise.",
                ),
            )
        )
    if opinions and opinions.mean < UNLOVED:
        found.append(
            Advice(
                said=Text("Jugé peu utile", "Judged of little use"),
                do=Text("Lisez les remarques ci-dessous.", "Read the remarks below."),
            )
        )
    return found
