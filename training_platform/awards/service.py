"""Certificates: issued, renewed, revoked, shown; who holds what, and to whom it may be shown."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from training_platform.awards import status
from training_platform.awards.models import LONGEST_REASON, Award
from training_platform.awards.rules import (
    ALPHABET,
    LENGTH,
    State,
    Validity,
    check_character,
    counts,
    first_validity,
    read_number,
    renewed_validity,
    state_of,
)
from training_platform.db import db
from training_platform.errors import NotFoundError, RefusedError
from training_platform.organisation import service as organisation
from training_platform.organisation.models import Unit
from training_platform.text import Text, excess

SHORTEST_REASON = 10


class UnknownAwardError(NotFoundError):
    """No certificate has this number, or not for this person."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Aucun certificat ne porte ce numéro. Recopiez-le tel qu'il est imprimé, ou demandez-le à son titulaire.",
                "No certificate has this number. Copy it as it is printed, or ask its holder.",
            )
        )


class UnfitReasonError(RefusedError):
    """A withdrawal needs a reason that its holder can read, of no more than what is kept."""


@dataclass(frozen=True, kw_only=True)
class TrackFacts:
    """What a certificate says of its track, as it was when it was issued."""

    track_id: str
    version: int
    name: Text
    criteria: Text
    validity_months: int


@dataclass(frozen=True, kw_only=True)
class HeldAward:
    """A certificate as its holder has it."""

    id: int
    number: str
    track_id: str
    track_version: int
    name: Text
    issued_at: datetime
    expires_at: datetime
    state: State
    shows_name: bool
    renews_id: int | None

    @property
    def counts(self) -> bool:
        """Tell whether it still counts."""
        return counts(self.state)


def issue(person_id: int, track: TrackFacts, unit_id: int | None, now: datetime) -> Award:
    """Issue a certificate; the one that already counts is returned unchanged, so that a replay issues nothing."""
    latest = _latest(person_id, track.track_id)
    if latest is not None and counts(state_of(latest.expires_at, latest.revoked_at, now)):
        return latest
    return _add(person_id, track, unit_id, first_validity(now, track.validity_months), latest)


def renew(person_id: int, track: TrackFacts, unit_id: int | None, now: datetime) -> Award:
    """Issue the certificate that follows the latest one; raise RefusedError where there is none or it is not due yet."""
    latest = _latest(person_id, track.track_id)
    if latest is None:
        raise RefusedError(Text("Il n'y a pas de certificat à renouveler.", "There is no certificate to renew."))
    state = state_of(latest.expires_at, latest.revoked_at, now)
    if state == "revoked":
        raise RefusedError(
            Text(
                "Un certificat retiré ne se renouvelle pas : la certification se repasse.",
                "A revoked certificate is not renewed: the certification is taken again.",
            )
        )
    if state == "valid":
        return latest
    return _add(person_id, track, unit_id, renewed_validity(latest.expires_at, now, track.validity_months), latest)


def _add(person_id: int, track: TrackFacts, unit_id: int | None, validity: Validity, before: Award | None) -> Award:
    unit = db.session.get(Unit, unit_id) if unit_id else None
    list_number, index = free_bit()
    award = Award(
        number=_new_number(),
        person_id=person_id,
        track_id=track.track_id,
        track_version=track.version,
        track_name={"fr": track.name.fr, "en": track.name.en},
        criteria={"fr": track.criteria.fr, "en": track.criteria.en},
        unit_id=unit.id if unit else None,
        issuer_name=unit.name if unit else "",
        issued_at=validity.issued_at,
        expires_at=validity.expires_at,
        renews_id=before.id if before is not None and before.revoked_at is None else None,
        shows_name=before.shows_name if before is not None else False,
        status_list=list_number,
        status_index=index,
    )
    db.session.add(award)
    db.session.flush()
    return award


def _new_number() -> str:
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    number = body + check_character(body)
    # The check character may be outside the alphabet; such a body is drawn again, so that a number is letters and digits.
    return number if number[-1] in ALPHABET else _new_number()


def free_bit() -> tuple[int, int]:
    """Return a free bit of the last list, drawn at random: neighbours in the list say nothing. Lists stay half empty."""
    number, used = db.session.execute(
        select(Award.status_list, func.count()).group_by(Award.status_list).order_by(Award.status_list.desc()).limit(1)
    ).first() or (1, 0)
    if used >= status.SIZE // 2:
        number = number + 1
    source = Random(secrets.randbits(64))
    while True:
        index = source.randrange(status.SIZE)
        taken = select(Award.id).where(Award.status_list == number, Award.status_index == index)
        if db.session.scalar(taken) is None:
            return number, index


