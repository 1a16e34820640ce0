"""People who answered the questions of a module, put in without the pages."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from tests.factories import NOW, Factory
from training_platform.accounts.models import Person
from training_platform.assessment.models import Answer, Sitting
from training_platform.catalogue.models import Question
from training_platform.db import db


def questions_of(version_id: int) -> list[Question]:
    """Return the question rows of a version."""
    return list(db.session.scalars(select(Question).where(Question.version_id == version_id).order_by(Question.id)))


def answered(
    make: Factory,
    version_id: int,
    people: int,
    *,
    right: Sequence[float] = (0.6,),
    at: datetime = NOW - timedelta(days=30),
    role: str | None = None,
) -> list[Person]:
    """Let people answer all questions of a version; ``right`` gives each question's share of right answers in turn."""
    source = random.Random(people)
    rows = questions_of(version_id)
    found = []
    for number in range(people):
        person = make.person(role=role)
        moment = at + timedelta(minutes=number)
        sitting = Sitting(
            person_id=person.id,
            version_id=version_id,
            kind="quiz",
            questions=[row.id for row in rows],
            started_at=moment,
            finished_at=moment,
        )
        db.session.add(sitting)
        db.session.flush()
        luck = source.random()
        for place, row in enumerate(rows):
            correct = 0.5 * luck + 0.5 * source.random() < right[place % len(right)]
            key = next(option["id"] for option in row.document["options"] if option.get("correct", False) == correct)
            db.session.add(
                Answer(
                    sitting_id=sitting.id,
                    question_id=row.id,
                    given={"choices": [key]},
                    correct=correct,
                    answered_at=moment,
                )
            )
        found.append(person)
    db.session.flush()
    return found
