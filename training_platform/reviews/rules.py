"""When to check what, and what a check says: forgetting by FSRS, a few checks a day, dates that win; pure.

The memory of a step is FSRS's pair of stability (days until recall falls to 90 %) and difficulty. FSRS alone would send
somebody back two days after a module; the first check comes after a week at least, and a fact of the job needs none
more often than every second day.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TypeVar

from fsrs import Card as FsrsCard
from fsrs import Rating, Scheduler
from fsrs.scheduler import DEFAULT_PARAMETERS

Parameters = tuple[float, ...]
DEFAULTS: Parameters = tuple(DEFAULT_PARAMETERS)
SAFETY, CORE, REST = 0.90, 0.85, 0.75
"""Recall to keep up: where a mistake endangers somebody, for what everybody needs, for the rest."""
FIRST = timedelta(days=7)
SHORTEST = timedelta(days=2)
LONGEST = timedelta(days=365)
PER_DAY = 3
QUESTIONS, QUESTIONS_FOR_SAFETY, FEWEST = 3, 4, 2
CHECK_MINUTES = 2
BEFORE_DATE = timedelta(days=3)
"""How long before a date its check falls due, so that there is time to read again."""
POSTPONE = timedelta(days=3)

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What is remembered of a step, as FSRS describes it."""

    stability: float
    difficulty: float
    last_at: datetime
    """When it was last learnt or checked."""


