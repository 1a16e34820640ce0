"""Rights granted on units, and invitations, by an administrator within the units administered."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from training_platform.accounts.models import OneTimeLink, Person
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.organisation import service
from training_platform.organisation.models import Grant, Position, Unit
from training_platform.text import Text


class UnknownHolderError(RefusedError):
    """No such person, right or unit among those that the administrator reaches."""


@dataclass(frozen=True, kw_only=True)
class GrantView:
    """A right as the page shows it."""

    id: int
    person: str
    email: str
    right: Text
    unit: str


def grants_within(person_id: int) -> list[GrantView]:
    """Return the rights held on the units that the person administers, by name."""
    rows = db.session.scalars(
        select(Grant)
        .join(Person)
        .where(Grant.unit_id.in_(service.units_within(person_id, "administrator")))
        .options(joinedload(Grant.person), joinedload(Grant.unit))
        .order_by(Person.name, Grant.id)
    )
    return [
        GrantView(
            id=row.id,
            person=row.person.name,
            email=row.person.email,
            right=service.RIGHTS[row.right],
            unit=row.unit.name,
        )
        for row in rows
    ]


def grant(person_id: int, email: str, right: str, unit_code: str) -> None:
    """Grant a right on a unit that the person administers; raise UnknownHolderError, ForbiddenError."""
    unit = db.session.scalar(select(Unit).where(Unit.code == unit_code))
    service.require_right(person_id, "administrator", unit.id if unit else None)
    holder = db.session.scalar(select(Person).where(Person.email == email.strip().lower()))
    if unit is None or right not in service.RIGHTS or holder is None:
        raise UnknownHolderError(
            Text(
                "Personne inconnue à cette adresse. Importez-la d'abord avec le fichier des personnels.",
                "Nobody is known at this address. Import the person with the staff file first.",
            )
        )
    same = select(Grant.id).where(Grant.person_id == holder.id, Grant.unit_id == unit.id, Grant.right == right)
    if db.session.scalar(same) is None:
        db.session.add(Grant(person_id=holder.id, unit_id=unit.id, right=right))
        db.session.flush()


def revoke(person_id: int, grant_id: int) -> None:
    """Take a right back; nobody takes back their own right of administrator (no unit is left without one)."""
    row = db.session.get(Grant, grant_id)
    if row is None:
        return
    service.require_right(person_id, "administrator", row.unit_id)
    if (row.person_id, row.right) == (person_id, "administrator"):
        raise RefusedError(
            Text(
                "Un autre administrateur doit vous retirer ce droit.",
                "Another administrator must take this right back.",
            )
        )
    db.session.delete(row)
    db.session.flush()


def uninvited(person_id: int) -> list[Person]:
    """Return the people of the units administered who have neither a password nor ever received a link."""
    within = service.units_within(person_id, "administrator")
    return list(
        db.session.scalars(
            select(Person)
            .where(
                Person.id.in_(select(Position.person_id).where(Position.unit_id.in_(within))),
                Person.password_hash.is_(None),
                Person.demo.is_(False),
                Person.id.not_in(select(OneTimeLink.person_id)),
            )
            .order_by(Person.id)
        )
    )
