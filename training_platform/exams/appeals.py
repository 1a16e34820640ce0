"""Appeals against the result of an exam: filed by the candidate, decided with reasons by an officer who did not mark it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from training_platform.db import db
from training_platform.errors import ForbiddenError, NotFoundError, RefusedError
from training_platform.exams import marking
from training_platform.exams.models import LONGEST_WORDS, Exam, ExamAppeal, ExamMark, ExamPartRow
from training_platform.exams.service import exam_of
from training_platform.organisation import service as organisation
from training_platform.text import Text, excess
from training_platform.tracks import service as tracks
from training_platform.tracks.format import Track

RIGHT = "training_officer"
FILED = Text("Votre recours est déjà déposé : il sera examiné.", "Your appeal is filed already: it will be examined.")
DECIDED = Text("Ce recours est déjà décidé.", "This appeal is decided already.")


@dataclass(frozen=True, kw_only=True)
class AppealView:
    """An appeal as its decider sees it."""

    id: int
    candidate: str
    track: Track
    outcome: str
    reason: str
    filed_at: datetime


class AppealFormError(RefusedError):
    """The words of an appeal, or of its decision, are too few or too many."""


def file_appeal(person_id: int, exam_id: int, reason: str, now: datetime) -> None:
    """File an appeal against a result; raise RefusedError without reasons or twice."""
    view = exam_of(person_id, exam_id, now)
    if view.outcome is None or view.outcome.passed:
        raise RefusedError(
            Text(
                "Un recours porte sur une épreuve non réussie, une fois son résultat connu.",
                "An appeal is against an exam that was not passed, once its result is known.",
            )
        )
    if len(reason.strip()) < 30:
        raise AppealFormError(
            Text(
                "Dites en quelques phrases ce que vous contestez : c'est ce qui sera examiné.",
                "Say in a few sentences what you contest: that is what will be examined.",
            )
        )
    if over := excess(reason.strip(), LONGEST_WORDS):
        raise AppealFormError(over)
    if appeal_of(exam_id) is not None:
        raise RefusedError(FILED)
    try:
        with db.session.begin_nested():
            db.session.add(ExamAppeal(exam_id=exam_id, reason=reason.strip(), filed_at=now))
    except IntegrityError:
        raise RefusedError(FILED) from None


def appeal_of(exam_id: int) -> ExamAppeal | None:
    """Return the appeal against an exam's result."""
    return db.session.scalar(select(ExamAppeal).where(ExamAppeal.exam_id == exam_id))


def appeals_for(officer_id: int) -> list[AppealView]:
    """Return the appeals that the officer may decide, the oldest first; never those of exams that the officer marked.

    One query, however many there are.
    """
    organisation.require_right(officer_id, RIGHT)
    marked = select(ExamPartRow.exam_id).join(ExamMark).where(ExamMark.examiner_id == officer_id)
    query = (
        select(ExamAppeal)
        .join(Exam)
        .where(
            ExamAppeal.decision.is_(None),
            Exam.person_id != officer_id,
            Exam.id.not_in(marked),
            Exam.person_id.in_(organisation.people_within(officer_id, RIGHT)),
        )
        .options(joinedload(ExamAppeal.exam).joinedload(Exam.version))
        .order_by(ExamAppeal.id)
    )
    return [
        AppealView(
            id=row.id,
            candidate=row.exam.candidate,
            track=tracks.parsed(row.exam.version),
            outcome=row.exam.outcome or "",
            reason=row.reason,
            filed_at=row.filed_at,
        )
        for row in db.session.scalars(query)
    ]


def decide(officer_id: int, appeal_id: int, decision: str, answer: str, now: datetime) -> None:
    """Decide an appeal with reasons; upheld, the try does not count and a new one may be opened at once.

    Raise ForbiddenError for one's own exam, an exam that one marked, or outside one's units.
    """
    organisation.require_right(officer_id, RIGHT)
    row = db.session.scalar(select(ExamAppeal).where(ExamAppeal.id == appeal_id).options(joinedload(ExamAppeal.exam)))
    if row is None:
        raise NotFoundError(Text("Ce recours n'existe pas.", "This appeal does not exist."))
    _require_decider(officer_id, row.exam)
    if row.decision is not None:
        raise RefusedError(DECIDED)
    if decision not in ("rejected", "upheld") or len(answer.strip()) < 30:
        raise AppealFormError(
            Text(
                "Choisissez une décision et motivez-la en quelques phrases : le candidat les lira.",
                "Choose a decision and give your reasons in a few sentences: the candidate will read them.",
            )
        )
    if over := excess(answer.strip(), LONGEST_WORDS):
        raise AppealFormError(over)
    mine = db.session.scalar(
        update(ExamAppeal)
        .where(ExamAppeal.id == appeal_id, ExamAppeal.decision.is_(None))
        .values(decision=decision, answer=answer.strip(), decider_id=officer_id, decided_at=now)
        .returning(ExamAppeal.id)
    )
    if mine is None:
        raise RefusedError(DECIDED)
    if decision == "upheld":
        row.exam.annulled_at = now
    db.session.flush()


def _require_decider(officer_id: int, exam: Exam) -> None:
    if exam.person_id == officer_id or officer_id in marking.examiners_of(exam.id):
        raise ForbiddenError(
            Text(
                "Qui a passé ou noté l'épreuve ne décide pas du recours.",
                "Whoever took or marked the exam does not decide on the appeal.",
            )
        )
    if RIGHT not in organisation.rights_over(officer_id, exam.person_id):
        raise ForbiddenError(
            Text("Ce candidat ne relève pas de vos structures.", "This candidate does not belong to your units.")
        )
