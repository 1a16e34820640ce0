"""The quiz of an exam: its questions drawn from the reserved bank, and marked once it is handed in."""

from __future__ import annotations

from datetime import datetime
from random import Random

from sqlalchemy import select

from training_platform.assessment import service as assessment
from training_platform.catalogue.format import BankQuestion
from training_platform.catalogue.grading import grade
from training_platform.catalogue.models import Question
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.exams.models import ExamItem, ExamPartRow
from training_platform.exams.reserved_bank import bank_of, counts_of
from training_platform.exams.rules import draw, shortage
from training_platform.framework.rules import Framework
from training_platform.text import Text
from training_platform.tracks import service as tracks
from training_platform.tracks.format import ExamPart


class BankTooSmallError(RefusedError):
    """The reserved bank cannot make up a sitting."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Il n'y a pas encore assez de questions réservées pour composer ce questionnaire. Rien n'est perdu : votre "
                "responsable de formation voit ce qui manque. Revenez quand il l'aura complété.",
                "There are not enough reserved questions yet to make up this quiz. Nothing is lost: your training officer "
                "sees what is missing. Come back when it has been completed.",
            )
        )


def draw_questions(row: ExamPartRow, part: ExamPart, framework: Framework) -> None:
    """Put the questions of a sitting; raise BankTooSmallError."""
    track = tracks.parsed(row.exam.version)
    bank, counts = bank_of(track, framework, row.exam.person_id), counts_of(track, part)
    if shortage(bank, counts):
        raise BankTooSmallError
    drawn = draw(bank, counts, Random(f"{row.exam.candidate}:{part.id}"))
    keys = dict(db.session.execute(select(Question.id, Question.key).where(Question.id.in_(drawn))).tuples().all())
    db.session.add_all(
        ExamItem(part_row_id=row.id, place=place, question_id=key, question_key=keys[key])
        for place, key in enumerate(drawn, 1)
    )


def items_of(row: ExamPartRow) -> list[ExamItem]:
    """Return the questions of a sitting in the order in which they are put."""
    query = select(ExamItem).where(ExamItem.part_row_id == row.id).order_by(ExamItem.place)
    return list(db.session.scalars(query))


def mixed(question: BankQuestion, candidate: str) -> BankQuestion:
    """Return a question with its options in an order of this sitting's own."""
    options = list(question.options)
    Random(f"{candidate}:{question.id}").shuffle(options)
    return question.model_copy(update={"options": options})


def mark(row: ExamPartRow, moment: datetime) -> None:
    """Mark the answers; those that were given inform the levels from now on."""
    items = items_of(row)
    documents = select(Question.id, Question.document).where(Question.id.in_([item.question_id for item in items]))
    bank = {key: BankQuestion.model_validate(document) for key, document in db.session.execute(documents)}
    for item in items:
        question = bank[item.question_id]
        item.correct = item.given is not None and grade(question, item.given)
        if item.given is not None:
            key = f"exam:{row.id}:{item.place}"
            assessment.add_answer(row.exam.person_id, question, item.given, item.correct, key, moment)
    row.share = sum(bool(item.correct) for item in items) / max(len(items), 1)
    row.safe = all(item.correct for item in items if bank[item.question_id].safety)
