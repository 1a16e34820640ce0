"""Series of questions: the quiz that ends a module, its answers, and what passing it completes."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from training_platform.assessment.models import Answer, Sitting
from training_platform.assessment.service import add_answer, add_evidence, insert_once
from training_platform.catalogue.format import BankQuestion, ModuleHead
from training_platform.catalogue.grading import Given, grade
from training_platform.catalogue.models import ModuleVersion, Question
from training_platform.db import db
from training_platform.errors import NotFoundError, RefusedError
from training_platform.learning import service as learning
from training_platform.learning.models import Enrolment
from training_platform.text import Text

PER_STEP = 3
AT_MOST = 10
PASS = 0.7


class UnknownSittingError(NotFoundError):
    """No such series of questions for this person."""

    def __init__(self) -> None:
        super().__init__(Text("Ces questions ne vous ont pas été posées.", "These questions were not put to you."))


@dataclass(frozen=True, kw_only=True)
class SittingView:
    """A series of questions as far as it was answered."""

    id: int
    kind: str
    version_id: int | None
    started_at: datetime
    answered_at: tuple[datetime, ...]
    """When each answer came, in its order."""
    questions: tuple[tuple[int, BankQuestion], ...]
    given: Mapping[int, Given]
    correct: Mapping[int, bool]
    finished: bool

    @property
    def open_question(self) -> tuple[int, BankQuestion] | None:
        """The next question to answer, None once all are."""
        return next(((key, question) for key, question in self.questions if key not in self.given), None)

    @property
    def share(self) -> float:
        """Share of right answers."""
        return sum(self.correct.values()) / max(len(self.questions), 1)

    @property
    def passed(self) -> bool:
        """Tell whether enough answers are right, and every vital one."""
        vital = all(self.correct.get(key, False) for key, question in self.questions if question.safety)
        return self.open_question is None and self.share >= PASS and vital


def open_quiz(person_id: int, version_id: int, now: datetime) -> SittingView | None:
    """Return the unfinished quiz of a version, or draw one; None where its bank is empty."""
    query = select(Sitting).where(
        Sitting.person_id == person_id, Sitting.version_id == version_id, Sitting.kind == "quiz"
    )
    sittings = list(db.session.scalars(query.order_by(Sitting.id)))
    unfinished = next((s for s in sittings if s.finished_at is None), None)
    if unfinished is not None:
        return _view(unfinished)
    seen = {question for sitting in sittings for question in sitting.questions}
    drawn = _draw(version_id, seen, random.Random(f"{person_id}:{version_id}:{len(sittings)}"))
    if not drawn:
        return None
    sitting = Sitting(person_id=person_id, version_id=version_id, kind="quiz", questions=drawn, started_at=now)
    db.session.add(sitting)
    db.session.flush()
    return _view(sitting)


def _draw(version_id: int, seen: set[int], source: random.Random) -> list[int]:
    """Draw up to three questions for each step of the module, unseen ones first, at most ten."""
    rows = db.session.execute(
        select(Question.id, Question.competency, Question.from_level)
        .where(Question.version_id == version_id, Question.reserved.is_(False))
        .order_by(Question.id)
    ).all()
    by_step: dict[tuple[str, int], list[int]] = {}
    for question_id, competency, from_level in rows:
        by_step.setdefault((competency, from_level), []).append(question_id)
    for questions in by_step.values():
        source.shuffle(questions)
        questions.sort(key=lambda question_id: question_id in seen)
    rounds = [questions[n] for n in range(PER_STEP) for questions in by_step.values() if n < len(questions)]
    drawn = rounds[:AT_MOST]
    source.shuffle(drawn)
    return drawn


def sitting_of(person_id: int, sitting_id: int) -> SittingView:
    """Return a person's own sitting; raise UnknownSittingError."""
    return _view(_sitting(person_id, sitting_id))


def _sitting(person_id: int, sitting_id: int) -> Sitting:
    sitting = db.session.get(Sitting, sitting_id)
    if sitting is None or sitting.person_id != person_id:
        raise UnknownSittingError
    return sitting


