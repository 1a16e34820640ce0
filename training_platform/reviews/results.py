"""What a finished check found, and where to read again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fsrs import Rating

from training_platform.assessment import service as assessment
from training_platform.assessment.rules import Estimate, estimate
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import BankQuestion
from training_platform.catalogue.service import LiveModule
from training_platform.recommendations.situation import Situation
from training_platform.reviews.cards import steps_of
from training_platform.reviews.checks import UnfinishedCheckError, check_of, own_check
from training_platform.reviews.models import ReviewCard
from training_platform.reviews.rules import Passage, passage


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Where to read again after a mistake."""

    module: LiveModule
    passage: Passage


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a check found: the mistakes, the level before and after it, when to check next, what to read again."""

    competency: str
    level: int
    rating: Rating
    before: Estimate
    after: Estimate
    next_at: datetime
    reading: Reading | None

    @property
    def passed(self) -> bool:
        """Tell whether it is still known."""
        return self.rating != Rating.Again

    @property
    def fell(self) -> bool:
        """Tell whether the level held is lower than before the check."""
        return self.after.held < self.before.held


def result_of(person_id: int, sitting_id: int, situation: Situation, now: datetime) -> Result:
    """Return what a finished check found; raise UnfinishedCheckError before its end."""
    (view, row), check = check_of(person_id, sitting_id), own_check(person_id, sitting_id)
    if check.rating is None:
        raise UnfinishedCheckError
    rating, names = Rating(check.rating), list(situation.framework.competencies)
    before = estimate(names, assessment.observations(person_id, without=sitting_id), now)
    missed = [question for key, question in view.questions if not view.correct[key]]
    return Result(
        competency=row.competency,
        level=row.level,
        rating=rating,
        before=before[row.competency],
        after=situation.levels[row.competency],
        next_at=row.due_at,
        reading=_reading(row, missed, situation) if missed else None,
    )


def _reading(row: ReviewCard, missed: Sequence[BankQuestion], situation: Situation) -> Reading | None:
    """Return where a module teaches what was missed: one that the person has taken, else the shortest."""
    teaching = [
        live
        for live in situation.modules.values()
        if not live.planned and (row.competency, row.level) in steps_of(live)
    ]
    if not teaching:
        return None
    live = min(teaching, key=lambda one: (one.code not in situation.request.completed, one.head.minutes, one.code))
    lessons = [lesson.text.fr for lesson in catalogue.package_of(live.version_id).lessons]
    asked = " ".join(f"{q.scene.fr if q.scene else ''} {q.ask.fr} {q.explanation.fr}" for q in missed)
    facts = {fact for question in missed for fact in question.facts}
    return Reading(module=live, passage=passage(asked, facts, lessons))
