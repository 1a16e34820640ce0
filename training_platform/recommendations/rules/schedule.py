"""The path over the weeks: short slots on chosen days, each with its module and its part."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
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

    Each week brings the minutes of the rhythm; what a week does not use is there the next one. A slot holds one module,
    so that each ends on its own, and a week's slots are spread over its days.
    """
    waiting = deque(
        (module, part, len(lengths), length)
        for module, minutes in modules
        for lengths in [_parts(minutes, rhythm.slot_minutes)]
        for part, length in enumerate(lengths, 1)
    )
    local = after.astimezone(PARIS)
    monday, budget, slots = local.date() - timedelta(days=local.weekday()), 0, list[Slot]()
    while waiting:
        starts = [_local(monday + timedelta(days=day), rhythm.at) for day in sorted(set(rhythm.weekdays)) or [0]]
        days = [moment for moment in starts if moment > local]
        budget += rhythm.minutes_per_week if days else 0
        week = []
        while days and waiting and waiting[0][3] <= budget:
            budget -= waiting[0][3]
            week.append(waiting.popleft())
        slots += _placed(week, days)
        monday += timedelta(days=7)
    return slots


def _placed(week: Sequence[tuple[str, int, int, int]], days: Sequence[datetime]) -> list[Slot]:
    """Spread the slots of one week over its days, each day's one after another."""
    slots, used = [], dict.fromkeys(days, 0)
    for number, (module, part, parts, minutes) in enumerate(week):
        day = days[number * len(days) // len(week)]
        starts = day + timedelta(minutes=used[day])
        slots.append(Slot(module=module, part=part, parts=parts, starts=starts, minutes=minutes))
        used[day] += minutes
    return slots


def _parts(minutes: int, longest: int) -> list[int]:
    """Cut a module into slots as equal as can be, none longer than ``longest``."""
    number = max(-(-minutes // longest), 1)
    return [minutes // number + (place < minutes % number) for place in range(number)]


def _local(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=PARIS)
