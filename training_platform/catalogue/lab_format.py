"""labs.yaml as pydantic models: seven kinds of lab, each with the parameters from which its data are remade."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from training_platform.catalogue.parts import FactId, Identifier, Part, Wording

Percentage = Annotated[int, Field(ge=0, le=100)]


class LabBase(Part):
    """What all labs have: a scene, a task, questions to conclude, a debrief, and the seed of the data."""

    conclusions: ClassVar[tuple[str, ...]] = ()
    """The questions that this kind of lab can check; each needs its wording in ``asks``."""

    id: Identifier
    title: Wording
    minutes: Annotated[int, Field(ge=1, le=60)]
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)]
    intro: Wording
    task: Wording
    asks: dict[str, Wording]
    debrief: Wording
    facts: list[FactId] = []

    @model_validator(mode="after")
    def _asks_what_it_checks(self) -> Self:
        if set(self.asks) != set(self.conclusions):
            raise ValueError(f"lab {self.id}: `asks` must word {', '.join(self.conclusions)}, no more, no fewer")
        return self


class ScoredGroup(Part):
    """A group of patients and how the score falls for those with and without a sepsis."""

    id: Identifier
    name: Wording
    patients: Annotated[int, Field(ge=20, le=400)]
    septic: Annotated[int, Field(ge=2, le=100)]
    mean_septic: Percentage
    mean_other: Percentage
    spread: Annotated[int, Field(ge=1, le=40)]


class ThresholdLab(LabBase):
    """An alert on a score: move the threshold, count what is found, missed and asked of each nurse."""

    conclusions: ClassVar = ("alerts", "group")

    kind: Literal["threshold"]
    groups: Annotated[list[ScoredGroup], Field(min_length=2, max_length=4)]
    shifts: Annotated[int, Field(ge=1, le=200)]
    nurses: Annotated[int, Field(ge=1, le=20)]
    floor: Percentage
    """The sensitivity that the team will not go below."""
    bearable: Annotated[float, Field(gt=0, le=20)]
    """Alerts that a nurse can answer in one shift."""


class ServedGroup(Part):
    """A group of people and how much of its need turns into spending."""

    id: Identifier
    name: Wording
    people: Annotated[int, Field(ge=50, le=600)]
    spending: Annotated[int, Field(ge=10, le=200)]
    """Spending for the same need, per cent."""


class BiasLab(LabBase):
    """A score trained on cost: see who is left out at equal need, mend the target, pay the price."""

    conclusions: ClassVar = ("group", "lost")

    kind: Literal["bias"]
    groups: Annotated[list[ServedGroup], Field(min_length=2, max_length=3)]
    places: Annotated[int, Field(ge=5, le=300)]
    high_need: Annotated[int, Field(ge=1, le=12)]
    """From how many chronic conditions a person has a high need."""
    tolerance: Percentage
    """Points between groups that the team accepts, in the share of high needs that get a place."""
    minutes_per_record: Annotated[int, Field(ge=1, le=30)]


class Entry(Part):
    """A line of the unit's logbook."""

    week: Annotated[int, Field(ge=1, le=104)]
    text: Wording


