"""Extra time in all exams, granted to a person by an officer; private to both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from training_platform.accounts import service as accounts
from training_platform.db import db
from training_platform.errors import NotFoundError, RefusedError
from training_platform.exams.models import LONGEST_NOTE, Accommodation
from training_platform.organisation import service as organisation
from training_platform.text import Text, excess

RIGHT = "training_officer"
MOST_EXTRA = 200


class NoteTooLongError(RefusedError):
    """The note is longer than what is kept."""


@dataclass(frozen=True, kw_only=True)
class AccommodationView:
    """Extra time as the officer who grants it and the person see it."""

    id: int
    person: str
    extra_percent: int
    note: str
    granted_at: datetime


def extra_percent(person_id: int) -> int:
    """Return the extra time granted to a person, in percent."""
    query = select(Accommodation.extra_percent).where(
        Accommodation.person_id == person_id, Accommodation.ended_at.is_(None)
    )
    return db.session.scalar(query.order_by(Accommodation.id.desc()).limit(1)) or 0


def granted(officer_id: int) -> list[AccommodationView]:
    """Return the extra time of the people in the officer's units; one query."""
    organisation.require_right(officer_id, RIGHT)
    query = select(Accommodation).where(
        Accommodation.ended_at.is_(None),
        Accommodation.person_id.in_(organisation.people_within(officer_id, RIGHT)),
    )
    rows = db.session.scalars(query.options(joinedload(Accommodation.person)).order_by(Accommodation.id.desc()))
    return [
        AccommodationView(
            id=row.id,
            person=row.person.name,
            extra_percent=row.extra_percent,
            note=row.note,
            granted_at=row.granted_at,
        )
        for row in rows
    ]


def grant(officer_id: int, email: str, extra_percent: int, note: str, now: datetime) -> None:
    """Grant extra time for all exams to come; the one before ends. Raise ForbiddenError outside one's units."""
    organisation.require_right(officer_id, RIGHT)
    person = accounts.by_email(email.strip().lower())
    if person is None or RIGHT not in organisation.rights_over(officer_id, person.id):
        raise RefusedError(
            Text(
                "Personne à cette adresse dans vos structures. Vérifiez l'adresse.",
                "Nobody at this address in your units. Check the address.",
            )
        )
    if not 1 <= extra_percent <= MOST_EXTRA:
        raise RefusedError(Text("Donnez de 1 à 200 %.", "Give 1 to 200 %."))
    if over := excess(note.strip(), LONGEST_NOTE):
        raise NoteTooLongError(over)
    for row in db.session.scalars(
        select(Accommodation).where(Accommodation.person_id == person.id, Accommodation.ended_at.is_(None))
    ):
        row.ended_at = now
    db.session.add(
        Accommodation(
            person_id=person.id,
            extra_percent=extra_percent,
            note=note.strip(),
            officer_id=officer_id,
            granted_at=now,
        )
    )
    db.session.flush()


def end(officer_id: int, accommodation_id: int, now: datetime) -> None:
    """End extra time; parts already begun keep theirs."""
    organisation.require_right(officer_id, RIGHT)
    row = db.session.get(Accommodation, accommodation_id)
    if row is None or RIGHT not in organisation.rights_over(officer_id, row.person_id):
        raise NotFoundError(Text("Cet aménagement n'existe plus.", "This accommodation no longer exists."))
    row.ended_at = row.ended_at or now
    db.session.flush()
