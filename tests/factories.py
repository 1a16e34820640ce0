"""Rows for tests, made through the services where there is one."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

from training_platform.accounts import service as accounts
from training_platform.accounts.models import Person
from training_platform.db import db
from training_platform.organisation.models import Grant, Position, Unit

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Factory:
    """Make people, units, positions, rights; each with sensible values that a test may override."""

    def __init__(self) -> None:
        self.numbers = count(1)

    def save(self) -> None:
        """Commit, so that a request sees what was made."""
        db.session.commit()

    def person(self, *, role: str | None = None, unit: Unit | None = None, language: str = "fr") -> Person:
        """Make a person, with a position where a role is given."""
        n = next(self.numbers)
        person = accounts.create_person(f"person{n}@example.org", f"Camille Test{n}", NOW, language=language)
        if role:
            db.session.add(Position(person_id=person.id, unit_id=unit.id if unit else None, role_id=role))
            db.session.flush()
        return person

    def unit(self, kind: str = "establishment", parent: Unit | None = None) -> Unit:
        """Make a unit."""
        n = next(self.numbers)
        unit = Unit(code=f"U{n}", kind=kind, name=f"Structure {n}", parent_id=parent.id if parent else None)
        db.session.add(unit)
        db.session.flush()
        return unit

    def right(self, person: Person, right: str, unit: Unit) -> None:
        """Grant a right on a unit."""
        db.session.add(Grant(person_id=person.id, unit_id=unit.id, right=right))
        db.session.flush()
