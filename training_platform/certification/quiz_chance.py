"""The chance to pass the quiz of an exam today."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from training_platform.assessment import service as assessment
from training_platform.assessment.rules import Estimate, Item, state_of
from training_platform.assessment.rules.estimate import DISCRIMINATION
from training_platform.certification.rules.chance import Chance, ExpectedItem, chance
from training_platform.exams.reserved_bank import counts_of
from training_platform.framework.rules import Framework
from training_platform.tracks.format import Track

WRITTEN_IN = 4
"""Options that a question of the exam is expected to have, where its bank is not written yet."""


def quiz_chance(
    person_id: int,
    track: Track,
    asked: Mapping[str, int],
    framework: Framework,
    levels: Mapping[str, Estimate],
    now: datetime,
) -> Chance | None:
    """Return the chance to pass the quiz today, None for a track without one."""
    quiz = next((part for part in track.exam.parts if part.kind == "quiz"), None)
    if quiz is None:
        return None
    competencies = list(framework.competencies)
    pools: dict[str, list[ExpectedItem]] = {}
    for competency, level in asked.items():
        item = Item(difficulty=level - 0.5, discrimination=DISCRIMINATION["medium"], guessing=1 / WRITTEN_IN)
        domain = framework.competencies[competency].domain
        pools.setdefault(domain, []).append(ExpectedItem(competency=competency, item=item))
    return chance(
        state_of(competencies, assessment.observations(person_id), now),
        pools,
        counts_of(track, quiz),
        track.exam.passing.parts.get(quiz.id, track.exam.passing.overall),
        safety=track.exam.passing.safety == "all",
        informed=frozenset(c for c, level in levels.items() if level.evidence_count),
    )