def _view(sitting: Sitting) -> SittingView:
    rows = db.session.execute(select(Question.id, Question.document).where(Question.id.in_(sitting.questions))).all()
    bank = {key: BankQuestion.model_validate(document) for key, document in rows}
    answers = list(db.session.scalars(select(Answer).where(Answer.sitting_id == sitting.id)))
    return SittingView(
        id=sitting.id,
        kind=sitting.kind,
        version_id=sitting.version_id,
        started_at=sitting.started_at,
        answered_at=tuple(sorted(answer.answered_at for answer in answers)),
        questions=tuple((key, bank[key]) for key in sitting.questions),
        given={answer.question_id: answer.given for answer in answers},
        correct={answer.question_id: answer.correct for answer in answers},
        finished=sitting.finished_at is not None,
    )


def answer(person_id: int, sitting_id: int, question_id: int, given: Given, now: datetime) -> bool:
    """Keep the first answer to a question of a sitting, add its evidence; tell whether it was kept now.

    A second try, from another tab or a retry after a lost connection, changes nothing. Raise UnknownSittingError for
    a question that was not put, RefusedError once the sitting is finished.
    """
    sitting = _sitting(person_id, sitting_id)
    if question_id not in sitting.questions:
        raise UnknownSittingError
    query = select(Answer.id).where(Answer.sitting_id == sitting_id, Answer.question_id == question_id)
    if db.session.scalar(query) is not None:
        return False
    if sitting.finished_at is not None:
        raise RefusedError(Text("Ce questionnaire est terminé.", "This quiz is finished."))
    row = db.session.get_one(Question, question_id)
    question = BankQuestion.model_validate(row.document)
    correct = grade(question, given)
    kept = insert_once(
        Answer,
        {
            "sitting_id": sitting_id,
            "question_id": question_id,
            "given": dict(given),
            "correct": correct,
            "answered_at": now,
        },
    )
    if kept:
        add_answer(person_id, question, given, correct, f"answer:{sitting_id}:{question_id}", now, sitting_id)
    return kept


def finish(person_id: int, sitting_id: int, now: datetime) -> SittingView:
    """Close an answered quiz; where it is passed, the module is completed and that is evidence."""
    sitting = _sitting(person_id, sitting_id)
    view = _view(sitting)
    if view.open_question is not None:
        raise RefusedError(Text("Il reste des questions sans réponse.", "Some questions are still unanswered."))
    if sitting.finished_at is None:
        sitting.finished_at = now
        if view.passed and view.version_id is not None:
            complete_module(person_id, view.version_id, now)
    return _view(sitting)


def follow(version: ModuleVersion, now: datetime, *, keep: bool) -> None:
    """After people moved to a new version: their unfinished final questions count there, or end to be drawn anew."""
    earlier = select(ModuleVersion.id).where(ModuleVersion.module_id == version.module_id)
    change = {"version_id": version.id} if keep else {"finished_at": now}
    db.session.execute(
        update(Sitting)
        .where(
            Sitting.kind == "quiz",
            Sitting.finished_at.is_(None),
            Sitting.version_id.in_(earlier),
            Sitting.version_id != version.id,
        )
        .values(change)
        .execution_options(synchronize_session="fetch")
    )


def complete_module(person_id: int, version_id: int, now: datetime) -> None:
    """Complete the person's enrolment in this version and add the evidence of its steps."""
    enrolment = db.session.scalar(
        select(Enrolment)
        .where(Enrolment.person_id == person_id, Enrolment.version_id == version_id)
        .options(joinedload(Enrolment.version))
    )
    if enrolment is None or not learning.complete(enrolment, now):
        return
    head = ModuleHead.model_validate(enrolment.version.head)
    for step in head.steps:
        key = f"completion:{version_id}:{step.c}"
        add_evidence(person_id, step.c, "completion", step.to + 0.2, key, now)
