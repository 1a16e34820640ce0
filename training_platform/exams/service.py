"""A candidate's exam: opened, begun part by part, saved answer by answer, handed in, closed by the stated rule."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Literal

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from training_platform.assessment import service as assessment
from training_platform.cases.format import Case
from training_platform.cases.rules import Taken
from training_platform.catalogue import visible
from training_platform.catalogue.format import BankQuestion
from training_platform.catalogue.grading import Given, grade
from training_platform.catalogue.models import Question
from training_platform.db import db
from training_platform.errors import NotFoundError, RefusedError
from training_platform.exams import cases as exam_cases
from training_platform.exams.models import Accommodation, Exam, ExamItem, ExamPartRow
from training_platform.exams.rules import (
    BankItem,
    Outcome,
    PartResult,
    allowed,
    apportion,
    draw,
    ends_at,
    may_save,
    next_try,
    outcome,
    seconds_left,
    shortage,
)
from training_platform.exams.rules.timing import GRACE, Try, over
from training_platform.framework.rules import Framework
from training_platform.text import Text
from training_platform.tracks import service as tracks
from training_platform.tracks.format import ExamPart, Track
from training_platform.tracks.rules import renewal_parts


class UnknownExamError(NotFoundError):
    """No such exam or part for this person."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Cette épreuve n'existe pas ou n'est pas la vôtre. Ouvrez-la depuis la page de la certification.",
                "This exam does not exist or is not yours. Open it from the page of the certification.",
            )
        )


class TooEarlyError(RefusedError):
    """The exam may not be taken again yet."""


class TooLateError(RefusedError):
    """The time is over: what came before is kept, this is not."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Le temps est écoulé : cette réponse est arrivée trop tard. Toutes celles d'avant sont gardées.",
                "Time is over: this answer came too late. All those before are kept.",
            )
        )


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


class NotNowError(RefusedError):
    """The act does not fit the state that the exam is in."""


Progress = Literal["begun", "marking", "passed", "failed"]


@dataclass(frozen=True, kw_only=True)
class ExamState:
    """How far an exam is, without what was answered."""

    state: Progress
    parts: frozenset[str]
    """Those that have their result."""
    purpose: str
    opened_at: datetime


@dataclass(frozen=True, kw_only=True)
class PartView:
    """A part as its candidate sees it."""

    row_id: int
    part: ExamPart
    minutes: int
    """With the extra time granted; 0: no limit."""
    state: str
    """waiting, begun, marking, marked; room parts are ``waiting`` until marked."""
    ends_at: datetime | None
    share: float | None
    answered: int
    asked: int


@dataclass(frozen=True, kw_only=True)
class ExamView:
    """An exam as its candidate sees it."""

    id: int
    track: Track
    candidate: str
    purpose: str
    opened_at: datetime
    honest: bool
    closed_at: datetime | None
    outcome: Outcome | None
    annulled: bool
    extra_percent: int
    parts: tuple[PartView, ...]

    @property
    def state(self) -> str:
        """begun, marking (all handed in), passed or failed."""
        if self.outcome is not None:
            return "passed" if self.outcome.passed else "failed"
        left = [part for part in self.parts if part.state in ("waiting", "begun") and part.part.kind != "room"]
        return "begun" if left else "marking"


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


def parts_of(track: Track, purpose: str) -> tuple[ExamPart, ...]:
    """Return the parts of an exam: all of the track's, or the shortened ones of a renewal."""
    return renewal_parts(track) if purpose == "renewal" else tuple(track.exam.parts)


# --- opening ---


def latest(person_id: int, track_id: str, now: datetime) -> ExamView | None:
    """Return the person's latest exam of a track that counts; an annulled one does not."""
    query = select(Exam).where(Exam.person_id == person_id, Exam.track_id == track_id, Exam.annulled_at.is_(None))
    row = db.session.scalar(query.options(*_whole()).order_by(Exam.id.desc()).limit(1))
    return None if row is None else _view(_settled(row, now))


