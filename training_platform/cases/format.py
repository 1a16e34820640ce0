"""The format of a governance case (content/README.md) as pydantic models: what cases/<slug>.yaml may say."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from training_platform.catalogue import format as catalogue
from training_platform.catalogue.format import FactId, Identifier, Moment, Part, Wording, require_ending

Level = Literal["establishment", "ght", "national"]
Fault = Literal["no_oversight", "no_consultation", "no_exit"]
Tone = Literal["good", "warn", "bad"]
ChoiceRef = Annotated[str, Field(pattern=r"^[\w-]+\.[\w-]+$")]
"""An earlier choice: decision.choice."""


class Condition(Part):
    """When something is shown or may be chosen: all that is said must hold."""

    chose: tuple[ChoiceRef, ...] = ()
    """At least one of these choices was made."""
    state: str = ""
    below: int | None = None
    at_least: int | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        bounded = self.below is not None or self.at_least is not None
        if bounded != bool(self.state) or not (self.chose or self.state):
            raise ValueError("a condition names earlier choices, or a state with `below` or `at_least`, or both")
        return self


class Aside(Part):
    """A paragraph that a scene or a consequence gains when its condition holds."""

    if_: Annotated[Condition, Field(alias="if")]
    text: Wording


class Detour(Part):
    """Another decision to go on to, when its condition holds."""

    if_: Annotated[Condition, Field(alias="if")]
    next: str


class Choice(catalogue.Choice):
    """One way to decide, with what it changes and what the debrief says of it."""

    if_: Annotated[Condition | None, Field(alias="if")] = None
    effects: dict[str, int] = Field(default_factory=dict)
    also: tuple[Aside, ...] = ()
    detours: tuple[Detour, ...] = ()
    """Read in order before ``next``."""
    fault: Fault | None = None
    why: Wording


class Criterion(Part):
    """One thing that a good written reason says."""

    id: Identifier
    text: Wording


class Decision(Moment):
    """One moment of a case."""

    title: Wording
    also: tuple[Aside, ...] = ()
    choices: Annotated[list[Choice], Field(min_length=2, max_length=5)]
    rubric: tuple[Criterion, ...] = ()
    model_answer: Wording | None = None

    @model_validator(mode="after")
    def _assessable(self) -> Self:
        complete = len(self.rubric) >= 3 and self.model_answer is not None
        if self.reason != complete:
            raise ValueError(
                f"decision {self.id}: a written reason goes with three criteria or more and a model answer"
            )
        if not any(choice.score == 3 and choice.if_ is None for choice in self.choices):
            raise ValueError(f"decision {self.id}: no sound choice is open to everybody")
        return self


class Actor(Part):
    """A person of the case: job, name, what is at stake for them."""

    role: str
    name: str
    stake: Wording


class Band(Part):
    """From which value on a state is called what."""

    from_value: Annotated[int, Field(alias="from")]
    text: Wording
    tone: Tone


class State(Part):
    """Something that choices change, shown as a gauge with words."""

    id: Identifier
    name: Wording
    unit: Wording
    start: int
    low: int = 0
    high: int = 100
    bands: Annotated[list[Band], Field(min_length=2)]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        starts = [band.from_value for band in self.bands]
        if starts != sorted(set(starts)) or starts[0] != self.low or not self.low <= self.start <= self.high:
            raise ValueError(f"state {self.id}: bands rise from `low`, and the start lies within the bounds")
        return self


class Column(Part):
    """A column of figures."""

    id: Annotated[str, Field(pattern=r"^[a-z]\w*$")]
    name: Wording


class Row(Part):
    """A row of figures."""

    id: Annotated[str, Field(pattern=r"^[a-z]\w*$")]
    name: Wording
    cells: list[float | int]


class Table(Part):
    """Figures as data, from which the debrief recomputes its own."""

    about: Wording
    """What a row is: the heading of the first column."""
    columns: Annotated[list[Column], Field(min_length=1, max_length=6)]
    rows: Annotated[list[Row], Field(min_length=1, max_length=12)]

    @model_validator(mode="after")
    def _rectangular(self) -> Self:
        if any(len(row.cells) != len(self.columns) for row in self.rows):
            raise ValueError("each row has a figure in each column")
        return self


class Document(Part):
    """Something to read before deciding."""

    id: Annotated[str, Field(pattern=r"^[a-z]\w*$")]
    kind: Literal["mail", "table", "minutes", "contract", "note"]
    title: Wording
    source: Wording
    """From whom, when."""
    text: Wording | None = None
    table: Table | None = None
    if_: Annotated[Condition | None, Field(alias="if")] = None

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.text is None and self.table is None:
            raise ValueError(f"document {self.id}: neither text nor table")
        return self


class Figure(Part):
    """A number that the debrief gives, computed from the tables: ``table.row.column`` with + - * /."""

    id: Annotated[str, Field(pattern=r"^[a-z]\w*$")]
    name: Wording
    of: str
    percent: bool = False
    decimals: Annotated[int, Field(ge=0, le=3)] = 0
    value: float
    """What the author found, checked against the calculation."""
    unit: Wording | None = None


class Case(Part):
    """A whole governance case."""

    code: Annotated[str, Field(pattern=r"^C[EGN]\d$")]
    slug: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]
    version: Annotated[int, Field(ge=1)] = 1
    level: Level
    minutes: Annotated[int, Field(ge=5, le=120)]
    title: Wording
    summary: Wording
    you: Wording
    """Who the player is."""
    situation: Wording
    actors: Annotated[list[Actor], Field(min_length=3)]
    state: Annotated[list[State], Field(min_length=2, max_length=4)]
    documents: Annotated[list[Document], Field(min_length=2)]
    figures: tuple[Figure, ...] = ()
    start: str
    decisions: Annotated[list[Decision], Field(min_length=4, max_length=9)]
    debrief: Wording
    traps: Annotated[list[Wording], Field(min_length=2)]
    questions: Annotated[list[Wording], Field(min_length=2)]
    """What would change your mind, and what to take back to one's own hospital."""
    competencies: dict[str, Annotated[int, Field(ge=1, le=5)]]
    modules: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()
    facts: tuple[FactId, ...] = ()

    @model_validator(mode="after")
    def _playable(self) -> Self:
        ids = [decision.id for decision in self.decisions]
        if len(set(ids)) < len(ids):
            raise ValueError("two decisions have the same id")
        for decision in self.decisions:
            if len({choice.id for choice in decision.choices}) < len(decision.choices):
                raise ValueError(f"decision {decision.id}: two choices have the same id")
        require_ending(f"case {self.code}", self.start, {d.id: ways_on(d) for d in self.decisions})
        return self

    @property
    def by_id(self) -> dict[str, Decision]:
        """Return the decisions by id."""
        return {decision.id: decision for decision in self.decisions}


def ways_on(decision: Decision) -> set[str]:
    """Return where the choices of a decision may lead."""
    return {c.next for c in decision.choices} | {d.next for c in decision.choices for d in c.detours}
