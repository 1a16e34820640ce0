"""What a person knows: self-rating, the quiz that ends a module, evidence and levels."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import joinedload

from training_platform.assessment import item_parameters
from training_platform.assessment.item_parameters import Calibrated
from training_platform.assessment.models import Answer, Evidence, Sitting
from training_platform.assessment.rules import Estimate, Item, Observation, State, estimate, estimates_of, state_of
from training_platform.assessment.rules.estimate import DISCRIMINATION
from training_platform.assessment.rules.history import Moment, history
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
NO_GUESSING = 0.1
"""Chance to be right without knowing where there is nothing to pick one of: partial knowledge finds some answers."""
DIFFICULTY = {"easier": -0.3, "as_step": 0.0, "harder": 0.3}


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


def levels(person_id: int, competencies: Sequence[str], now: datetime) -> dict[str, Estimate]:
    """Return the person's estimates; the whole framework goes in, so that each competency informs the others."""
    return known(person_id, competencies, now)[1]


def known(person_id: int, competencies: Sequence[str], now: datetime) -> tuple[State, dict[str, Estimate]]:
    """Return what is known of the person: all together, and competency by competency."""
    evidence = observations(person_id)
    state = state_of(competencies, evidence, now)
    return state, estimates_of(state, evidence)


def observations(person_id: int, without: int | None = None) -> list[Observation]:
    """Return the person's evidence as the estimate takes it, but for one sitting; contested ones never count; one query."""
    rows = db.session.scalars(select(Evidence).where(_counting([person_id])).order_by(Evidence.id)).all()
    return [_observation(row) for row in _standing(rows) if without is None or row.sitting_id != without]


def _counting(person_ids: Collection[int]) -> ColumnElement[bool]:
    """Say in SQL which evidence of these people counts: neither void nor contested."""
    contested = select(Sitting.id).where(Sitting.person_id.in_(person_ids), Sitting.contested_at.is_not(None))
    return and_(
        Evidence.person_id.in_(person_ids),
        Evidence.void_at.is_(None),
        or_(Evidence.sitting_id.is_(None), Evidence.sitting_id.not_in(contested)),
    )


def _standing(rows: Sequence[Evidence]) -> list[Evidence]:
    """Keep one person's evidence but for self-ratings that a later one replaces."""
    latest_rating = {row.competency: row.id for row in rows if row.kind == "self_rating"}
    return [row for row in rows if row.kind != "self_rating" or latest_rating[row.competency] == row.id]


def granted_by_person(
    person_ids: Sequence[int], competencies: Sequence[str], now: datetime
) -> dict[int, dict[str, int]]:
    """Return the levels granted to each of several people; one query."""
    query = select(Evidence).where(_counting(person_ids))
    rows: dict[int, list[Evidence]] = {person_id: [] for person_id in person_ids}
    for row in db.session.scalars(query.order_by(Evidence.id)):
        rows[row.person_id].append(row)
    return {
        person_id: {
            competency: level.granted
            for competency, level in estimate(competencies, [_observation(row) for row in _standing(own)], now).items()
        }
        for person_id, own in rows.items()
    }


def observations_of_many(people: Collection[int]) -> dict[int, list[Observation]]:
    """Return the same for many people at once; one query, in which nobody without evidence appears."""
    query = select(
        Evidence.id,
        Evidence.person_id,
        Evidence.competency,
        Evidence.kind,
        Evidence.level,
        Evidence.correct,
        Evidence.discrimination,
        Evidence.options,
        Evidence.at,
    ).where(_counting(people))
    rows = db.session.execute(query.order_by(Evidence.id)).all()
    latest_rating = {(row.person_id, row.competency): row.id for row in rows if row.kind == "self_rating"}
    found: dict[int, list[Observation]] = {}
    for row in rows:
        if row.kind != "self_rating" or latest_rating[row.person_id, row.competency] == row.id:
            found.setdefault(row.person_id, []).append(_observation(row))
    return found


def _observation(row: Evidence | Row[Any]) -> Observation:
    item = None
    if row.kind == "answer":
        item = Item(
            difficulty=row.level,
            discrimination=row.discrimination or DISCRIMINATION["medium"],
            guessing=1 / row.options if row.options else NO_GUESSING,
        )
    return Observation(
        competency=row.competency, kind=row.kind, at=row.at, level=row.level, item=item, correct=bool(row.correct)
    )


