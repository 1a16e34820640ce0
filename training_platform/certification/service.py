"""A person's certificates: all tracks with the distance to each, and one track with all that its page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from training_platform.assessment.rules import Estimate
from training_platform.certification.distance import known_of, progress_under
from training_platform.certification.enrolment import EnrolmentView, enrolment_of, open_enrolments, view
from training_platform.certification.quiz_chance import quiz_chance
from training_platform.certification.rules import Action, Progress
from training_platform.certification.rules.chance import Chance
from training_platform.certification.rules.progress import Faded, faded, next_action
from training_platform.certification.way import Way, way_of
from training_platform.framework.rules import Framework
from training_platform.recommendations.situation import situation_of
from training_platform.tracks import service as tracks
from training_platform.tracks.format import Track


@dataclass(frozen=True, kw_only=True)
class Card:
    """A track in the list."""

    track: Track
    progress: Progress
    enrolment: EnrolmentView | None


@dataclass(frozen=True, kw_only=True)
class TrackView:
    """All that one person's page of one track shows."""

    progress: Progress
    enrolment: EnrolmentView | None
    way: Way
    chance: Chance | None
    action: Action
    levels: Mapping[str, Estimate]
    newer: Track | None
    """The current version, where the person is enrolled under an older one."""
    faded: tuple[Faded, ...]
    """For a renewal: the levels asked for that have faded since, to refresh before the exam."""


def overview(person_id: int, content: Path, framework: Framework, now: datetime) -> list[Card]:
    """Return every track with the person's distance to it, those enrolled in first."""
    open_ones = {row.track_id: row for row in open_enrolments([person_id])}
    known = known_of([person_id], framework, now)
    cards = []
    for track_id, current in tracks.current(content).items():
        row = open_ones.get(track_id)
        found = progress_under(known, person_id, row, current)
        cards.append(Card(track=found.track, progress=found, enrolment=view(row) if row else None))
    return sorted(cards, key=lambda card: card.enrolment is None)


def view_of(
    person_id: int, content: Path, track_id: str, framework: Framework, now: datetime, minutes_per_week: int
) -> TrackView:
    """Return one track as its page shows it to one person; raise UnknownTrackError."""
    current = tracks.track(content, track_id)
    row = enrolment_of(person_id, track_id)
    situation = situation_of(person_id, framework, now, minutes_per_week)
    found = progress_under(known_of([person_id], framework, now), person_id, row, current)
    track, whole = found.track, tracks.parsed(row.version) if row else current
    way = way_of(found, situation, now)
    return TrackView(
        progress=found,
        enrolment=view(row) if row else None,
        way=way,
        chance=quiz_chance(person_id, track, whole.min_levels, framework, situation.levels, now),
        action=next_action(
            found,
            tuple(stop.module.code for stop in way.stops),
            enrolled=row is not None,
            paused=row is not None and row.paused_at is not None,
        ),
        levels=situation.levels,
        newer=current if row and current.version > track.version else None,
        faded=faded(whole.min_levels, {c: level.held for c, level in situation.levels.items()})
        if row and row.purpose == "renewal"
        else (),
    )