@dataclass(frozen=True, kw_only=True)
class Card:
    """One step of one competency that a person has attained, to be checked from time to time."""

    id: int
    competency: str
    level: int
    memory: Memory
    due_at: datetime
    retention: float
    checked: bool = False
    """False until the first check."""
    deadline: date | None = None
    """A date by which a duty asks for it."""

    @property
    def due_on(self) -> date:
        """The day from which to check: by forgetting, or before the date that a duty sets."""
        own = self.due_at.date()
        if self.deadline is None:
            return own
        wanted = self.deadline - BEFORE_DATE
        return own if self.memory.last_at.date() >= wanted else min(own, wanted)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How one question of a check went."""

    correct: bool
    safety: bool = False


@dataclass(frozen=True, kw_only=True)
class Passage:
    """Where to read again: the lesson, from 1, and its heading, from 1, 0 for its top."""

    lesson: int
    heading: int


def retention_of(step: tuple[str, int], safety: Collection[tuple[str, int]], foundation: Mapping[str, int]) -> float:
    """Return the recall to keep up for a step (competency, level attained); safety steps name the level from."""
    competency, level = step
    if (competency, level - 1) in safety:
        return SAFETY
    return CORE if level <= foundation.get(competency, 0) else REST


def rating_of(outcomes: Sequence[Outcome]) -> Rating:
    """Return what a check says: all right, one mistake out of three or more, or to learn again.

    A mistake where somebody is endangered always means to learn again. «Easy» is never said: how fast somebody reads
    says nothing of what they know.
    """
    wrong = [outcome for outcome in outcomes if not outcome.correct]
    if not wrong:
        return Rating.Good
    if len(wrong) == 1 and len(outcomes) > FEWEST and not wrong[0].safety:
        return Rating.Hard
    return Rating.Again


@lru_cache(maxsize=16)
def _scheduler(retention: float, parameters: Parameters) -> Scheduler:
    return Scheduler(
        parameters=parameters,
        desired_retention=retention,
        learning_steps=(),
        relearning_steps=(),
        maximum_interval=LONGEST.days,
        enable_fuzzing=False,
    )


def learnt(at: datetime, retention: float, parameters: Parameters = DEFAULTS) -> tuple[Memory, datetime]:
    """Return the memory of what was just learnt, and when to check it first: after a week at least."""
    moment = at.astimezone(UTC)
    card, _ = _scheduler(retention, parameters).review_card(FsrsCard(card_id=1, due=moment), Rating.Good, moment)
    return _memory(card, moment), moment + max(card.due - moment, FIRST)


def reviewed(
    memory: Memory, rating: Rating, at: datetime, retention: float, parameters: Parameters = DEFAULTS
) -> tuple[Memory, datetime]:
    """Return the memory after a check, and when to check next."""
    moment = at.astimezone(UTC)
    card, _ = _scheduler(retention, parameters).review_card(_card(memory), rating, moment)
    return _memory(card, moment), moment + min(max(card.due - moment, SHORTEST), LONGEST)


def recall(memory: Memory, at: datetime, parameters: Parameters = DEFAULTS) -> float:
    """Return the probability that it is still remembered."""
    return float(_scheduler(REST, parameters).get_card_retrievability(_card(memory), at.astimezone(UTC)))


def _card(memory: Memory) -> FsrsCard:
    from fsrs import State

    return FsrsCard(
        card_id=1,
        state=State.Review,
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=memory.last_at,
        last_review=memory.last_at.astimezone(UTC),
    )


def _memory(card: FsrsCard, moment: datetime) -> Memory:
    assert card.stability is not None
    assert card.difficulty is not None
    return Memory(stability=float(card.stability), difficulty=float(card.difficulty), last_at=moment)


def today(cards: Iterable[Card], day: date, done: int = 0) -> list[Card]:
    """Return the checks of a day, the most urgent first: a few, and those whose date leaves no other day."""
    due = sorted((card for card in cards if card.due_on <= day), key=lambda card: _urgency(card, day))
    room = max(PER_DAY - done, 0)
    return due[:room] + [card for card in due[room:] if _last_day(card, day)]


def _urgency(card: Card, day: date) -> tuple[object, ...]:
    """Order by the date that wins, then by what is at stake, then by what is most forgotten."""
    ahead = card.deadline is not None and card.deadline >= day and card.due_on <= card.deadline
    return (
        not ahead,
        card.deadline if ahead else date.max,
        -card.retention,
        (day - card.memory.last_at.date()).days / -max(card.memory.stability, 0.1),
        card.id,
    )


def _last_day(card: Card, day: date) -> bool:
    return card.deadline is not None and day <= card.deadline <= day + timedelta(days=1)


def agenda(cards: Sequence[Card], first: date, days: int, done: int = 0) -> dict[date, list[Card]]:
    """Spread the checks over the days to come, as they would fall if each were done on its day."""
    left, plan = list(cards), {}
    for number in range(days):
        day = first + timedelta(days=number)
        taken = today(left, day, done if number == 0 else 0)
        if taken:
            plan[day] = taken
            left = [card for card in left if card not in taken]
    return plan


def draw(
    candidates: Sequence[tuple[int, str, bool]], seen: Mapping[str, datetime], how_many: int, order: Sequence[int]
) -> list[int]:
    """Choose the questions of a check: those never seen first, then those seen longest ago; one on safety where there is.

    ``candidates``: id, key and whether safety is at stake; ``seen``: when each key was last answered; ``order``: the
    candidates' places in the order that breaks ties.
    """
    longest_ago = sorted(
        order, key=lambda n: seen[candidates[n][1]].timestamp() if candidates[n][1] in seen else -math.inf
    )
    chosen = longest_ago[:how_many]
    vital = next((n for n in longest_ago if candidates[n][2]), None)
    if vital is not None and not any(candidates[n][2] for n in chosen):
        chosen = [*chosen[:-1], vital]
    return [candidates[n][0] for n in chosen]


FACT = re.compile(r"\[\^([A-Z]{3}-\d{2,3})\]")
HEADING = re.compile(r"^#{2,4} ", re.MULTILINE)
WORD = re.compile(r"\w{5,}")


def passage(question: str, facts: Collection[str], lessons: Sequence[str]) -> Passage:
    """Return the part of a module that teaches what a question asks: by the facts that both cite, then by shared words."""
    words = set(WORD.findall(question.lower()))
    best, where = -1.0, Passage(lesson=1, heading=0)
    for number, lesson in enumerate(lessons, 1):
        for place, part in enumerate(HEADING.split(lesson)):
            own = set(WORD.findall(part.lower()))
            shared = len(words & own) / math.sqrt(len(own) + 1)
            worth = 2.0 * len(set(facts) & set(FACT.findall(part))) + shared
            if worth > best:
                best, where = worth, Passage(lesson=number, heading=place)
    return where