def history_of(person_id: int, competency: str, competencies: Sequence[str], now: datetime) -> list[Moment]:
    """Return how the estimate of one competency came to be, the oldest evidence first; one query."""
    return history(competency, competencies, observations(person_id), now)


def set_aside(person_id: int, competency: str) -> list[Evidence]:
    """Return the evidence on one competency that no longer counts, the latest first: void, contested or replaced."""
    query = select(Evidence).where(Evidence.person_id == person_id, Evidence.competency == competency)
    counts = select(Evidence.id).where(_counting([person_id]), Evidence.competency == competency)
    counting = db.session.scalars(select(Evidence).where(Evidence.id.in_(counts)).order_by(Evidence.id)).all()
    kept = {row.id for row in _standing(counting)}
    return [row for row in db.session.scalars(query.order_by(Evidence.id.desc())) if row.id not in kept]


def difficulty_of(question: BankQuestion) -> float:
    """Return the author's difficulty on the level scale: the middle of the step, a little more or less."""
    return question.step.from_level + 0.5 + DIFFICULTY[question.difficulty]


def item_of(question: BankQuestion, found: Calibrated | None = None) -> Item:
    """Return the item parameters of a question: those that its answers gave, the author's before there are enough."""
    guessing = 1 / len(question.options) if question.kind == "single" else NO_GUESSING
    return Item(
        difficulty=found.difficulty if found else difficulty_of(question),
        discrimination=found.discrimination if found else DISCRIMINATION[question.discrimination],
        guessing=guessing,
    )


def rated(person_id: int) -> dict[str, int]:
    """Return the person's latest self-ratings."""
    query = select(Evidence).where(Evidence.person_id == person_id, Evidence.kind == "self_rating")
    return {row.competency: round(row.level) for row in db.session.scalars(query.order_by(Evidence.id))}


def rate_self(person_id: int, ratings: Mapping[str, int], now: datetime) -> None:
    """Add a self-rating per competency where it differs from the last one."""
    before = rated(person_id)
    for competency, level in ratings.items():
        if before.get(competency) != level:
            key = f"self:{competency}:{now.isoformat()}"
            add_evidence(person_id, competency, "self_rating", float(level), key, now)


def add_evidence(person_id: int, competency: str, kind: str, level: float, key: str, now: datetime) -> None:
    """Append one attested level; the same key twice is one piece of evidence."""
    _insert_once(
        Evidence,
        {"person_id": person_id, "competency": competency, "kind": kind, "level": level, "key": key, "at": now},
    )


def _insert_once(table: type[Answer | Evidence], row: Mapping[str, Any]) -> bool:
    """Insert a row unless its key is there already, by another tab or server even; tell whether it was inserted."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    # What came back says whether the row is new: the count of rows is not told alike by the two databases.
    insert = dialect.insert(table).values(**row).on_conflict_do_nothing().returning(table.id)
    return db.session.scalar(insert) is not None


def void_evidence(person_id: int, prefix: str, now: datetime) -> None:
    """Let the evidence whose key begins so no longer count: what it rested on was withdrawn or refused."""
    db.session.execute(
        update(Evidence)
        .where(Evidence.person_id == person_id, Evidence.key.startswith(prefix), Evidence.void_at.is_(None))
        .values(void_at=now)
    )


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
    kept = _insert_once(
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


def add_answer(
    person_id: int,
    question: BankQuestion,
    given: Given,
    correct: bool,
    key: str,
    now: datetime,
    sitting_id: int | None = None,
) -> None:
    """Append an answer as evidence of its step; it keeps the parameters of its day whatever later calibrations find."""
    item = item_of(question, next(iter(item_parameters.lookup([question]).values()), None))
    _insert_once(
        Evidence,
        {
            "person_id": person_id,
            "competency": question.step.c,
            "kind": "answer",
            "level": item.difficulty,
            "discrimination": item.discrimination,
            "options": len(question.options) if question.kind == "single" and not given.get("unknown") else None,
            "correct": correct,
            "sitting_id": sitting_id,
            "key": key,
            "at": now,
        },
    )


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
