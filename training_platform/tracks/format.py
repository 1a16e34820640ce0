"""The format of tracks.yaml (content/README.md) as pydantic models: what a certification may ask."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import Field, model_validator

from training_platform.catalogue.format import Identifier, Part, Wording

Percent = Annotated[int, Field(ge=0, le=100)]
Group = Literal["modules", "electives", "levels", "evidence"]
CaseLevel = Literal["establishment", "ght", "national"]


class Electives(Part):
    """Modules among which some are to be chosen."""

    choose: Annotated[int, Field(ge=0)] = 0
    among: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.choose > len(self.among):
            raise ValueError("more electives to choose than there are")
        return self


class Proof(Part):
    """A piece of work from the workplace that the track asks for."""

    id: Identifier
    title: Wording
    ask: Wording


class Criterion(Part):
    """One line of a rubric: what an examiner looks at, marked from 0 to ``best``."""

    id: Identifier
    name: Wording
    best: Annotated[int, Field(ge=1, le=10)] = 4


class ExamPart(Part):
    """One part of the exam: a quiz, cases, a text handed in, or what is done in the room."""

    id: Identifier
    kind: Literal["quiz", "case", "text", "room"]
    title: Wording
    ask: Wording | None = None
    items: Annotated[int, Field(ge=0, le=100)] = 0
    """Questions of a quiz."""
    levels: list[CaseLevel] = Field(default_factory=list)
    """One case is drawn at each of these levels."""
    minutes: Annotated[int, Field(ge=0, le=480)]
    """0: handed in when it is ready."""
    least_words: Annotated[int, Field(ge=0, le=10_000)] = 0
    weight: Annotated[int, Field(ge=1, le=100)]
    rubric: list[Criterion] = Field(default_factory=list)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.kind == "quiz") != bool(self.items):
            raise ValueError(f"part {self.id}: a quiz has `items`, and nothing else has")
        if (self.kind == "case") != bool(self.levels):
            raise ValueError(f"part {self.id}: cases have `levels`, and nothing else has")
        if (self.kind == "quiz") == bool(self.rubric):
            raise ValueError(f"part {self.id}: all but a quiz is marked by a `rubric`")
        if self.kind in ("text", "room") and self.ask is None:
            raise ValueError(f"part {self.id}: says what to do (`ask`)")
        return self


class Fault(Part):
    """What fails the candidate whatever the marks."""

    id: Identifier
    name: Wording


class PassRule(Part):
    """When an exam is passed: percent overall and in parts, and whether all safety questions must be right."""

    overall: Percent
    parts: dict[str, Percent] = Field(default_factory=dict)
    safety: Literal["all", "free"] = "free"


class Retakes(Part):
    """How soon and how often an exam may be taken again."""

    delay_days: Annotated[int, Field(ge=0, le=730)]
    per_year: Annotated[int, Field(ge=1, le=12)] | None = None
    """Exams opened within any twelve months, the first one not counted; None: as often as wished."""


class Exam(Part):
    """The exam of a track."""

    opens_after: list[Group]
    """What must be met before it opens; the rest is needed for the certificate only."""
    parts: Annotated[list[ExamPart], Field(min_length=1)]
    blueprint: dict[str, Percent]
    """Share of the quiz per domain."""
    faults: list[Fault] = Field(default_factory=list)
    passing: Annotated[PassRule, Field(alias="pass")]
    retakes: Retakes
    agreement: Percent = 15
    """Two examiners further apart than so many percent of the marks: a third one decides."""
    jury: Wording | None = None

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        ids = [part.id for part in self.parts]
        if len(set(ids)) < len(ids):
            raise ValueError("two parts of the exam have the same id")
        if sum(part.weight for part in self.parts) != 100:
            raise ValueError("the weights of the parts make 100")
        if sum(self.blueprint.values()) != 100:
            raise ValueError("the blueprint makes 100")
        if unknown := set(self.passing.parts) - set(ids):
            raise ValueError(f"the pass rule names unknown parts: {', '.join(sorted(unknown))}")
        return self

    def part(self, part_id: str) -> ExamPart:
        """Return one part; raise KeyError."""
        return {part.id: part for part in self.parts}[part_id]


class RenewalPart(Part):
    """A part of the exam taken again for a renewal, shorter where it says so."""

    part: str
    items: Annotated[int, Field(ge=1, le=100)] | None = None
    minutes: Annotated[int, Field(ge=1, le=480)] | None = None


class Renewal(Part):
    """What a renewal asks."""

    from_months: Annotated[int, Field(ge=1, le=24)]
    """Months before the end of validity from which it may begin."""
    parts: list[RenewalPart] = Field(default_factory=list)
    new_modules: Annotated[int, Field(ge=0, le=10)] = 0
    """Modules to have completed since the certificate."""
    evidence: list[Proof] = Field(default_factory=list)
    note: Wording | None = None


class Track(Part):
    """One version of one certification track."""

    id: Identifier
    version: Annotated[int, Field(ge=1)]
    name: Wording
    roles: Annotated[list[str], Field(alias="for")]
    modules: list[str]
    electives: Electives = Electives()
    min_levels: dict[str, Annotated[int, Field(ge=1, le=5)]]
    """The level to be granted, per competency."""
    evidence: list[Proof] = Field(default_factory=list)
    exam: Exam
    validity_months: Annotated[int, Field(ge=1, le=120)]
    renewal: Renewal

    @model_validator(mode="after")
    def _renewable(self) -> Self:
        known = {part.id for part in self.exam.parts}
        if unknown := {part.part for part in self.renewal.parts} - known:
            raise ValueError(f"track {self.id}: the renewal names unknown parts: {', '.join(sorted(unknown))}")
        return self


class TrackFile(Part):
    """tracks.yaml."""

    tracks: list[Track]

    @model_validator(mode="after")
    def _once(self) -> Self:
        ids = [track.id for track in self.tracks]
        if len(set(ids)) < len(ids):
            raise ValueError("two tracks have the same id")
        return self


def read_tracks(file: Path) -> dict[str, Track]:
    """Read tracks.yaml; raise pydantic.ValidationError where it does not follow the format."""
    document = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {track.id: track for track in TrackFile.model_validate(document).tracks}
