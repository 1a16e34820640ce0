"""What those who finished a module think of it: a score and a remark, each person's own to change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.learning import service
from training_platform.learning.models import Enrolment, ModuleRating
from training_platform.text import Text, excess

SCORES = {
    1: Text("pas du tout", "not at all"),
    2: Text("peu", "a little"),
    3: Text("assez", "somewhat"),
    4: Text("bien", "well"),
    5: Text("très bien", "very well"),
}
"""How well a module helps at work."""
LONGEST_REMARK = 1000


class NotFinishedError(RefusedError):
    """Only who has finished a module rates it."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Terminez d'abord ce module : vous pourrez ensuite donner votre avis.",
                "Finish this module first: then you may give your opinion.",
            )
        )


@dataclass(frozen=True, kw_only=True)
class Rating:
    """A score from 1 to 5 and a remark, both as they were given."""

    score: int | None
    remark: str


def finished(person_id: int, module_id: int) -> Enrolment:
    """Return the enrolment that the person has finished last; raise NotFinishedError."""
    enrolment = service.current_enrolment(person_id, module_id)
    if enrolment is None or enrolment.completed_at is None:
        raise NotFinishedError
    return enrolment


def rating_of(person_id: int, version_id: int) -> Rating:
    """Return the person's rating of a version, empty where there is none."""
    row = _row(person_id, version_id)
    return Rating(score=row.score, remark=row.remark) if row else Rating(score=None, remark="")


def check(rating: Rating) -> dict[str, Text]:
    """Return what is wrong with a rating, by field."""
    errors = {}
    if rating.score not in SCORES:
        errors["score"] = Text("Choisissez une réponse de 1 à 5.", "Choose an answer from 1 to 5.")
    if over := excess(rating.remark, LONGEST_REMARK):
        errors["remark"] = over
    return errors


def rate(person_id: int, version_id: int, rating: Rating, now: datetime) -> None:
    """Keep a checked rating in the place of the person's earlier one."""
    assert rating.score is not None
    row = _row(person_id, version_id)
    if row is None:
        row = ModuleRating(person_id=person_id, version_id=version_id)
        db.session.add(row)
    row.score, row.remark, row.at = rating.score, rating.remark, now
    db.session.flush()


def _row(person_id: int, version_id: int) -> ModuleRating | None:
    query = select(ModuleRating).where(ModuleRating.person_id == person_id, ModuleRating.version_id == version_id)
    return db.session.scalar(query)
