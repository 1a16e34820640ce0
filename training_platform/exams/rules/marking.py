"""Two examiners who do not see each other's marks, and a third where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Literal

from training_platform.tracks.format import Criterion

Obstacle = Literal["own", "outside", "same_unit", "already", "full"]
Points = Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What one examiner gave: points per criterion, and eliminatory faults seen."""

    points: Points
    faults: frozenset[str] = frozenset()

    def share(self, rubric: Sequence[Criterion]) -> float:
        """Return the points as a share of the best."""
        return sum(min(self.points.get(c.id, 0), c.best) for c in rubric) / sum(c.best for c in rubric)


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What the marks of a part come to; ``share`` is None while examiners are still needed."""

    share: float | None
    faults: frozenset[str]
    needed: int
    """Examiners who still have to mark."""
    adjudicated: bool


def settle(marks: Sequence[Marks], rubric: Sequence[Criterion], agreement: int) -> Settled:
    """Return the mark of a part.

    Two examiners within ``agreement`` percent who see the same faults: the mean of both. Further apart, or with
    different faults: a third examiner marks; the median counts, and a fault counts that two of the three saw.
    """
    if len(marks) < 2:
        return Settled(share=None, faults=frozenset(), needed=2 - len(marks), adjudicated=False)
    shares = [one.share(rubric) for one in marks]
    apart = abs(shares[0] - shares[1]) * 100 > agreement + 1e-9 or marks[0].faults != marks[1].faults
    if not apart:
        return Settled(share=mean(shares[:2]), faults=marks[0].faults, needed=0, adjudicated=False)
    if len(marks) == 2:
        return Settled(share=None, faults=frozenset(), needed=1, adjudicated=True)
    seen = [fault for one in marks[:3] for fault in one.faults]
    agreed = frozenset(fault for fault in seen if seen.count(fault) >= 2)
    return Settled(share=median(shares[:3]), faults=agreed, needed=0, adjudicated=True)


def obstacle(
    *, own: bool, examiner_over: bool, same_unit: bool, others: int, already: bool, needed: int
) -> Obstacle | None:
    """Return what keeps somebody from marking a part, None where nothing does.

    ``others`` counts the examiners from other units who could do it: from the same unit only where they are too few.
    """
    if own:
        return "own"
    if not examiner_over:
        return "outside"
    if already:
        return "already"
    if not needed:
        return "full"
    return "same_unit" if same_unit and others >= needed else None
