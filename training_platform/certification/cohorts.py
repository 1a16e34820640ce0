"""Promotions: people who agreed to let a training officer or manager follow their progress in one track."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from training_platform.awards.rules import DUE_WITHIN
from training_platform.certification import distance, enrolment
from training_platform.certification.enrolment import EnrolmentView
from training_platform.certification.models import Cohort, CohortMember
from training_platform.certification.rules import Progress, Station
from training_platform.db import db
from training_platform.errors import ForbiddenError, NotFoundError, RefusedError
from training_platform.framework.rules import Framework
from training_platform.organisation import service as organisation
from training_platform.text import Text, excess
from training_platform.tracks import service as tracks
from training_platform.tracks.format import Track

RIGHTS = ("training_officer", "manager")

LONGEST_NAME = 120


class UnknownCohortError(NotFoundError):
    """No such cohort, or not for this person."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Cette promotion n'existe pas, ou son lien a changé. Demandez-le à la personne qui la suit.",
                "This cohort does not exist, or its link has changed. Ask the person who follows it.",
            )
        )


class CohortNameError(RefusedError):
    """The cohort has no name, or one longer than what is kept."""


class CertifiedError(RefusedError):
    """The person holds the certificate: there is nothing to follow yet."""


@dataclass(frozen=True, kw_only=True)
class CohortView:
    """A cohort as lists and the page of consent show it."""

    id: int
    name: str
    track: Track
    owner: str
    code: str
    members: int
    closed: bool


@dataclass(frozen=True, kw_only=True)
class MemberView:
    """What the follower sees of one member: counts of requirements, no answer and no level."""

    name: str
    joined_at: datetime
    enrolled: bool
    paused: bool
    stations: tuple[Station, ...]
    met: int
    total: int


def require_follower(person_id: int) -> None:
    """Raise ForbiddenError unless the person may follow a cohort."""
    if not organisation.rights_of(person_id) & set(RIGHTS):
        raise ForbiddenError(
            Text(
                "Suivre une promotion demande le droit de responsable de formation ou de cadre.",
                "Following a cohort needs the right of training officer or manager.",
            )
        )


def create(person_id: int, content: Path, name: str, track_id: str, now: datetime) -> Cohort:
    """Open a cohort; raise ForbiddenError without the right, CohortNameError without a name or with one too long."""
    require_follower(person_id)
    track = tracks.track(content, track_id)
    if not name.strip():
        raise CohortNameError(Text("Donnez un nom à la promotion.", "Give the cohort a name."))
    if over := excess(name.strip(), LONGEST_NAME):
        raise CohortNameError(over)
    row = Cohort(
        name=name.strip(), track_id=track.id, owner_id=person_id, code=secrets.token_urlsafe(12), created_at=now
    )
    db.session.add(row)
    db.session.flush()
    return row


def followed(person_id: int, content: Path) -> list[CohortView]:
    """Return the cohorts that the person follows, the latest first."""
    require_follower(person_id)
    rows = db.session.scalars(
        select(Cohort).where(Cohort.owner_id == person_id).options(joinedload(Cohort.owner)).order_by(Cohort.id.desc())
    ).all()
    sizes = _sizes([row.id for row in rows])
    return [_view(row, content, sizes) for row in rows]


def _sizes(ids: list[int]) -> Mapping[int, int]:
    query = select(CohortMember.cohort_id, func.count()).where(
        CohortMember.cohort_id.in_(ids), CohortMember.left_at.is_(None)
    )
    return {row.cohort_id: row[1] for row in db.session.execute(query.group_by(CohortMember.cohort_id))}


def _view(row: Cohort, content: Path, sizes: Mapping[int, int]) -> CohortView:
    return CohortView(
        id=row.id,
        name=row.name,
        track=tracks.track(content, row.track_id),
        owner=row.owner.name,
        code=row.code,
        members=sizes.get(row.id, 0),
        closed=row.closed_at is not None,
    )


def own(person_id: int, cohort_id: int, content: Path) -> CohortView:
    """Return a cohort that the person follows; raise UnknownCohortError for anybody else's."""
    require_follower(person_id)
    row = db.session.get(Cohort, cohort_id)
    if row is None or row.owner_id != person_id:
        raise UnknownCohortError
    return _view(row, content, _sizes([row.id]))


