"""Who works towards which certificate: enrolled under a version, paused, moved to a newer version, left."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from training_platform.awards import service as awards
from training_platform.awards.service import HeldAward
from training_platform.certification.models import TrackEnrolment
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.text import Text
from training_platform.tracks import service as tracks
from training_platform.tracks.format import Track
from training_platform.tracks.rules import Change, differences

OPEN = (TrackEnrolment.left_at.is_(None), TrackEnrolment.concluded_at.is_(None))
"""What is asked of an enrolment that goes on."""


class NotEnrolledError(RefusedError):
    """The person does not work towards this certificate."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Vous n'êtes pas inscrit à cette certification. Inscrivez-vous depuis sa page.",
                "You are not enrolled in this certification. Enrol from its page.",
            )
        )


@dataclass(frozen=True, kw_only=True)
class EnrolmentView:
    """An open enrolment as pages show it."""

    id: int
    version: int
    purpose: str
    started_at: datetime
    paused_at: datetime | None


def open_enrolments(person_ids: Collection[int]) -> list[TrackEnrolment]:
    """Return the open enrolments of several people, the oldest first; one query."""
    query = select(TrackEnrolment).where(TrackEnrolment.person_id.in_(person_ids), *OPEN)
    query = query.options(joinedload(TrackEnrolment.version)).order_by(TrackEnrolment.id)
    return list(db.session.scalars(query))


def enrolment_of(person_id: int, track_id: str) -> TrackEnrolment | None:
    """Return the person's open enrolment in a track."""
    return next((row for row in open_enrolments([person_id]) if row.track_id == track_id), None)


def require_enrolment(person_id: int, track_id: str) -> TrackEnrolment:
    """Return the person's open enrolment in a track; raise NotEnrolledError."""
    row = enrolment_of(person_id, track_id)
    if row is None:
        raise NotEnrolledError
    return row


def view(row: TrackEnrolment) -> EnrolmentView:
    """Return an enrolment as pages show it."""
    return EnrolmentView(
        id=row.id,
        version=tracks.parsed(row.version).version,
        purpose=row.purpose,
        started_at=row.started_at,
        paused_at=row.paused_at,
    )


def enrol(person_id: int, content: Path, track_id: str, now: datetime) -> bool:
    """Enrol under the current version; tell whether this is new (twice is once). Raise UnknownTrackError."""
    track = tracks.track(content, track_id)
    if enrolment_of(person_id, track_id) is not None:
        return False
    row = TrackEnrolment(
        person_id=person_id,
        track_id=track_id,
        track_version_id=tracks.version_id(track, now),
        purpose=_purpose(person_id, track_id, now),
        started_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return False
    return True


def valid_certificate(person_id: int, track_id: str, now: datetime) -> HeldAward | None:
    """Return the person's certificate of a track while there is nothing to enrol for: it holds and is not due."""
    award = _latest(person_id, track_id, now)
    return award if award is not None and award.state == "valid" else None


def _latest(person_id: int, track_id: str, now: datetime) -> HeldAward | None:
    return awards.latest_by([person_id], now).get((person_id, track_id))


def _purpose(person_id: int, track_id: str, now: datetime) -> str:
    """Return what an enrolment is for; raise RefusedError while a certificate needs none yet."""
    award = _latest(person_id, track_id, now)
    if award is None or award.state == "revoked":
        return "award"
    if award.state == "valid":
        raise RefusedError(
            Text(
                f"Votre certificat est valable jusqu'au {award.expires_at:%d/%m/%Y}. Vous pourrez le renouveler dans ses "
                "trois derniers mois ; un rappel vous sera envoyé.",
                f"Your certificate is valid until {award.expires_at:%d/%m/%Y}. You may renew it in its last three months; "
                "a reminder will be sent to you.",
            )
        )
    return "renewal"


def pause(person_id: int, track_id: str, now: datetime) -> None:
    """Pause: nothing is lost and nothing is asked until the person takes it up again."""
    row = require_enrolment(person_id, track_id)
    row.paused_at = row.paused_at or now
    db.session.flush()


def resume(person_id: int, track_id: str) -> None:
    """Take it up again."""
    require_enrolment(person_id, track_id).paused_at = None
    db.session.flush()


def leave(person_id: int, track_id: str, now: datetime) -> None:
    """Leave: modules, levels and proofs stay the person's."""
    require_enrolment(person_id, track_id).left_at = now
    db.session.flush()


def changes(person_id: int, content: Path, track_id: str) -> tuple[Track, Track, list[Change]]:
    """Return the version begun, the current one and what differs; raise NotEnrolledError."""
    older = tracks.parsed(require_enrolment(person_id, track_id).version)
    newer = tracks.track(content, track_id)
    return older, newer, differences(older, newer)


def move(person_id: int, content: Path, track_id: str, now: datetime) -> Track:
    """Go on under the current version; raise NotEnrolledError."""
    row = require_enrolment(person_id, track_id)
    newer = tracks.track(content, track_id)
    row.track_version_id = tracks.version_id(newer, now)
    db.session.flush()
    db.session.expire(row, ["version"])
    return newer
