"""The path in a person's calendar: a rhythm of short slots, and a feed that any calendar program reads (RFC 5545)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from icalendar import Calendar, Event
from sqlalchemy import select

from training_platform.catalogue.service import LiveModule
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.recommendations.models import LearningRhythm
from training_platform.recommendations.rules.schedule import LONGEST, SHORTEST, Rhythm, Slot, schedule
from training_platform.recommendations.service import PathView
from training_platform.text import Text

AHEAD = timedelta(weeks=12)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A person's rhythm and the stamp of the calendar's address, None before the first one was made."""

    rhythm: Rhythm
    stamp: str | None


def rhythm_of(person_id: int, minutes_per_week: int) -> Kept:
    """Return the person's rhythm, a sensible one where none is kept."""
    row = db.session.get(LearningRhythm, person_id)
    if row is None:
        return Kept(rhythm=Rhythm(minutes_per_week=minutes_per_week), stamp=None)
    return Kept(
        rhythm=Rhythm(
            minutes_per_week=minutes_per_week,
            slot_minutes=row.slot_minutes,
            weekdays=tuple(row.weekdays),
            at=time.fromisoformat(row.starts_at),
        ),
        stamp=row.calendar_stamp,
    )


def keep_rhythm(person_id: int, slot_minutes: int, weekdays: Sequence[int], at: time) -> None:
    """Keep when a person learns; raise RefusedError for no day or a slot out of bounds."""
    if not weekdays:
        raise RefusedError(Text("Choisissez au moins un jour.", "Choose at least one day."))
    if not SHORTEST <= slot_minutes <= LONGEST:
        raise RefusedError(
            Text(
                f"Un créneau dure de {SHORTEST} à {LONGEST} minutes.", f"A slot lasts {SHORTEST} to {LONGEST} minutes."
            )
        )
    row = _row(person_id)
    row.slot_minutes, row.weekdays, row.starts_at = slot_minutes, sorted(set(weekdays)), at.isoformat("minutes")
    db.session.flush()


def renew_address(person_id: int) -> str:
    """Give the calendar a new secret address; whoever had the old one reads nothing more."""
    row = _row(person_id)
    row.calendar_stamp = secrets.token_hex(16)
    db.session.flush()
    return row.calendar_stamp


def owner(stamp: str) -> int | None:
    """Return the person whose calendar has this secret, None where there is none."""
    query = select(LearningRhythm.person_id).where(LearningRhythm.calendar_stamp == stamp)
    return db.session.scalar(query)


def _row(person_id: int) -> LearningRhythm:
    row = db.session.get(LearningRhythm, person_id)
    if row is None:
        row = LearningRhythm(
            person_id=person_id,
            slot_minutes=LONGEST,
            weekdays=[1, 3],
            starts_at="13:30",
            calendar_stamp=secrets.token_hex(16),
        )
        db.session.add(row)
    return row


def slots_of(path: PathView, rhythm: Rhythm, now: datetime) -> list[Slot]:
    """Return the slots of a path over the quarter to come."""
    every = schedule([(stop.module.code, stop.module.head.minutes) for stop in path.stops], rhythm, now)
    return [slot for slot in every if slot.starts < now + AHEAD]


def feed(
    slots: Sequence[Slot], modules: Mapping[str, LiveModule], addresses: Mapping[str, str], language: str, now: datetime
) -> bytes:
    """Return the slots as an iCalendar file; ``addresses`` gives the page of each module by code."""
    calendar = Calendar()
    calendar.add("prodid", "-//Sillage//path//FR")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", {"fr": "Mon parcours", "en": "My path"}[language])
    for slot in slots:
        live = modules[slot.module]
        title = Text(live.head.title.fr, live.head.title.en)[language]
        event = Event()
        event.add("uid", f"{slot.module}-{slot.part}@sillage")
        event.add("dtstamp", now)
        event.add("dtstart", slot.starts)
        event.add("dtend", slot.starts + timedelta(minutes=slot.minutes))
        event.add("summary", f"{title} ({slot.part}/{slot.parts})" if slot.parts > 1 else title)
        event.add("url", addresses[slot.module])
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())