def members(person_id: int, cohort_id: int, content: Path, framework: Framework, now: datetime) -> list[MemberView]:
    """Return the progress of those who agree to be followed today, by name."""
    cohort = own(person_id, cohort_id, content)
    rows = db.session.scalars(
        select(CohortMember)
        .where(CohortMember.cohort_id == cohort.id, CohortMember.left_at.is_(None))
        .options(joinedload(CohortMember.person))
    ).all()
    found = distance.progress_of_many([row.person_id for row in rows], cohort.track, framework, now)
    return sorted((_member(row, *found[row.person_id]) for row in rows), key=lambda member: member.name)


def _member(row: CohortMember, found: Progress, enrolment: EnrolmentView | None) -> MemberView:
    met, total = found.counted
    return MemberView(
        name=row.person.name,
        joined_at=row.joined_at,
        enrolled=enrolment is not None,
        paused=enrolment is not None and enrolment.paused_at is not None,
        stations=found.stations,
        met=met,
        total=total,
    )


def by_code(code: str, content: Path) -> CohortView:
    """Return the open cohort of a link; raise UnknownCohortError."""
    row = db.session.scalar(
        select(Cohort).where(Cohort.code == code, Cohort.closed_at.is_(None)).options(joinedload(Cohort.owner))
    )
    if row is None:
        raise UnknownCohortError
    return _view(row, content, _sizes([row.id]))


def obstacle_of(person_id: int, cohort: CohortView, now: datetime) -> Text | None:
    """Return why there is nothing to follow of a person in a cohort, and what to do instead: a certificate not yet due."""
    award = enrolment.valid_certificate(person_id, cohort.track.id, now)
    if award is None:
        return None
    end, due = award.expires_at, award.expires_at - DUE_WITHIN
    return Text(
        f"Vous avez déjà ce certificat, valable jusqu'au {end:%d/%m/%Y} : il n'y a rien à suivre, et vous n'êtes pas ajouté "
        f"à la promotion. Dites-le à {cohort.owner}. À partir du {due:%d/%m/%Y}, ce même lien vous inscrira au renouvellement.",
        f"You hold this certificate already, valid until {end:%d/%m/%Y}: there is nothing to follow, and you are not added "
        f"to the cohort. Tell {cohort.owner}. From {due:%d/%m/%Y}, this same link will enrol you for the renewal.",
    )


def join(person_id: int, code: str, content: Path, now: datetime) -> CohortView:
    """Consent to be followed, and enrol in the track where that is still to do; raise CertifiedError."""
    cohort = by_code(code, content)
    if obstacle := obstacle_of(person_id, cohort, now):
        raise CertifiedError(obstacle)
    row = _membership(person_id, cohort.id)
    if row is None:
        _add_member(cohort.id, person_id, now)
    elif row.left_at is not None:
        row.joined_at, row.left_at = now, None
    enrolment.enrol(person_id, content, cohort.track.id, now)
    db.session.flush()
    return cohort


def _add_member(cohort_id: int, person_id: int, now: datetime) -> None:
    """Keep the consent; of two requests at once the first does."""
    with suppress(IntegrityError), db.session.begin_nested():
        db.session.add(CohortMember(cohort_id=cohort_id, person_id=person_id, joined_at=now))


def leave(person_id: int, cohort_id: int, now: datetime) -> None:
    """Withdraw the consent: from now on the follower sees nothing; raise UnknownCohortError."""
    row = _membership(person_id, cohort_id)
    if row is None:
        raise UnknownCohortError
    row.left_at = row.left_at or now
    db.session.flush()


def _membership(person_id: int, cohort_id: int) -> CohortMember | None:
    query = select(CohortMember).where(CohortMember.cohort_id == cohort_id, CohortMember.person_id == person_id)
    return db.session.scalar(query)


def joined(person_id: int, track_id: str) -> list[CohortMember]:
    """Return the person's standing consents for a track, with who follows."""
    query = (
        select(CohortMember)
        .join(Cohort)
        .where(
            CohortMember.person_id == person_id,
            CohortMember.left_at.is_(None),
            Cohort.track_id == track_id,
            Cohort.closed_at.is_(None),
        )
        .options(joinedload(CohortMember.cohort).joinedload(Cohort.owner))
    )
    return list(db.session.scalars(query.order_by(CohortMember.id)))


def close(person_id: int, cohort_id: int, content: Path, now: datetime) -> None:
    """End a cohort: its link opens nothing any more and all consents end with it."""
    cohort = own(person_id, cohort_id, content)
    row = db.session.get_one(Cohort, cohort.id)
    row.closed_at = row.closed_at or now
    for member in db.session.scalars(
        select(CohortMember).where(CohortMember.cohort_id == cohort.id, CohortMember.left_at.is_(None))
    ):
        member.left_at = now
    db.session.flush()
