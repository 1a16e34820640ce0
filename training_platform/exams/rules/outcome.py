"""When an exam is passed: the stated rule, and each reason why it is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from training_platform.tracks.format import ExamPart, PassRule


@dataclass(frozen=True, kw_only=True)
class PartResult:
    """What came of one part: the share reached, eliminatory faults, and whether its safety questions are all right."""

    share: float
    faults: frozenset[str] = frozenset()
    safe: bool = True


@dataclass(frozen=True, kw_only=True)
class Lack:
    """One reason why an exam is not passed: what, about which part or fault, and the percentages where there are."""

    kind: Literal["overall", "part", "fault", "safety"]
    subject: str = ""
    reached: float = 0.0
    needed: int = 0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of an exam."""

    overall: float
    """Weighted share of all parts."""
    lacks: tuple[Lack, ...]

    @property
    def passed(self) -> bool:
        """Tell whether the exam is passed."""
        return not self.lacks


def outcome(parts: Sequence[ExamPart], rule: PassRule, results: Mapping[str, PartResult]) -> Outcome:
    """Apply the pass rule to the results of all parts; weights of a shortened exam count in proportion."""
    weights = sum(part.weight for part in parts)
    overall = sum(part.weight * results[part.id].share for part in parts) / weights if weights else 1.0
    lacks: list[Lack] = []
    if _below(overall, rule.overall):
        lacks.append(Lack(kind="overall", reached=100 * overall, needed=rule.overall))
    for part in parts:
        least = rule.parts.get(part.id, 0)
        if _below(results[part.id].share, least):
            lacks.append(Lack(kind="part", subject=part.id, reached=100 * results[part.id].share, needed=least))
        lacks += [Lack(kind="fault", subject=fault) for fault in sorted(results[part.id].faults)]
    if rule.safety == "all" and not all(results[part.id].safe for part in parts):
        lacks.append(Lack(kind="safety"))
    return Outcome(overall=overall, lacks=tuple(lacks))


def _below(share: float, percent: int) -> bool:
    return 100 * share < percent - 1e-9


def case_share(choices: float, reasons: float) -> float:
    """Return the share of a case: decisions count half, the written reasons as examiners marked them half."""
    return (choices + reasons) / 2
