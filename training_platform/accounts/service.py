"""Accounts: people, one-time links, passwords, sessions."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update

from training_platform.accounts.models import OneTimeLink, Person
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.text import Text

LIFETIMES = {"invitation": timedelta(days=14), "reset": timedelta(hours=2), "demo": timedelta(days=30)}

hasher = PasswordHasher()
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$TvHO9NCvuZ0pJI6x91rmUQ$EQDytVE2TZcWiGN/0lNcVcRqH58AvLUik3WpB8bvZXw"
"""The hash of a password that nobody kept, verified when the address is unknown: the answer takes as long either way."""


class SignInRefusedError(RefusedError):
    """Address or password is wrong; which one is not said."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Adresse ou mot de passe inexact. Vous pouvez aussi demander un lien de connexion.",
                "Wrong address or password. You may also ask for a sign-in link.",
            )
        )


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
        OneTimeLink(token_hash=_hash(token), person_id=person.id, purpose=purpose, expires_at=now + LIFETIMES[purpose])
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


def sign_in(email: str, password: str) -> Person:
    """Return the person of an address and password; raise SignInRefusedError."""
    person = by_email(email)
    known = person.password_hash if person else None
    try:
        hasher.verify(known or _NOBODY, password)
    except (VerificationError, InvalidHashError) as error:
        raise SignInRefusedError from error
    if person is None or known is None:
        raise SignInRefusedError
    if hasher.check_needs_rehash(known):
        person.password_hash = hasher.hash(password)
    return person


def by_email(email: str) -> Person | None:
    """Return the person of an address, whatever its capitals."""
    return db.session.scalar(select(Person).where(Person.email == email.strip().lower()))


def check_profile(fields: Mapping[str, str]) -> dict[str, Text]:
    """Return what is wrong with a profile form, by field."""
    errors = {}
    if not 1 <= len(fields.get("name", "").strip()) <= 120:
        errors["name"] = Text(
            "Indiquez votre nom (120 caractères au plus).", "Give your name (120 characters at most)."
        )
    minutes = fields.get("minutes_per_week", "")
    if not minutes.isdecimal() or not 5 <= int(minutes) <= 600:
        errors["minutes_per_week"] = Text(
            "Indiquez un nombre de minutes entre 5 et 600.", "Give a number of minutes between 5 and 600."
        )
    if (password := fields.get("password", "")) and len(password) < 12:
        errors["password"] = Text(
            "Choisissez au moins 12 caractères ; une phrase convient très bien.",
            "Choose at least 12 characters; a sentence works very well.",
        )
    return errors


def change_profile(person: Person, fields: Mapping[str, str]) -> None:
    """Keep a checked profile; a new password signs out everywhere else."""
    person.name = fields["name"].strip()
    person.minutes_per_week = int(fields["minutes_per_week"])
    if fields.get("password"):
        person.password_hash = hasher.hash(fields["password"])
        sign_out_everywhere(person)


def sign_out_everywhere(person: Person) -> None:
    """End every session of the person by changing the stamp that sessions carry."""
    person.session_stamp = secrets.token_hex(8)


def find(session_id: str) -> Person | None:
    """Return the person of a session identifier ``id:stamp``, None where the stamp has changed."""
    number, _, stamp = session_id.partition(":")
    if not number.isdigit():
        return None
    return db.session.scalar(select(Person).where(Person.id == int(number), Person.session_stamp == stamp))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
