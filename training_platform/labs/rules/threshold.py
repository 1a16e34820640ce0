"""An alert on a score from 0 to 100: who has a sepsis, who is flagged, what that asks of the nurses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from training_platform.catalogue.lab_format import ThresholdLab
from training_platform.labs.rules.chance import Chance


@dataclass(frozen=True, kw_only=True)
class Patient:
    """A synthetic stay: age group, score, and whether a sepsis came."""

    group: str
    score: int
    septic: bool


@dataclass(frozen=True, kw_only=True)
class Counts:
    """The four boxes of an alert."""

    found: int
    missed: int
    false: int
    quiet: int

    @property
    def alerts(self) -> int:
        """All alerts, right and wrong."""
        return self.found + self.false

    @property
    def sensitivity(self) -> float:
        """Share of the sepses that were flagged; 1 where there was none."""
        septic = self.found + self.missed
        return self.found / septic if septic else 1.0

    @property
    def predictive(self) -> float:
        """Share of the alerts that were right (positive predictive value); 0 where there was none."""
        return self.found / self.alerts if self.alerts else 0.0


def patients(lab: ThresholdLab) -> tuple[Patient, ...]:
    """Make the patients of the lab from its seed."""
    chance = Chance(lab.seed)
    made = []
    for group in lab.groups:
        for number in range(group.patients):
            septic = number < group.septic
            mean = group.mean_septic if septic else group.mean_other
            score = min(max(round(chance.normal(mean, group.spread)), 0), 100)
            made.append(Patient(group=group.id, score=score, septic=septic))
    return tuple(made)


def counts(people: Iterable[Patient], threshold: int) -> Counts:
    """Count the four boxes at a threshold: an alert is a score at or above it."""
    boxes = {(septic, flagged): 0 for septic in (True, False) for flagged in (True, False)}
    for person in people:
        boxes[person.septic, person.score >= threshold] += 1
    return Counts(
        found=boxes[True, True], missed=boxes[True, False], false=boxes[False, True], quiet=boxes[False, False]
    )


def burden(lab: ThresholdLab, alerts: int) -> float:
    """Return the alerts that each nurse receives in one shift."""
    return alerts / (lab.shifts * lab.nurses)


def by_group(lab: ThresholdLab, people: Iterable[Patient], threshold: int) -> dict[str, Counts]:
    """Count the boxes of each age group."""
    everyone = list(people)
    return {group.id: counts((p for p in everyone if p.group == group.id), threshold) for group in lab.groups}


def most_missed(groups: dict[str, Counts]) -> str:
    """Return the group whose sepses are missed most often."""
    return min(groups, key=lambda group: (groups[group].sensitivity, group))
