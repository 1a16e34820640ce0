"""Certificates issued once all that the track asks is met, and withdrawn."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from training_platform.awards import service as awards
from training_platform.awards.service import TrackFacts
from training_platform.certification.distance import known_of, progress_under
from training_platform.certification.enrolment import OPEN, open_enrolments
from training_platform.certification.models import TrackEnrolment
from training_platform.db import db
from training_platform.framework.rules import Framework
from training_platform.organisation import service as organisation
from training_platform.text import LANGUAGES, Text, counted
from training_platform.tracks import service as tracks
from training_platform.tracks.format import Track


def facts_of(track: Track) -> TrackFacts:
    """Return what a certificate of this version of a track says of it."""
    modules = counted(len(track.modules) + track.electives.choose, ("module", "modules"), ("module", "modules"))
    levels = counted(len(track.min_levels), ("niveau accordé", "niveaux accordés"), ("granted level", "granted levels"))
    parts = Text(*(", ".join(part.title[language].lower() for part in track.exam.parts) for language in LANGUAGES))
    least = track.exam.passing.overall
    return TrackFacts(
        track_id=track.id,
        version=track.version,
        name=Text(track.name.fr, track.name.en),
        criteria=Text(
            f"{modules.fr}, {levels.fr}, preuves de terrain validées : {len(track.evidence)} ; "
            f"épreuves réussies à {least} % au moins : {parts.fr}",
            f"{modules.en}, {levels.en}, validated workplace proofs: {len(track.evidence)}; "
            f"exam passed with {least} % at least: {parts.en}",
        ),
        validity_months=track.validity_months,
    )


def conclude(person_id: int, framework: Framework, now: datetime) -> list[str]:
    """Issue the certificate of each enrolment whose requirements are all met, once; return the tracks."""
    rows = open_enrolments([person_id])
    if not rows:
        return []
    known = known_of([person_id], framework, now)
    done = []
    for row in rows:
        track = tracks.parsed(row.version)
        if progress_under(known, person_id, row, track).ready and row.paused_at is None and _concluded(row, now):
            unit = next(iter(organisation.unit_ids_of(person_id)), None)
            issue = awards.renew if row.purpose == "renewal" else awards.issue
            issue(person_id, facts_of(track), unit, now)
            done.append(track.id)
    return done


def _concluded(row: TrackEnrolment, now: datetime) -> bool:
    """Conclude an enrolment; of two requests at once only one does, and issues the certificate."""
    query = (
        update(TrackEnrolment)
        .where(TrackEnrolment.id == row.id, *OPEN)
        .values(concluded_at=now)
        .returning(TrackEnrolment.id)
    )
    return db.session.scalar(query) is not None


def to_conclude() -> list[int]:
    """Return the people with an open enrolment that is not paused, for the nightly run."""
    query = select(TrackEnrolment.person_id).where(*OPEN, TrackEnrolment.paused_at.is_(None))
    return sorted(set(db.session.scalars(query)))


def revoke(officer_id: int, number: str, reason: str, now: datetime) -> None:
    """Withdraw a certificate for a reason; its renewal under way starts over: what is revoked is earned anew.

    Raise ForbiddenError outside the officer's units, UnfitReasonError, RefusedError for one's own.
    """
    award = awards.revoke(officer_id, number, reason, now)
    latest = awards.latest_by([award.person_id], now)[award.person_id, award.track_id]
    for row in open_enrolments([award.person_id]):
        if row.track_id == award.track_id and latest.state == "revoked":
            row.purpose = "award"
    db.session.flush()