def states_of(person_ids: Collection[int]) -> dict[tuple[int, str], ExamState]:
    """Return how far each person's latest exam of each track is, annulled ones left out; three queries."""
    rows = db.session.scalars(
        select(Exam)
        .where(Exam.person_id.in_(person_ids), Exam.annulled_at.is_(None))
        .options(*_whole())
        .order_by(Exam.id)
    )
    return {
        (row.person_id, row.track_id): ExamState(
            state=_state(row),
            parts=frozenset(part.part_id for part in row.parts if part.share is not None),
            purpose=row.purpose,
            opened_at=row.opened_at,
        )
        for row in rows
    }


def _state(row: Exam) -> Progress:
    if row.outcome is not None:
        return "passed" if row.outcome == "passed" else "failed"
    return "begun" if any(part.handed_in_at is None and part.kind != "room" for part in row.parts) else "marking"


def _whole() -> tuple[ExecutableOption, ...]:
    return (selectinload(Exam.parts), joinedload(Exam.version))


def opens_from(person_id: int, track: Track, now: datetime) -> datetime | None:
    """Return from when the person may open a new exam, None where it may be now."""
    rows = db.session.scalars(
        select(Exam).where(Exam.person_id == person_id, Exam.track_id == track.id, Exam.annulled_at.is_(None))
    )
    tries = [Try(opened_at=row.opened_at, closed_at=row.closed_at) for row in rows if row.purpose == "award"]
    return next_try(track.exam.retakes, tries, now)


