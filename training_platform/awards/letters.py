"""Reminders before a certificate expires, by mail with an entry for the calendar (RFC 5545)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

from icalendar import Calendar, Event
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from training_platform.accounts.mail import Mailer, message
from training_platform.awards.models import Award, AwardReminder
from training_platform.awards.rules import DUE_WITHIN, reminder_due, written
from training_platform.db import db
from training_platform.text import Text, counted

SUBJECT = Text("{track} : votre certificat expire dans {days}", "{track}: your certificate expires in {days}")
BODY = Text(
    "Bonjour,\n\nVotre certificat « {track} » ({number}) expire le {date}. Passé ce jour, il ne compte plus.\n"
    "Ce qu'il faut pour le renouveler, et rien de plus : {address}\n\nLe rendez-vous joint se place dans votre agenda.",
    "Hello,\n\nYour certificate “{track}” ({number}) expires on {date}. From that day on it no longer counts.\n"
    "What it takes to renew it, and no more: {address}\n\nThe attached entry goes into your calendar.",
)
SUMMARY = Text("Renouveler le certificat « {track} »", "Renew the certificate “{track}”")
MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]


@dataclass(frozen=True, kw_only=True)
class Reminded:
    """What a round of reminders did."""

    sent: int
    failed: int


def remind(mailer: Mailer, sender: str, url: str, now: datetime) -> Reminded:
    """Send each reminder that is due and was not sent; one that cannot leave is tried again at the next round."""
    sent = failed = 0
    for award, days in _due(now):
        try:
            mailer.send(_letter(award, sender, url, now))
        except OSError:
            failed += 1
            continue
        db.session.add(AwardReminder(award_id=award.id, days=days, sent_at=now))
        sent += 1
    db.session.flush()
    return Reminded(sent=sent, failed=failed)


def _due(now: datetime) -> list[tuple[Award, int]]:
    """Return what is due: certificates that count, not renewed yet, with the reminder to send."""
    renewed = select(Award.renews_id).where(Award.renews_id.is_not(None))
    query = select(Award).where(
        Award.expires_at > now,
        Award.expires_at <= now + DUE_WITHIN,
        Award.revoked_at.is_(None),
        Award.id.not_in(renewed),
    )
    awards = list(db.session.scalars(query.options(joinedload(Award.person)).order_by(Award.id)))
    sent: dict[int, set[int]] = {}
    past = select(AwardReminder).where(AwardReminder.award_id.in_([award.id for award in awards]))
    for reminder in db.session.scalars(past):
        sent.setdefault(reminder.award_id, set()).add(reminder.days)
    found = ((award, reminder_due(award.expires_at, frozenset(sent.get(award.id, ())), now)) for award in awards)
    return [(award, days) for award, days in found if days is not None]


def _letter(award: Award, sender: str, url: str, now: datetime) -> EmailMessage:
    language = award.person.language
    words = {
        "track": award.track_name[language],
        "number": written(award.number),
        "date": day(award.expires_at, language),
        "days": counted(max((award.expires_at - now).days, 1), ("jour", "jours"), ("day", "days"))[language],
        "address": f"{url}/certifications/{award.track_id}",
    }
    letter = message(sender, award.person.email, SUBJECT[language].format(**words), BODY[language].format(**words))
    letter.add_attachment(entry(award, url, language, now), maintype="text", subtype="calendar", filename="sillage.ics")
    return letter


def day(moment: datetime, language: str) -> str:
    """Write a date in a letter: 1er mars 2027, 1 March 2027."""
    if language == "en":
        return f"{moment.day} {moment:%B %Y}"
    return f"{'1er' if moment.day == 1 else moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def entry(award: Award, url: str, language: str, now: datetime) -> bytes:
    """Return the day from which the certificate may be renewed, as a calendar file with an alarm on that day."""
    calendar, event = Calendar(), Event()
    calendar.add("prodid", "-//Sillage//certificate//FR")
    calendar.add("version", "2.0")
    start = award.expires_at - DUE_WITHIN
    event.add("uid", f"award-{award.number}@sillage")
    event.add("dtstamp", now)
    event.add("dtstart", start.date())
    event.add("dtend", start.date() + timedelta(days=1))
    event.add("summary", SUMMARY[language].format(track=award.track_name[language]))
    event.add("url", f"{url}/certifications/{award.track_id}")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
