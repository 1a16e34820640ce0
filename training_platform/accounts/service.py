"""Accounts: people, one-time links, passwords, sessions."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select, update

from training_platform.accounts.models import OneTimeLink, Person
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.text import Text

LIFETIMES = {"invitation": timedelta(days=14), "reset": timedelta(hours=2), "demo": timedelta(days=30)}


class LinkRefusedError(RefusedError):
    """The one-time link is unknown, used or expired."""


def create_person(email: str, name: str, now: datetime, *, language: str = "fr", demo: bool = False) -> Person:
    """Add a person without password: the first sign-in is by link."""
    person = Person(
        email=email.strip().lower(),
        name=name.strip(),
        language=language,
        session_stamp=secrets.token_hex(8),
        created_at=now,
        demo=demo,
    )
    db.session.add(person)
    db.session.flush()
    return person


def issue_link(person: Person, purpose: str, now: datetime) -> str:
    """Return the token of a new one-time link; only its hash is stored."""
    token = secrets.token_urlsafe(24)
    db.session.add(
        OneTimeLink(
            token_hash=_hash(token), person_id=person.id, purpose=purpose, expires_at=now + LIFETIMES[purpose]
        )
    )
    return token


def redeem_link(token: str, now: datetime) -> Person:
    """Use a link up and return its person; raise LinkRefusedError where it is unknown, used or expired."""
    used = db.session.execute(
        update(OneTimeLink)
        .where(OneTimeLink.token_hash == _hash(token), OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now)
        .values(used_at=now)
        .returning(OneTimeLink.person_id)
    ).scalar_one_or_none()
    if used is None:
        raise LinkRefusedError(
            Text(
                "Ce lien a déjà servi ou n'est plus valable. Demandez-en un nouveau depuis la page de connexion.",
                "This link was already used or is no longer valid. Ask for a new one on the sign-in page.",
            )
        )
    return db.session.get_one(Person, used)


def find(session_id: str) -> Person | None:
    """Return the person of a session identifier ``id:stamp``, None where the stamp has changed."""
    number, _, stamp = session_id.partition(":")
    if not number.isdigit():
        return None
    return db.session.scalar(select(Person).where(Person.id == int(number), Person.session_stamp == stamp))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
