"""What training officers do for exams: extra time, what the reserved bank lacks, appeals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from training_platform.accounts import service as accounts
from training_platform.cases.format import Case
from training_platform.db import db
from training_platform.errors import ForbiddenError, NotFoundError, RefusedError
from training_platform.exams import marking, service
from training_platform.exams.models import Accommodation, Exam, ExamAppeal, ExamMark, ExamPartRow
from training_platform.exams.rules import shortage
from training_platform.framework.rules import Framework
from training_platform.organisation import service as organisation
from training_platform.text import Text
from training_platform.tracks import service as track_service
from training_platform.tracks.format import Track

RIGHT = "training_officer"
MOST_EXTRA = 200
DECIDED = Text("Ce recours est déjà décidé.", "This appeal is decided already.")


@dataclass(frozen=True, kw_only=True)
class BankState:
    """What a track's exam needs and what it lacks."""

    track: Track
    have: int
    need: int
    missing: Mapping[str, int]
    """Questions missing per domain."""
    cases_missing: tuple[str, ...]
    """Levels at which a case is missing."""

    @property
    def ready(self) -> bool:
        """Tell whether the exam can be taken."""
        return not self.missing and not self.cases_missing


@dataclass(frozen=True, kw_only=True)
class AccommodationView:
    """Extra time as the officer who grants it and the person see it."""

    id: int
    person: str
    extra_percent: int
    note: str
    granted_at: datetime


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
    """The words of an appeal, or of its decision, are too few."""


def require_officer(person_id: int) -> None:
    """Raise ForbiddenError unless the person is a training officer somewhere."""
    organisation.require_right(person_id, RIGHT)


def bank_states(
    officer_id: int | None, tracks: Iterable[Track], framework: Framework, library: Mapping[str, Case]
) -> list[BankState]:
    """Return for each track whether its exam can be made up of the modules that the officer sees, and what is missing."""
    return [_bank_state(officer_id, track, framework, library) for track in tracks]


def _bank_state(officer_id: int | None, track: Track, framework: Framework, library: Mapping[str, Case]) -> BankState:
    bank = service.bank_of(track, framework, officer_id)
    quizzes = [part for part in track.exam.parts if part.kind == "quiz"]
    missing: dict[str, int] = {}
    for part in quizzes:
        missing |= shortage(bank, service.counts_of(track, part))
    levels = [level for part in track.exam.parts for level in part.levels]
    have = [case.level for case in library.values()]
    return BankState(
        track=track,
        have=len(bank),
        need=sum(part.items for part in quizzes),
        missing=missing,
        cases_missing=tuple(sorted({level for level in levels if have.count(level) < _at_once(track, level)})),
    )


def _at_once(track: Track, level: str) -> int:
    return max(sum(one == level for one in part.levels) for part in track.exam.parts)


def granted(officer_id: int) -> list[AccommodationView]:
    """Return the extra time of the people in the officer's units; one query."""
    require_officer(officer_id)
    query = select(Accommodation).where(
        Accommodation.ended_at.is_(None),
        Accommodation.person_id.in_(organisation.people_within(officer_id, RIGHT)),
    )
    rows = db.session.scalars(query.options(joinedload(Accommodation.person)).order_by(Accommodation.id.desc()))
    return [
        AccommodationView(
            id=row.id,
            person=row.person.name,
            extra_percent=row.extra_percent,
            note=row.note,
            granted_at=row.granted_at,
        )
        for row in rows
    ]


def grant(officer_id: int, email: str, extra_percent: int, note: str, now: datetime) -> None:
    """Grant extra time for all exams to come; the one before ends. Raise ForbiddenError outside one's units."""
    require_officer(officer_id)
    person = accounts.by_email(email.strip().lower())
    if person is None or RIGHT not in organisation.rights_over(officer_id, person.id):
        raise RefusedError(
            Text(
                "Personne à cette adresse dans vos structures. Vérifiez l'adresse.",
                "Nobody at this address in your units. Check the address.",
            )
        )
    if not 1 <= extra_percent <= MOST_EXTRA:
        raise RefusedError(Text("Donnez de 1 à 200 %.", "Give 1 to 200 %."))
    for row in db.session.scalars(
        select(Accommodation).where(Accommodation.person_id == person.id, Accommodation.ended_at.is_(None))
    ):
        row.ended_at = now
    db.session.add(
        Accommodation(
            person_id=person.id,
            extra_percent=extra_percent,
            note=note.strip()[:400],
            officer_id=officer_id,
            granted_at=now,
        )
    )
    db.session.flush()


def end(officer_id: int, accommodation_id: int, now: datetime) -> None:
    """End extra time; parts already begun keep theirs."""
    require_officer(officer_id)
    row = db.session.get(Accommodation, accommodation_id)
    if row is None or RIGHT not in organisation.rights_over(officer_id, row.person_id):
        raise NotFoundError(Text("Cet aménagement n'existe plus.", "This accommodation no longer exists."))
    row.ended_at = row.ended_at or now
    db.session.flush()


# --- appeals ---


def file_appeal(person_id: int, exam_id: int, reason: str, now: datetime) -> None:
    """File an appeal against a result; raise RefusedError without reasons or twice."""
    view = service.exam_of(person_id, exam_id, now)
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
    if appeal_of(exam_id) is not None:
        raise RefusedError(
            Text(
                "Votre recours est déjà déposé : il sera examiné.", "Your appeal is filed already: it will be examined."
            )
        )
    db.session.add(ExamAppeal(exam_id=exam_id, reason=reason.strip()[:4000], filed_at=now))
    db.session.flush()


def appeal_of(exam_id: int) -> ExamAppeal | None:
    """Return the appeal against an exam's result."""
    return db.session.scalar(select(ExamAppeal).where(ExamAppeal.exam_id == exam_id))


def appeals_for(officer_id: int) -> list[AppealView]:
    """Return the appeals that the officer may decide, the oldest first; never those of exams that the officer marked.

    One query, however many there are.
    """
    require_officer(officer_id)
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
            track=track_service.parsed(row.exam.version),
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
    require_officer(officer_id)
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
    mine = db.session.scalar(
        update(ExamAppeal)
        .where(ExamAppeal.id == appeal_id, ExamAppeal.decision.is_(None))
        .values(decision=decision, answer=answer.strip()[:4000], decider_id=officer_id, decided_at=now)
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
