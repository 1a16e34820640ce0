"""The path over the weeks: short slots on chosen days, each with its module and its part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHORTEST, LONGEST = 5, 15
"""Minutes of a slot: what fits between two tasks."""
PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """When a person learns: minutes a week, in slots of so many minutes, on these weekdays (Monday is 0), at this hour."""

    minutes_per_week: int
    slot_minutes: int = LONGEST
    weekdays: tuple[int, ...] = (1, 3)
    at: time = time(13, 30)


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One sitting: a part of a module at a moment."""

    module: str
    part: int
    parts: int
    starts: datetime
    minutes: int


def schedule(modules: Sequence[tuple[str, int]], rhythm: Rhythm, after: datetime) -> list[Slot]:
    """Return the slots of modules (id, minutes) in their order, from the first slot after a moment.

    A week holds the minutes of the rhythm, spread over its days; a slot holds one module, so that each ends on its own.
    """
    moments = _moments(rhythm, after)
    slots = []
    for module, minutes in modules:
        lengths = _parts(minutes, rhythm.slot_minutes)
        for part, length in enumerate(lengths, 1):
            slots.append(Slot(module=module, part=part, parts=len(lengths), starts=next(moments), minutes=length))
    return slots


def _parts(minutes: int, longest: int) -> list[int]:
    """Cut a module into slots as equal as can be, none longer than ``longest``."""
    number = max(-(-minutes // longest), 1)
    return [minutes // number + (place < minutes % number) for place in range(number)]


def _moments(rhythm: Rhythm, after: datetime) -> Iterator[datetime]:
    """Yield the starts of slots, week after week, each day's slots one after another."""
    weekly = max(rhythm.minutes_per_week // rhythm.slot_minutes, 1)
    days = sorted(set(rhythm.weekdays)) or [0]
    local = after.astimezone(PARIS)
    monday = local.date() - timedelta(days=local.weekday())
    while True:
        for number in range(weekly):
            day = monday + timedelta(days=days[number * len(days) // weekly])
            before = sum(days[n * len(days) // weekly] == days[number * len(days) // weekly] for n in range(number))
            starts = _local(day, rhythm.at) + timedelta(minutes=before * rhythm.slot_minutes)
            if starts > local:
                yield starts
        monday += timedelta(days=7)


def _local(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=PARIS)
