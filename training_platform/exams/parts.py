"""A part of an exam as its candidate takes it: begun, saved answer by answer, handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy import select, update

from training_platform.cases.format import Case
from training_platform.cases.rules import Taken
from training_platform.catalogue.format import BankQuestion
from training_platform.catalogue.grading import Given
from training_platform.catalogue.models import Question
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.exams import cases as exam_cases
from training_platform.exams.access import UnknownExamError, own_exam, part_of
from training_platform.exams.accommodations import extra_percent
from training_platform.exams.closing import close_part, conclude, settled
from training_platform.exams.models import LONGEST_TEXT, ExamItem, ExamPartRow
from training_platform.exams.quiz import draw_questions, items_of, mixed
from training_platform.exams.rules import allowed, ends_at, may_save, seconds_left
from training_platform.framework.rules import Framework
from training_platform.text import Text, counted, excess


class TooLateError(RefusedError):
    """The time is over: what came before is kept, this is not."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Le temps est écoulé : cette réponse est arrivée trop tard. Toutes celles d'avant sont gardées.",
                "Time is over: this answer came too late. All those before are kept.",
            )
        )


class TooLongError(RefusedError):
    """The text is longer than what is kept."""


class NotNowError(RefusedError):
    """The act does not fit the state that the exam is in."""


@dataclass(frozen=True, kw_only=True)
class QuestionView:
    """The question of one place of a quiz, its parts in the order of this sitting."""

    place: int
    question: BankQuestion
    given: Given | None
    answered: tuple[bool, ...]
    """For each place whether an answer is saved."""
    left: int
    """Seconds."""


def part_row(person_id: int, exam_id: int, part_id: str, now: datetime) -> ExamPartRow:
    """Return one part of the person's exam, closed where its time is over; raise UnknownExamError."""
    row = settled(own_exam(person_id, exam_id), now)
    found = next((part for part in row.parts if part.part_id == part_id), None)
    if found is None:
        raise UnknownExamError
    return found


def start(
    person_id: int,
    exam_id: int,
    part_id: str,
    framework: Framework,
    library: Mapping[str, Case],
    now: datetime,
) -> None:
    """Begin a part, once: a second tab or device finds the same sitting. Raise NotNowError, BankTooSmallError."""
    row = part_row(person_id, exam_id, part_id, now)
    if row.started_at is not None:
        return
    _require_startable(row)
    part = part_of(row)
    end = ends_at(now, allowed(part.minutes, extra_percent(person_id)))
    begun = db.session.scalar(
        update(ExamPartRow)
        .where(ExamPartRow.id == row.id, ExamPartRow.started_at.is_(None))
        .values(started_at=now, ends_at=end)
        .returning(ExamPartRow.id)
    )
    if begun is None:
        return
    db.session.refresh(row)
    if part.kind == "quiz":
        draw_questions(row, part, framework)
    if part.kind == "case":
        row.cases = exam_cases.draw_cases(person_id, part, library, Random(f"{row.exam.candidate}:{part.id}"))
    db.session.flush()


def _require_startable(row: ExamPartRow) -> None:
    if row.exam.honest_at is None:
        raise NotNowError(
            Text(
                "Lisez d'abord l'engagement de loyauté et acceptez-le, en haut de la page des épreuves.",
                "First read the statement of honest conduct and accept it, at the top of the exam page.",
            )
        )
    if row.kind == "room":
        raise NotNowError(
            Text(
                "Cette partie se passe en salle : présentez-vous avec votre numéro de candidat.",
                "This part is done in the room: come with your candidate number.",
            )
        )


def question_at(row: ExamPartRow, place: int, now: datetime) -> QuestionView:
    """Return the question of one place; raise UnknownExamError outside the sitting, NotNowError before or after it."""
    _require_begun(row)
    items = items_of(row)
    if not 1 <= place <= len(items):
        raise UnknownExamError
    item = items[place - 1]
    question = BankQuestion.model_validate(db.session.get_one(Question, item.question_id).document)
    assert row.started_at is not None
    return QuestionView(
        place=place,
        question=mixed(question, row.exam.candidate),
        given=item.given,
        answered=tuple(one.saved_at is not None for one in items),
        left=seconds_left(row.started_at, row.ends_at, now) if row.ends_at else 0,
    )


def _require_begun(row: ExamPartRow) -> None:
    if row.started_at is None:
        raise NotNowError(
            Text("Cette partie n'est pas commencée. Commencez-la.", "This part has not begun. Begin it first.")
        )
    if row.handed_in_at is not None:
        raise NotNowError(
            Text(
                "Cette partie est rendue : elle ne se modifie plus.",
                "This part is handed in: it can no longer be changed.",
            )
        )


def save_answer(row: ExamPartRow, place: int, given: Given, now: datetime) -> None:
    """Keep an answer, the latest counts; raise TooLateError after the end and a few seconds, NotNowError once handed in."""
    _require_open(row, now)
    item = db.session.scalar(select(ExamItem).where(ExamItem.part_row_id == row.id, ExamItem.place == place))
    if item is None:
        raise UnknownExamError
    item.given, item.saved_at = dict(given), now
    db.session.flush()


def save_text(row: ExamPartRow, body: str, now: datetime) -> None:
    """Keep the text written so far, whole; raise TooLateError, NotNowError, TooLongError."""
    _require_open(row, now)
    if over := excess(body, LONGEST_TEXT):
        raise TooLongError(over)
    row.body = body
    db.session.flush()


def decide_case(
    row: ExamPartRow, library: Mapping[str, Case], slug: str, decision: str, taken: Taken, now: datetime
) -> None:
    """Keep one decision of a case; raise TooLateError, NotNowError, and what ``exam_cases.decide`` raises."""
    _require_open(row, now)
    exam_cases.decide(row, library, slug, decision, taken, now)


def _require_open(row: ExamPartRow, now: datetime) -> None:
    """Hold the part open until this request ends: a hand-in at the same instant waits for it, then marks what it saved."""
    if row.started_at is not None and not may_save(row.ends_at, now):
        raise TooLateError
    _require_begun(row)
    # Writing the row locks it in every database; read again, it tells of a hand-in that came first.
    held = (
        update(ExamPartRow)
        .where(ExamPartRow.id == row.id, ExamPartRow.handed_in_at.is_(None))
        .values(ends_at=ExamPartRow.ends_at)
        .returning(ExamPartRow.id)
    )
    if db.session.scalar(held, execution_options={"synchronize_session": False}) is None:
        db.session.refresh(row)
        _require_begun(row)


def words_in(text: str) -> int:
    """Count the words of a text."""
    return len(text.split())


def hand_in(person_id: int, exam_id: int, part_id: str, library: Mapping[str, Case], now: datetime) -> None:
    """Hand a part in; twice is once. Raise NotNowError where it is not begun or not long enough."""
    row = part_row(person_id, exam_id, part_id, now)
    if row.handed_in_at is not None:
        return
    _require_begun(row)
    part = part_of(row)
    if words_in(row.body) < part.least_words:
        words = counted(words_in(row.body), ("mot", "mots"), ("word", "words"))
        raise NotNowError(
            Text(
                f"Votre texte a {words.fr} ; il en faut {part.least_words} au moins. Il est enregistré.",
                f"Your text has {words.en}; it needs {part.least_words} at least. It is saved.",
            )
        )
    if part.kind == "case" and not exam_cases.finished(row, library):
        raise NotNowError(
            Text(
                "Il reste des décisions à prendre. Elles sont enregistrées une à une.",
                "Some decisions are still to be taken. They are saved one by one.",
            )
        )
    close_part(row, now)
    conclude(row.exam, now)
