"""Certificates as values: numbers with a check character, validity and renewal dates, what state one is in; pure."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from training_platform.text import Text

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so that a number survives being read aloud or copied by hand."""
CHECKS = ALPHABET + "*~$=U"
LENGTH = 15
"""Random characters of a number (75 bits): nobody finds a certificate by trying."""
DUE_WITHIN = timedelta(days=90)
"""A certificate that expires sooner is due for renewal."""
REMINDERS = (90, 30, 7)
"""Days before expiry on which the holder is reminded."""

State = Literal["valid", "due", "expired", "revoked"]
STATES: dict[State, Text] = {
    "valid": Text("valable", "valid"),
    "due": Text("à renouveler", "due for renewal"),
    "expired": Text("expiré", "expired"),
    "revoked": Text("retiré", "revoked"),
}


@dataclass(frozen=True, kw_only=True)
class Validity:
    """When a certificate holds."""

    issued_at: datetime
    expires_at: datetime


def state_of(expires_at: datetime, revoked_at: datetime | None, now: datetime) -> State:
    """Return the state at a moment: an expired or revoked certificate counts nowhere from that moment on."""
    if revoked_at is not None:
        return "revoked"
    if now >= expires_at:
        return "expired"
    return "due" if expires_at - now <= DUE_WITHIN else "valid"


def counts(state: State) -> bool:
    """Tell whether a certificate in this state still counts."""
    return state in ("valid", "due")


def months_after(moment: datetime, months: int) -> datetime:
    """Return the same day so many months later, the last of the month where that day does not exist."""
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def first_validity(now: datetime, months: int) -> Validity:
    """Return the dates of a first certificate."""
    return Validity(issued_at=now, expires_at=months_after(now, months))


def renewed_validity(before: datetime, now: datetime, months: int) -> Validity:
    """Return the dates of a renewal: renewing early loses no time, renewing late starts anew.

    ``before`` is the expiry of the certificate renewed.
    """
    start = before if timedelta(0) <= before - now <= DUE_WITHIN else now
    return Validity(issued_at=now, expires_at=months_after(start, months))


def check_character(characters: str) -> str:
    """Return the check character of a number (modulo 37, Crockford): one wrong or two swapped characters are noticed."""
    value = 0
    for character in characters:
        value = value * 32 + ALPHABET.index(character)
    return CHECKS[value % 37]


def written(number: str) -> str:
    """Write a number in groups of four."""
    return "-".join(number[n : n + 4] for n in range(0, len(number), 4))


def read_number(typed: str) -> str | None:
    """Return the number that a person typed, None where it cannot be one (length, characters, check)."""
    letters = typed.upper().replace("O", "0").replace("I", "1").replace("L", "1")
    number = "".join(letters.replace("-", " ").split())
    body, check = number[:-1], number[-1:]
    if len(number) != LENGTH + 1 or any(character not in ALPHABET for character in body):
        return None
    return number if check_character(body) == check else None


def reminder_due(expires_at: datetime, sent: frozenset[int], now: datetime) -> int | None:
    """Return the reminder to send now, in days before expiry: the nearest one reached and not sent, None otherwise."""
    left = expires_at - now
    if left <= timedelta(0):
        return None
    reached = [days for days in REMINDERS if left <= timedelta(days=days)]
    nearest = min(reached, default=None)
    return nearest if nearest is not None and nearest not in sent else None