def last_list() -> int:
    """Return the number of the last status list in use, 0 before the first certificate."""
    return db.session.scalar(select(func.max(Award.status_list))) or 0


def _latest(person_id: int, track_id: str) -> Award | None:
    query = select(Award).where(Award.person_id == person_id, Award.track_id == track_id)
    return db.session.scalar(query.order_by(Award.expires_at.desc(), Award.id.desc()).limit(1))


def held(person_id: int, now: datetime) -> dict[str, HeldAward]:
    """Return what a person holds that counts today, by track; expired and revoked certificates are none of it."""
    return {award.track_id: award for award in reversed(history(person_id, now)) if award.counts}


def latest_by(person_ids: Collection[int], now: datetime) -> dict[tuple[int, str], HeldAward]:
    """Return the latest certificate of each of several people in each track, whatever its state; one query."""
    query = select(Award).where(Award.person_id.in_(person_ids)).order_by(Award.expires_at, Award.id)
    return {(row.person_id, row.track_id): view(row, now) for row in db.session.scalars(query)}


def history(person_id: int, now: datetime) -> list[HeldAward]:
    """Return all certificates of a person, the latest first."""
    query = select(Award).where(Award.person_id == person_id).order_by(Award.expires_at.desc(), Award.id.desc())
    return [view(row, now) for row in db.session.scalars(query)]


def view(row: Award, now: datetime) -> HeldAward:
    """Return a certificate as pages show it."""
    return HeldAward(
        id=row.id,
        number=row.number,
        track_id=row.track_id,
        track_version=row.track_version,
        name=Text(row.track_name["fr"], row.track_name["en"]),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        state=state_of(row.expires_at, row.revoked_at, now),
        shows_name=row.shows_name,
        renews_id=row.renews_id,
    )


def own(person_id: int, typed: str) -> Award:
    """Return a certificate of this person by its number; raise UnknownAwardError."""
    award = by_number(typed)
    if award.person_id != person_id:
        raise UnknownAwardError
    return award


def by_number(typed: str) -> Award:
    """Return the certificate of a number as anybody may type it; raise UnknownAwardError."""
    number = read_number(typed)
    query = select(Award).where(Award.number == number).options(joinedload(Award.person))
    award = db.session.scalar(query) if number else None
    if award is None:
        raise UnknownAwardError
    return award


def successor(award: Award) -> Award | None:
    """Return the certificate that renewed this one."""
    return db.session.scalar(select(Award).where(Award.renews_id == award.id))


def show_name(person_id: int, typed: str, shown: bool) -> None:
    """Keep whether whoever verifies a certificate reads its holder's name."""
    own(person_id, typed).shows_name = shown
    db.session.flush()


def revoke(officer_id: int, typed: str, reason: str, now: datetime) -> Award:
    """Withdraw a certificate; raise ForbiddenError outside the officer's units, UnfitReasonError, RefusedError for one's own."""
    award = reachable(officer_id, typed)
    if len(reason.strip()) < SHORTEST_REASON:
        raise UnfitReasonError(
            Text(
                f"Donnez le motif du retrait ({SHORTEST_REASON} caractères au moins) : le titulaire le lira.",
                f"Give the reason ({SHORTEST_REASON} characters at least): the holder will read it.",
            )
        )
    if over := excess(reason.strip(), LONGEST_REASON):
        raise UnfitReasonError(over)
    if award.person_id == officer_id:
        raise RefusedError(
            Text("Un autre responsable doit retirer votre certificat.", "Another officer must revoke your certificate.")
        )
    if award.revoked_at is None:
        award.revoked_at, award.revoked_reason, award.revoked_by_id = now, reason.strip(), officer_id
        db.session.flush()
    return award


def reachable(officer_id: int, typed: str) -> Award:
    """Return a certificate that the officer may withdraw; raise UnknownAwardError, ForbiddenError.

    Reach: the issuing unit, or a unit of the holder where none issued it.
    """
    award = by_number(typed)
    units = [award.unit_id] if award.unit_id else organisation.unit_ids_of(award.person_id)
    if organisation.units_within(officer_id, "training_officer").isdisjoint(units):
        organisation.require_right(officer_id, "training_officer", units[0] if units else 0)
    return award
