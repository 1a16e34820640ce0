"""The tracks of this installation: the current version of each, and those that were."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

from sqlalchemy import select

from training_platform.db import db
from training_platform.errors import NotFoundError
from training_platform.text import Text
from training_platform.tracks.format import Track, read_tracks
from training_platform.tracks.models import TrackVersion


class UnknownTrackError(NotFoundError):
    """No track has this id."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Cette certification n'existe pas. La page des certifications les présente toutes.",
                "This certification does not exist. The certifications page shows them all.",
            )
        )


@dataclass(frozen=True, kw_only=True)
class StoredVersions:
    """What storing the current versions did, by track; ``changed`` ones differ from what is stored under their number."""

    added: tuple[str, ...]
    changed: tuple[str, ...]


@cache
def current(content: Path) -> dict[str, Track]:
    """Return the current version of each track of a content folder."""
    return read_tracks(content / "tracks.yaml")


def track(content: Path, track_id: str) -> Track:
    """Return the current version of one track; raise UnknownTrackError."""
    if track_id not in current(content):
        raise UnknownTrackError
    return current(content)[track_id]


def store(tracks: Iterable[Track], now: datetime) -> StoredVersions:
    """Keep each version for good; one that changed under the same number is left as it was stored."""
    added, changed = [], []
    for one in tracks:
        row = _row(one.id, one.version)
        if row is None:
            _add(one, now)
            added.append(one.id)
        elif row.document_hash != _hash(one):
            changed.append(one.id)
    return StoredVersions(added=tuple(added), changed=tuple(changed))


def version_id(one: Track, now: datetime) -> int:
    """Return the id under which a version is kept; keep it where it is not yet."""
    row = _row(one.id, one.version) or _add(one, now)
    return row.id


def version(track_version_id: int) -> Track:
    """Return a version by its id; raise UnknownTrackError."""
    row = db.session.get(TrackVersion, track_version_id)
    if row is None:
        raise UnknownTrackError
    return parsed(row)


def parsed(row: TrackVersion) -> Track:
    """Return what a stored version asks; read once per process."""
    return _parsed(row.id, row.document_hash)


@lru_cache(maxsize=200)
def _parsed(track_version_id: int, document_hash: str) -> Track:
    return Track.model_validate(db.session.get_one(TrackVersion, track_version_id).document)


def _row(track_id: str, number: int) -> TrackVersion | None:
    query = select(TrackVersion).where(TrackVersion.track_id == track_id, TrackVersion.number == number)
    return db.session.scalar(query)


def _add(one: Track, now: datetime) -> TrackVersion:
    row = TrackVersion(
        track_id=one.id,
        number=one.version,
        document=one.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        document_hash=_hash(one),
        stored_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row


def _hash(one: Track) -> str:
    data = one.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
