"""Time in exams, by the server's clock alone: how long, until when, what is still accepted, when one may try again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from training_platform.tracks.format import Retakes

GRACE = timedelta(seconds=10)
"""What a slow connection may add: an answer sent in time and arriving so late is accepted."""
YEAR = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Try:
    """An earlier exam of the same track."""

    opened_at: datetime
    closed_at: datetime | None


def allowed(minutes: int, extra_percent: int) -> int:
    """Return the minutes allowed with an accommodation, rounded up."""
    return -(-minutes * (100 + extra_percent) // 100)


def ends_at(started_at: datetime, minutes: int) -> datetime | None:
    """Return when a part ends; None where it is handed in when it is ready."""
    return started_at + timedelta(minutes=minutes) if minutes else None


def seconds_left(started_at: datetime, end: datetime, now: datetime) -> int:
    """Return what is left, never more than was given: a clock that goes back gives nobody more time to see."""
    return max(int((end - max(now, started_at)).total_seconds()), 0)


def may_save(end: datetime | None, now: datetime) -> bool:
    """Tell whether an answer that arrives now is accepted."""
    return end is None or now <= end + GRACE


def over(end: datetime | None, now: datetime) -> bool:
    """Tell whether the time is over, grace included."""
    return not may_save(end, now)


def next_try(rule: Retakes, tries: Sequence[Try], now: datetime) -> datetime | None:
    """Return from when a new exam may be opened, None where it may be now.

    Not sooner than the delay after the last one closed; and no more than so many in any twelve months, the first one
    not counted.
    """
    if not tries:
        return None
    last = max(tries, key=lambda one: one.opened_at)
    moments = [(last.closed_at or last.opened_at) + timedelta(days=rule.delay_days)]
    if rule.per_year is not None:
        recent = sorted(one.opened_at for one in tries if one.opened_at > now - YEAR)
        if len(recent) > rule.per_year:
            moments.append(recent[-rule.per_year - 1] + YEAR)
    earliest = max(moments)
    return earliest if earliest > now else None