def open_exam(person_id: int, track: Track, purpose: str, now: datetime) -> int:
    """Return the person's open exam of a track, or open one; raise TooEarlyError."""
    row = _open_row(person_id, track.id)
    if row is not None:
        return row.id
    earliest = opens_from(person_id, track, now) if purpose == "award" else None
    if earliest is not None:
        raise TooEarlyError(
            Text(
                f"Vous pourrez repasser l'épreuve à partir du {earliest:%d/%m/%Y}. D'ici là, les questions de révision et "
                "les cas d'entraînement restent ouverts.",
                f"You may take the exam again from {earliest:%d/%m/%Y}. Until then, review questions and practice cases "
                "stay open.",
            )
        )
    row = Exam(
        person_id=person_id,
        track_id=track.id,
        track_version_id=tracks.version_id(track, now),
        purpose=purpose,
        candidate=f"{secrets.randbelow(10**8):08d}",
        opened_at=now,
        parts=[ExamPartRow(part_id=part.id, kind=part.kind, cases=[], faults=[]) for part in parts_of(track, purpose)],
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        row = _open_row(person_id, track.id)
        assert row is not None
    return row.id


def _open_row(person_id: int, track_id: str) -> Exam | None:
    query = select(Exam).where(Exam.person_id == person_id, Exam.track_id == track_id, Exam.closed_at.is_(None))
    return db.session.scalar(query)


def accept_conduct(person_id: int, exam_id: int, now: datetime) -> None:
    """Keep that the candidate accepted the statement of honest conduct."""
    row = _own(person_id, exam_id)
    row.honest_at = row.honest_at or now
    db.session.flush()


def _own(person_id: int, exam_id: int) -> Exam:
    row = db.session.scalar(select(Exam).where(Exam.id == exam_id).options(*_whole()))
    if row is None or row.person_id != person_id:
        raise UnknownExamError
    return row


def part_of(row: ExamPartRow) -> ExamPart:
    """Return what the track asks of a part; raise UnknownExamError where it no longer says."""
    track = tracks.parsed(row.exam.version)
    return {part.id: part for part in parts_of(track, row.exam.purpose)}[row.part_id]


def extra_percent(person_id: int) -> int:
    """Return the extra time granted to a person, in percent."""
    query = select(Accommodation.extra_percent).where(
        Accommodation.person_id == person_id, Accommodation.ended_at.is_(None)
    )
    return db.session.scalar(query.order_by(Accommodation.id.desc()).limit(1)) or 0


def exam_of(person_id: int, exam_id: int, now: datetime) -> ExamView:
    """Return an exam of the person; what has run out of time is closed. Raise UnknownExamError."""
    return _view(_settled(_own(person_id, exam_id), now))


def _view(row: Exam) -> ExamView:
    track = tracks.parsed(row.version)
    extra = extra_percent(row.person_id)
    asked = _asked([part.id for part in row.parts])
    return ExamView(
        id=row.id,
        track=track,
        candidate=row.candidate,
        purpose=row.purpose,
        opened_at=row.opened_at,
        honest=row.honest_at is not None,
        closed_at=row.closed_at,
        outcome=_outcome(row) if row.closed_at else None,
        annulled=row.annulled_at is not None,
        extra_percent=extra,
        parts=tuple(_part_view(part, extra, asked.get(part.id, (0, 0))) for part in row.parts),
    )


def _asked(part_rows: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return for each quiz how many questions have an answer, and how many there are; one query."""
    query = (
        select(ExamItem.part_row_id, func.count(ExamItem.saved_at), func.count())
        .where(ExamItem.part_row_id.in_(part_rows))
        .group_by(ExamItem.part_row_id)
    )
    return {row: (answered, asked) for row, answered, asked in db.session.execute(query)}


def _part_view(row: ExamPartRow, extra: int, asked: tuple[int, int]) -> PartView:
    part = part_of(row)
    state = "marked" if row.share is not None else "marking" if row.handed_in_at else "begun" if row.started_at else ""
    return PartView(
        row_id=row.id,
        part=part,
        minutes=allowed(part.minutes, extra),
        state=state or "waiting",
        ends_at=row.ends_at,
        share=row.share,
        answered=asked[0],
        asked=asked[1],
    )


# --- a part ---


def part_row(person_id: int, exam_id: int, part_id: str, now: datetime) -> ExamPartRow:
    """Return one part of the person's exam, closed where its time is over; raise UnknownExamError."""
    row = _settled(_own(person_id, exam_id), now)
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
        _draw_questions(row, part, framework)
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


def bank_of(track: Track, framework: Framework, person_id: int | None) -> list[BankItem]:
    """Return the reserved questions that a track's quiz may draw: of its domains, up to the levels that it asks.

    They come from the modules that the person sees (None: the national catalogue): other units' own modules never
    enter, a copy stands for its original. A question that two modules share is there once. Practice questions never enter: where this bank is too
    small, no exam begins.
    """
    live = [module.version_id for module in visible.modules_for(person_id) if not module.planned]
    rows = db.session.execute(
        select(Question.id, Question.key, Question.competency, Question.from_level)
        .where(Question.version_id.in_(live), Question.reserved.is_(True), Question.competency.in_(track.min_levels))
        .order_by(Question.key, Question.id)
    ).all()
    exposure = dict(
        db.session.execute(select(ExamItem.question_key, func.count()).group_by(ExamItem.question_key)).tuples().all()
    )
    seen = _seen(person_id) if person_id is not None else frozenset()
    first = {key: question_id for question_id, key, _, _ in reversed(rows)}
    return [
        BankItem(
            id=question_id,
            domain=framework.competencies[competency].domain,
            competency=competency,
            exposure=exposure.get(key, 0),
            seen=key in seen,
        )
        for question_id, key, competency, from_level in rows
        if first[key] == question_id
        and competency in framework.competencies
        and from_level < track.min_levels[competency]
    ]


def _seen(person_id: int) -> frozenset[str]:
    query = select(ExamItem.question_key).join(ExamPartRow).join(Exam).where(Exam.person_id == person_id)
    return frozenset(db.session.scalars(query))


def counts_of(track: Track, part: ExamPart) -> dict[str, int]:
    """Return how many questions of each domain a quiz draws."""
    return apportion(track.exam.blueprint, part.items)


def _draw_questions(row: ExamPartRow, part: ExamPart, framework: Framework) -> None:
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


def _items(row: ExamPartRow) -> list[ExamItem]:
    query = select(ExamItem).where(ExamItem.part_row_id == row.id).order_by(ExamItem.place)
    return list(db.session.scalars(query))


def question_at(row: ExamPartRow, place: int, now: datetime) -> QuestionView:
    """Return the question of one place; raise UnknownExamError outside the sitting, NotNowError before or after it."""
    _require_begun(row)
    items = _items(row)
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


def mixed(question: BankQuestion, candidate: str) -> BankQuestion:
    """Return a question with its options in an order of this sitting's own."""
    options = list(question.options)
    Random(f"{candidate}:{question.id}").shuffle(options)
    return question.model_copy(update={"options": options})


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
    """Keep the text written so far; raise TooLateError, NotNowError."""
    _require_open(row, now)
    row.body = body[:60_000]
    db.session.flush()


def decide_case(
    row: ExamPartRow, library: Mapping[str, Case], slug: str, decision: str, taken: Taken, now: datetime
) -> None:
    """Keep one decision of a case; raise TooLateError, NotNowError, and what ``exam_cases.decide`` raises."""
    _require_open(row, now)
    exam_cases.decide(row, library, slug, decision, taken, now)


def _require_open(row: ExamPartRow, now: datetime) -> None:
    if row.started_at is not None and not may_save(row.ends_at, now):
        raise TooLateError
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
        raise NotNowError(
            Text(
                f"Votre texte a {words_in(row.body)} mots ; il en faut {part.least_words} au moins. Il est enregistré.",
                f"Your text has {words_in(row.body)} words; it needs {part.least_words} at least. It is saved.",
            )
        )
    if part.kind == "case" and not exam_cases.finished(row, library):
        raise NotNowError(
            Text(
                "Il reste des décisions à prendre. Elles sont enregistrées une à une.",
                "Some decisions are still to be taken. They are saved one by one.",
            )
        )
    _close_part(row, now)
    conclude(row.exam, now)


def _settled(row: Exam, now: datetime) -> Exam:
    """Hand in what has run out of time, at the moment when it did."""
    late = [part for part in row.parts if part.started_at and not part.handed_in_at and over(part.ends_at, now)]
    for part in late:
        assert part.ends_at is not None
        _close_part(part, part.ends_at)
    if late:
        conclude(row, now)
    return row


def close_overdue(now: datetime) -> int:
    """Hand in what has run out of time of candidates who did not come back, so that it is marked; return how many exams."""
    late = select(ExamPartRow.exam_id).where(
        ExamPartRow.started_at.is_not(None), ExamPartRow.handed_in_at.is_(None), ExamPartRow.ends_at < now - GRACE
    )
    rows = db.session.scalars(select(Exam).where(Exam.id.in_(late)).options(*_whole()).order_by(Exam.id)).all()
    for row in rows:
        _settled(row, now)
    db.session.flush()
    return len(rows)


def _close_part(row: ExamPartRow, moment: datetime) -> None:
    """Hand a part in; of two requests at once only one marks it."""
    closed = db.session.scalar(
        update(ExamPartRow)
        .where(ExamPartRow.id == row.id, ExamPartRow.handed_in_at.is_(None))
        .values(handed_in_at=moment)
        .returning(ExamPartRow.id)
    )
    db.session.refresh(row)
    if closed is not None and row.kind == "quiz":
        _mark_quiz(row, moment)
        db.session.flush()


def _mark_quiz(row: ExamPartRow, moment: datetime) -> None:
    """Mark the answers; those that were given inform the levels from now on."""
    items = _items(row)
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


def conclude(row: Exam, now: datetime) -> None:
    """Close the exam once every part has its result."""
    if row.closed_at is None and all(part.share is not None for part in row.parts):
        db.session.flush()
        row.outcome, row.closed_at = ("passed" if _outcome(row).passed else "failed"), now
        db.session.flush()


def _outcome(row: Exam) -> Outcome:
    track = tracks.parsed(row.version)
    results = {
        part.part_id: PartResult(share=part.share or 0.0, faults=frozenset(part.faults), safe=part.safe)
        for part in row.parts
    }
    return outcome(parts_of(track, row.purpose), track.exam.passing, results)
