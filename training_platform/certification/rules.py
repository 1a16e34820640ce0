"""Certification tracks: what they ask, what is met and what is missing; pure."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from training_platform.text import Text


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Wording(_Part):
    fr: str
    en: str


class _Electives(_Part):
    choose: int
    among: list[str]


class _Track(_Part):
    id: str
    name: _Wording
    for_: list[str]
    modules: list[str]
    electives: _Electives
    min_levels: dict[str, int]
    workplace_evidence: _Wording
    exam: dict[str, Any]
    validity_months: int
    renewal: _Wording


@dataclass(frozen=True, kw_only=True)
class Track:
    """A certification track as data."""

    id: str
    name: Text
    roles: tuple[str, ...]
    modules: tuple[str, ...]
    choose: int
    among: tuple[str, ...]
    min_levels: Mapping[str, int]
    workplace_evidence: Text
    pass_rule: Text
    validity_months: int
    renewal: Text


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A person's distance to a track."""

    track: Track
    modules_met: tuple[str, ...]
    modules_missing: tuple[str, ...]
    electives_met: tuple[str, ...]
    electives_missing: int
    levels_met: tuple[str, ...]
    levels_missing: tuple[str, ...]

    @property
    def met(self) -> int:
        """Number of requirements met (workplace evidence and exam not counted)."""
        return len(self.modules_met) + min(len(self.electives_met), self.track.choose) + len(self.levels_met)

    @property
    def total(self) -> int:
        """Number of requirements."""
        return self.met + len(self.modules_missing) + self.electives_missing + len(self.levels_missing)


def read_tracks(file: Path) -> dict[str, Track]:
    """Read tracks.yaml."""
    rows = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["tracks"]
    checked = [
        _Track.model_validate({("for_" if key == "for" else key): value for key, value in row.items()}) for row in rows
    ]
    return {x.id: _track(x) for x in checked}


def _track(x: _Track) -> Track:
    return Track(
        id=x.id,
        name=Text(x.name.fr, x.name.en),
        roles=tuple(x.for_),
        modules=tuple(x.modules),
        choose=x.electives.choose,
        among=tuple(x.electives.among),
        min_levels=x.min_levels,
        workplace_evidence=Text(x.workplace_evidence.fr, x.workplace_evidence.en),
        pass_rule=Text(x.exam["pass"]["fr"], x.exam["pass"]["en"]),
        validity_months=x.validity_months,
        renewal=Text(x.renewal.fr, x.renewal.en),
    )


def progress(track: Track, completed: Set[str], granted: Mapping[str, int]) -> Progress:
    """Compare what a person completed and was granted with what the track asks."""
    electives = tuple(code for code in track.among if code in completed)
    return Progress(
        track=track,
        modules_met=tuple(code for code in track.modules if code in completed),
        modules_missing=tuple(code for code in track.modules if code not in completed),
        electives_met=electives,
        electives_missing=max(track.choose - len(electives), 0),
        levels_met=tuple(c for c, level in track.min_levels.items() if granted.get(c, 0) >= level),
        levels_missing=tuple(c for c, level in track.min_levels.items() if granted.get(c, 0) < level),
    )