class DriftLab(LabBase):
    """A model watched week by week, with what changed in the house: when to stop it, and why."""

    conclusions: ClassVar = ("first", "cause")

    kind: Literal["drift"]
    weeks: Annotated[int, Field(ge=20, le=60)]
    baseline: Annotated[int, Field(ge=8, le=20)]
    """The first weeks, from which the limits are computed."""
    per_week: Annotated[int, Field(ge=40, le=400)]
    mean: Annotated[int, Field(ge=10, le=1000)]
    spread: Annotated[int, Field(ge=1, le=400)]
    unit: str
    alert_at: Annotated[int, Field(ge=1, le=2000)]
    change: Annotated[int, Field(ge=2, le=60)]
    """The first week of the new method."""
    shift: Annotated[int, Field(ge=1, le=60)]
    """By how much the new method reads higher, per cent, once it is everywhere."""
    ramp: Annotated[int, Field(ge=1, le=10)]
    """Weeks until it is everywhere."""
    delay: Annotated[int, Field(ge=0, le=10)]
    """Weeks before the outcome of an alert is known."""
    patience: Annotated[int, Field(ge=0, le=10)]
    """Weeks after the first sure sign within which stopping is in time."""
    journal: Annotated[list[Entry], Field(min_length=2, max_length=8)]
    cause: Annotated[int, Field(ge=0, le=7)]
    """The line of the logbook, from 0, that explains the drift."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.baseline < self.change <= self.weeks or self.cause >= len(self.journal):
            raise ValueError(f"lab {self.id}: the change comes after the baseline, and the cause is in the logbook")
        return self


class ReidentificationLab(LabBase):
    """An extract without names: find a colleague in it, then generalise until nobody stands out."""

    conclusions: ClassVar = ("columns", "smallest", "secrets")

    kind: Literal["reidentification"]
    rows: Annotated[int, Field(ge=40, le=400)]
    target: Annotated[int, Field(ge=2, le=20)]
    """The smallest group that the data officer accepts (k)."""
    colleague: Wording
    """What everybody at work knows of the colleague, in one sentence without the values."""
    places: Annotated[list[Wording], Field(min_length=3, max_length=12)]
    diagnoses: Annotated[list[Wording], Field(min_length=3, max_length=12)]


class QualityLab(LabBase):
    """A file of stays with seeded errors: check at the source, and watch the indicator move."""

    conclusions: ClassVar = ("errors", "mean")

    kind: Literal["quality"]
    stays: Annotated[int, Field(ge=16, le=40)]
    checks: Annotated[int, Field(ge=7, le=40)]
    """How many stays the team has the time to check at the source."""
    minutes_per_check: Annotated[int, Field(ge=1, le=30)]


class ScheduleLab(LabBase):
    """A week made by a machine: legal rest, fairness, an absence, and who may change it."""

    conclusions: ClassVar = ("violations", "override")

    kind: Literal["schedule"]
    people: Annotated[list[str], Field(min_length=6, max_length=12)]
    need: tuple[Annotated[int, Field(ge=1, le=4)], Annotated[int, Field(ge=1, le=4)], Annotated[int, Field(ge=1, le=4)]]
    """People wanted each day in the morning, in the evening and at night."""
    rest: Annotated[int, Field(ge=8, le=16)]
    """Hours of rest between two shifts."""
    at_most: Annotated[int, Field(ge=3, le=7)]
    """Shifts a week."""
    nights_gap: Annotated[int, Field(ge=0, le=4)]
    """Nights between the person with most and the person with fewest that the team finds fair."""
    absent: Annotated[int, Field(ge=0, le=11)]
    """Who is absent, from 0."""
    absent_from: Annotated[int, Field(ge=1, le=7)]
    """From which day of the week, to its end."""

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.absent >= len(self.people) or len(set(self.people)) < len(self.people):
            raise ValueError(f"lab {self.id}: names are all different, and the absent person is one of them")
        return self


class ClauseOption(Part):
    """One way to write a clause, and what it is worth to each side."""

    id: Identifier
    text: Wording
    risk: Annotated[int, Field(ge=0, le=10)]
    theirs: Annotated[int, Field(ge=0, le=10)]
    """What it is worth to the supplier."""
    cost: Annotated[int, Field(ge=-500, le=500)] = 0
    """What it costs the hospital over the contract, thousands of euros."""
    forbidden: bool = False
    """True where no hospital may sign it."""
    reaction: Wording
    """What the supplier says of it when it is what hurts most."""


class Clause(Part):
    """A clause of the offer; the first option is what the supplier proposes."""

    id: Identifier
    name: Wording
    options: Annotated[list[ClauseOption], Field(min_length=2, max_length=4)]


class ContractLab(LabBase):
    """A tool offered for data: propose clauses turn by turn, and leave with a contract that one can defend."""

    conclusions: ClassVar = ("cost", "line")

    kind: Literal["contract"]
    clauses: Annotated[list[Clause], Field(min_length=3, max_length=8)]
    patience: Annotated[list[Annotated[int, Field(ge=0, le=80)]], Field(min_length=2, max_length=5)]
    """What the supplier wants to keep at each turn: its last figure is its last word."""
    risk_limit: Annotated[int, Field(ge=0, le=80)]


Lab = Annotated[
    ThresholdLab | BiasLab | DriftLab | ReidentificationLab | QualityLab | ScheduleLab | ContractLab,
    Field(discriminator="kind"),
]
