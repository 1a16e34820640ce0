"""How far people are from a certificate or its renewal, under the version begun."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from training_platform.assessment import service as assessment
from training_platform.awards import service as awards
from training_platform.awards.service import HeldAward
from training_platform.catalogue import service as catalogue
from training_platform.catalogue import visible
from training_platform.certification.enrolment import EnrolmentView, open_enrolments, view
from training_platform.certification.models import TrackEnrolment
from training_platform.certification.rules import Done, Progress, progress
from training_platform.exams import service as exams
from training_platform.framework.rules import Framework
from training_platform.learning import service as learning
from training_platform.portfolio import service as portfolio
from training_platform.tracks import service as tracks
from training_platform.tracks.format import Track
from training_platform.tracks.rules import renewal_of

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of several people, read in a fixed number of queries."""

    completed: Mapping[int, Mapping[str, datetime]]
    """Modules by code, each with the moment of its first completion."""
    granted: Mapping[int, Mapping[str, int]]
    proofs: Mapping[tuple[int, str], Sequence[datetime]]
    exams: Mapping[tuple[int, str], exams.ExamState]
    awards: Mapping[tuple[int, str], HeldAward]
    codes: Collection[str]
    """The modules of the national catalogue that can be taken; a unit's own one is new to whoever has completed it since."""

    def asked(self, person_id: int, track: Track, purpose: str) -> Track:
        """Return what is asked of a person: the track, or what its renewal asks."""
        if purpose != "renewal":
            return track
        since = self._since(person_id, track, purpose)
        done = self.completed.get(person_id, {})
        new = [code for code in self.codes if code not in done or done[code] > since]
        return renewal_of(track, [*new, *(code for code, at in done.items() if at > since and code not in self.codes)])

    def done(self, person_id: int, track: Track, purpose: str) -> Done:
        """Return what one of them has reached in a track; for a renewal, since the last certificate."""
        key = (person_id, track.id)
        award, exam = self.awards.get(key), self.exams.get(key)
        since = self._since(person_id, track, purpose)
        counts = exam is not None and exam.purpose == purpose and exam.opened_at >= since
        return Done(
            completed=frozenset(self.completed.get(person_id, {})),
            granted=self.granted.get(person_id, {}),
            evidence=sum(moment >= since for moment in self.proofs.get(key, ())),
            exam=exam.state if exam and counts else "not_begun",
            parts=exam.parts if exam and counts else frozenset(),
            awarded=award is not None and award.counts and purpose == "award",
        )

    def _since(self, person_id: int, track: Track, purpose: str) -> datetime:
        """Return from when exams and proofs count: a certificate that is renewed, expired or revoked used up those before."""
        award = self.awards.get((person_id, track.id))
        used_up = award is not None and (purpose == "renewal" or not award.counts)
        return award.issued_at if award and used_up else BEGINNING


def known_of(person_ids: Sequence[int], framework: Framework, now: datetime) -> Known:
    """Read what several people have reached."""
    completed = learning.completed_by_person(person_ids)
    counted = visible.codes_of({module for modules in completed.values() for module in modules})
    return Known(
        completed={person: _by_code(modules, counted) for person, modules in completed.items()},
        granted=assessment.granted_by_person(person_ids, list(framework.competencies), now),
        proofs=portfolio.accepted_at(person_ids),
        exams=exams.states_of(person_ids),
        awards=awards.latest_by(person_ids, now),
        codes=[live.code for live in catalogue.live_modules() if live.unit_id is None and not live.planned],
    )


def _by_code(modules: Mapping[int, datetime], counted: Mapping[int, str]) -> dict[str, datetime]:
    """Return the first completion by code: a copy counts as its original, and what has left the catalogue still counts."""
    latest_first = sorted(modules.items(), key=lambda completion: completion[1], reverse=True)
    return {counted[module]: moment for module, moment in latest_first if module in counted}


def progress_under(known: Known, person_id: int, row: TrackEnrolment | None, current: Track) -> Progress:
    """Return a person's distance: under the version begun, to the certificate or to its renewal."""
    track, purpose = (tracks.parsed(row.version), row.purpose) if row else (current, "award")
    return progress(known.asked(person_id, track, purpose), known.done(person_id, track, purpose))


def progress_of_many(
    person_ids: Sequence[int], current: Track, framework: Framework, now: datetime
) -> dict[int, tuple[Progress, EnrolmentView | None]]:
    """Return the distance of several people to one track, each under the version begun."""
    open_ones = {row.person_id: row for row in open_enrolments(person_ids) if row.track_id == current.id}
    known = known_of(person_ids, framework, now)
    found = {}
    for person_id in person_ids:
        row = open_ones.get(person_id)
        found[person_id] = (progress_under(known, person_id, row, current), view(row) if row else None)
    return found
