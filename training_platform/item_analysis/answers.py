"""Answers as arrays: what calibration and statistics read, in a few queries however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import Select, select

from training_platform.accounts.models import Person
from training_platform.assessment import item_parameters
from training_platform.assessment.item_parameters import Calibrated
from training_platform.assessment.models import Answer, Sitting
from training_platform.catalogue.format import BankQuestion
from training_platform.catalogue.models import ModuleVersion, Question
from training_platform.db import db
from training_platform.item_analysis.rules import Authored


@dataclass(frozen=True, kw_only=True)
class GivenAnswer:
    """One answer with its occasion."""

    question_id: int
    sitting_id: int
    person_id: int
    kind: str
    correct: bool
    given: Mapping[str, Any]
    language: str
    demo: bool
    at: datetime


@dataclass(frozen=True)
class Bank:
    """Questions by the id of their row, and by what they say: the same text in two versions is one question."""

    questions: Mapping[int, BankQuestion]
    fingerprints: Mapping[int, str]

    def items(self, ids: Iterable[int]) -> list[str]:
        """Return the different questions among these rows, in a fixed order."""
        return sorted({self.fingerprints[key] for key in ids})

    def by_fingerprint(self) -> dict[str, BankQuestion]:
        """Return one question for each fingerprint, the latest."""
        return {self.fingerprints[key]: question for key, question in sorted(self.questions.items())}


def bank_of(versions: Select[tuple[int, str]]) -> Bank:
    """Return the questions of the versions that a query names (id, content hash); parsed once per version."""
    hashes = dict(db.session.execute(versions).tuples().all())
    rows = select(Question.id, Question.version_id, Question.key).where(Question.version_id.in_(hashes))
    questions: dict[int, BankQuestion] = {}
    fingerprints: dict[int, str] = {}
    for row_id, version_id, key in db.session.execute(rows.order_by(Question.id)):
        questions[row_id], fingerprints[row_id] = _parsed(version_id, hashes[version_id])[key]
    return Bank(questions, fingerprints)


@lru_cache(maxsize=2000)
def _parsed(version_id: int, content_hash: str) -> dict[str, tuple[BankQuestion, str]]:
    """Read the questions of one version by key: a published one never changes, and its hash is part of the cache's key."""
    documents = db.session.scalars(select(Question.document).where(Question.version_id == version_id))
    questions = [BankQuestion.model_validate(document) for document in documents]
    return {question.id: (question, item_parameters.fingerprint(question)) for question in questions}


def answered_versions(ids: Sequence[int] | None = None) -> Select[tuple[int, str]]:
    """Return the query of the versions whose questions have answers: all, or those of these question rows."""
    rows = select(Question.version_id).where(Question.id.in_(select(Answer.question_id) if ids is None else ids))
    return select(ModuleVersion.id, ModuleVersion.content_hash).where(ModuleVersion.id.in_(rows))


def given(of_questions: Sequence[int] | None = None) -> list[GivenAnswer]:
    """Return all answers of the occasions on which one of these questions was put, contested ones left out; one query."""
    query = (
        select(
            Answer.question_id,
            Answer.sitting_id,
            Sitting.person_id,
            Sitting.kind,
            Answer.correct,
            Answer.given,
            Person.language,
            Person.demo,
            Answer.answered_at,
        )
        .join(Sitting, Answer.sitting_id == Sitting.id)
        .join(Person, Sitting.person_id == Person.id)
        .where(Sitting.contested_at.is_(None))
        .order_by(Answer.answered_at, Answer.id)
    )
    if of_questions is not None:
        query = query.where(
            Answer.sitting_id.in_(select(Answer.sitting_id).where(Answer.question_id.in_(of_questions)))
        )
    return [
        GivenAnswer(
            question_id=row[0],
            sitting_id=row[1],
            person_id=row[2],
            kind=row[3],
            correct=row[4],
            given=row[5],
            language=row[6],
            demo=row[7],
            at=row[8],
        )
        for row in db.session.execute(query)
    ]


def parameters(
    items: Sequence[str], questions: Mapping[str, BankQuestion], found: Mapping[str, Calibrated] | None = None
) -> Authored:
    """Return the parameters of questions as arrays: the authors', or calibrated ones where they are given."""
    known = [item_parameters.item_of(questions[key], (found or {}).get(key)) for key in items]
    return Authored(
        difficulty=np.array([item.difficulty for item in known], dtype=float),
        discrimination=np.array([item.discrimination for item in known], dtype=float),
        guessing=np.array([item.guessing for item in known], dtype=float),
    )
