"""A person's distance to each certification track."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path

from training_platform.assessment import service as assessment
from training_platform.awards.service import TrackFacts
from training_platform.catalogue import service as catalogue
from training_platform.certification.rules import Progress, Track, progress, read_tracks
from training_platform.errors import NotFoundError
from training_platform.framework.rules import Framework
from training_platform.learning import service as learning
from training_platform.text import Text


class UnknownTrackError(NotFoundError):
    """No track has this id."""


@cache
def tracks(content: Path) -> dict[str, Track]:
    """Return the tracks of a content folder."""
    return read_tracks(content / "tracks.yaml")


def track(content: Path, track_id: str) -> Track:
    """Return one track; raise UnknownTrackError."""
    if track_id not in tracks(content):
        raise UnknownTrackError(Text("Cette certification n'existe pas.", "This certification does not exist."))
    return tracks(content)[track_id]


def progress_of(person_id: int, chosen: list[Track], framework: Framework, now: datetime) -> list[Progress]:
    """Return the person's progress in each track."""
    done = learning.completed_module_ids(person_id)
    completed = {live.code for live in catalogue.live_modules() if live.module_id in done}
    levels = assessment.levels(person_id, list(framework.competencies), now)
    granted = {competency: level.granted for competency, level in levels.items()}
    return [progress(one, completed, granted) for one in chosen]


def facts_of(track: Track) -> TrackFacts:
    """Return what a certificate of this track says of it."""
    return TrackFacts(
        track_id=track.id,
        version=1,
        name=track.name,
        criteria=Text(
            f"{len(track.modules)} modules, preuve de terrain ({track.workplace_evidence.fr}), épreuve : {track.pass_rule.fr}",
            f"{len(track.modules)} modules, workplace evidence ({track.workplace_evidence.en}), exam: {track.pass_rule.en}",
        ),
        validity_months=track.validity_months,
    )
