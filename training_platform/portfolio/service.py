"""Proofs in lists: those of a person, those that wait for a decision, those accepted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import joinedload

from training_platform.db import db
from training_platform.organisation import service as organisation
from training_platform.portfolio.models import Proof, ProofDecision, ProofVersion
from training_platform.portfolio.rules import State


@dataclass(frozen=True, kw_only=True)
class ProofView:
    """A proof as lists show it."""

    id: int
    person_id: int
    person: str
    track_id: str | None
    state: State
    number: int
    title: str
    claims: Mapping[str, int]
    submitted_at: datetime | None
    changed_at: datetime


def proofs_of(person_id: int) -> list[ProofView]:
    """Return the person's own proofs, the latest changed first; one query."""
    return _listed(Proof.person_id == person_id)


def accepted_at(person_ids: Collection[int]) -> dict[tuple[int, str], list[datetime]]:
    """Return when the proofs that each person has accepted for each track were; one query."""
    query = select(Proof.person_id, Proof.track_id, Proof.changed_at).where(
        Proof.person_id.in_(person_ids), Proof.track_id.is_not(None), Proof.state == "accepted"
    )
    found: dict[tuple[int, str], list[datetime]] = {}
    for person, track, moment in db.session.execute(query):
        found.setdefault((person, track or ""), []).append(moment)
    return found


def waiting_for(person_id: int) -> list[ProofView]:
    """Return the proofs that wait for this person's decision, the oldest first; one query."""
    found = _listed(_waiting(), {"person": person_id})
    return sorted(found, key=lambda proof: (proof.submitted_at or proof.changed_at, proof.id))


def count_waiting(person_id: int) -> int:
    """Return how many proofs wait for this person's decision; one query."""
    return db.session.scalar(how_many_waiting(), {"person": person_id}) or 0


@cache
def how_many_waiting() -> Select[tuple[int]]:
    """Return how many proofs wait for the parameter ``person``, as a query to build on, built once."""
    return select(func.count()).select_from(Proof).join(ProofVersion, _current()).where(_waiting())


def _current() -> ColumnElement[bool]:
    return and_(ProofVersion.proof_id == Proof.id, ProofVersion.number == Proof.number)


def _waiting() -> ColumnElement[bool]:
    """Say in SQL, of the parameter ``person``, what ``rules.obstacle`` says of one proof."""
    person_id = bindparam("person", type_=Integer)
    managed = Proof.person_id.in_(organisation.people_within(person_id, "manager"))
    trained = Proof.person_id.in_(organisation.people_within(person_id, "training_officer"))
    decided = select(ProofDecision.version_id).where(ProofDecision.assessor_id == person_id)
    second = and_(Proof.state == "validated_once", or_(managed, trained, Proof.second_id == person_id))
    return and_(
        Proof.person_id != person_id,
        ProofVersion.id.not_in(decided),
        or_(and_(Proof.state == "submitted", managed), second),
    )


def _listed(wanted: ColumnElement[bool], parameters: Mapping[str, int] | None = None) -> list[ProofView]:
    rows = db.session.execute(
        select(Proof, ProofVersion)
        .join(ProofVersion, _current())
        .where(wanted)
        .options(joinedload(Proof.person))
        .order_by(Proof.changed_at.desc(), Proof.id.desc()),
        parameters,
    ).all()
    return [view(proof, version) for proof, version in rows]


def view(proof: Proof, version: ProofVersion) -> ProofView:
    """Return a proof as lists show it, with what one of its versions says."""
    return ProofView(
        id=proof.id,
        person_id=proof.person_id,
        person=proof.person.name,
        track_id=proof.track_id,
        state=proof.state,
        number=proof.number,
        title=version.title,
        claims={c: int(level) for c, level in version.claims.items()},
        submitted_at=version.submitted_at,
        changed_at=proof.changed_at,
    )
