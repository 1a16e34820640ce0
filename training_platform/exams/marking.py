"""What examiners do: find parts to mark under candidate numbers, mark them by the rubric, without seeing each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from training_platform.accounts.models import Person
from training_platform.cases.format import Case
from training_platform.db import db
from training_platform.errors import ForbiddenError, NotFoundError, RefusedError
from training_platform.exams import cases as exam_cases
from training_platform.exams import closing
from training_platform.exams.access import part_of
from training_platform.exams.models import LONGEST_WORDS, Exam, ExamMark, ExamPartRow
from training_platform.exams.rules import Marks, Settled, case_share, obstacle, settle
from training_platform.exams.rules.marking import Obstacle
from training_platform.organisation import service as organisation
from training_platform.text import Text, excess
from training_platform.tracks import service as tracks
from training_platform.tracks.format import ExamPart, Fault, Track

OBSTACLES: dict[Obstacle, Text] = {
    "own": Text("Personne ne note sa propre épreuve.", "Nobody marks their own exam."),
    "outside": Text(
        "Ce candidat relève d'une structure où vous n'êtes pas examinateur.",
        "This candidate belongs to a unit where you are not an examiner.",
    ),
    "same_unit": Text(
        "Ce candidat travaille dans votre structure et d'autres examinateurs sont disponibles : laissez-leur cette copie.",
        "This candidate works in your unit and other examiners are available: leave this work to them.",
    ),
    "already": Text(
        "Vous avez déjà noté cette partie. L'autre examinateur note à son tour, sans voir vos points.",
        "You have already marked this part. The other examiner marks in turn, without seeing your points.",
    ),
    "full": Text("Cette partie a toutes ses notes.", "This part has all its marks."),
}


class UnknownWorkError(NotFoundError):
    """No work to mark here, or not for this person."""

    def __init__(self) -> None:
        super().__init__(
            Text("Il n'y a pas de copie à noter à cette adresse.", "There is no work to mark at this address.")
        )


class IncompleteMarksError(RefusedError):
    """A criterion has no points, or the comment is missing or too long; ``errors`` names the fields."""

    def __init__(self, errors: Mapping[str, Text]) -> None:
        super().__init__(next(iter(errors.values())))
        self.errors = errors


@dataclass(frozen=True, kw_only=True)
class WorkView:
    """A part to mark as the list shows it: no name."""

    row_id: int
    candidate: str
    track: Track
    part: ExamPart
    handed_in_at: datetime | None
    adjudication: bool


@dataclass(frozen=True, kw_only=True)
class MarkingPage:
    """The work of a candidate with what the examiner needs to mark it."""

    work: WorkView
    body: str
    cases: tuple[exam_cases.PlayedCase, ...]
    faults: tuple[Fault, ...]


def require_examiner(person_id: int) -> None:
    """Raise ForbiddenError unless the person is an examiner somewhere."""
    organisation.require_right(person_id, "examiner")


def waiting_for(person_id: int) -> list[WorkView]:
    """Return what the person may mark now, the oldest first: never their own work, nor twice the same."""
    require_examiner(person_id)
    candidates = organisation.people_within(person_id, "examiner")
    marked = select(ExamMark.part_row_id).where(ExamMark.examiner_id == person_id)
    query = (
        select(ExamPartRow)
        .join(Exam)
        .where(
            Exam.person_id.in_(candidates),
            Exam.person_id != person_id,
            Exam.honest_at.is_not(None),
            Exam.closed_at.is_(None),
            ExamPartRow.kind != "quiz",
            ExamPartRow.share.is_(None),
            or_(ExamPartRow.handed_in_at.is_not(None), ExamPartRow.kind == "room"),
            ExamPartRow.id.not_in(marked),
        )
        .options(joinedload(ExamPartRow.exam).joinedload(Exam.version))
        .order_by(ExamPartRow.handed_in_at, ExamPartRow.id)
    )
    rows = db.session.scalars(query).all()
    marks = _marks([row.id for row in rows])
    units = organisation.unit_ids_of_people([person_id, *(row.exam.person_id for row in rows)])
    return [
        _work(row, len(marks[row.id]))
        for row in rows
        if _obstacle(person_id, row, marks[row.id], units, examiner_over=True) is None
    ]


def able_to_mark(row: ExamPartRow) -> list[Person]:
    """Return the examiners who may mark a part now, by name."""
    candidate, marks = row.exam.person_id, _marks([row.id])[row.id]
    examiners = organisation.holders_over(candidate, "examiner")
    units = organisation.unit_ids_of_people([candidate, *(one.id for one in examiners)])
    return [one for one in examiners if _obstacle(one.id, row, marks, units, examiner_over=True) is None]


def _marks(row_ids: Sequence[int]) -> dict[int, list[ExamMark]]:
    """Return the marks given to each part, in their order; one query."""
    found: dict[int, list[ExamMark]] = {row_id: [] for row_id in row_ids}
    query = select(ExamMark).where(ExamMark.part_row_id.in_(row_ids)).order_by(ExamMark.place)
    for mark in db.session.scalars(query):
        found[mark.part_row_id].append(mark)
    return found


def _work(row: ExamPartRow, marks: int) -> WorkView:
    return WorkView(
        row_id=row.id,
        candidate=row.exam.candidate,
        track=tracks.parsed(row.exam.version),
        part=part_of(row),
        handed_in_at=row.handed_in_at,
        adjudication=marks == 2,
    )


def _obstacle(
    person_id: int,
    row: ExamPartRow,
    marks: Sequence[ExamMark],
    units: Mapping[int, frozenset[int]],
    *,
    examiner_over: bool,
) -> Obstacle | None:
    """Return what keeps the person from marking; a third examiner is needed only where two differ."""
    candidate = row.exam.person_id
    same_unit = bool(units[candidate] & units[person_id])
    marked = {mark.examiner_id for mark in marks}
    return obstacle(
        own=candidate == person_id,
        examiner_over=examiner_over,
        same_unit=same_unit,
        others=_others(candidate, units[candidate], marked) if same_unit else 0,
        already=person_id in marked,
        needed=_settled(row, marks).needed,
    )


def _others(candidate: int, own_units: frozenset[int], marked: Set[int | None]) -> int:
    """Count the examiners from other units who could still mark a candidate's part."""
    free = [one.id for one in organisation.holders_over(candidate, "examiner") if one.id not in marked]
    return sum(not units & own_units for units in organisation.unit_ids_of_people(free).values())


def _settled(row: ExamPartRow, marks: Sequence[ExamMark]) -> Settled:
    given = [Marks(points=mark.points, faults=frozenset(mark.faults)) for mark in marks]
    return settle(given, part_of(row).rubric, tracks.parsed(row.exam.version).exam.agreement)


def page_of(person_id: int, row_id: int, library: Mapping[str, Case]) -> MarkingPage:
    """Return the work of a candidate for somebody who may mark it; raise UnknownWorkError, ForbiddenError."""
    row = _markable(person_id, row_id)
    return MarkingPage(
        work=_work(row, len(_marks([row.id])[row.id])),
        body=row.body,
        cases=tuple(exam_cases.played(row, library)) if row.kind == "case" else (),
        faults=tuple(tracks.parsed(row.exam.version).exam.faults),
    )


def _markable(person_id: int, row_id: int) -> ExamPartRow:
    require_examiner(person_id)
    row = db.session.scalar(
        select(ExamPartRow)
        .where(ExamPartRow.id == row_id)
        .options(joinedload(ExamPartRow.exam).joinedload(Exam.version))
    )
    if row is None or row.kind == "quiz" or row.exam.honest_at is None:
        raise UnknownWorkError
    if row.handed_in_at is None and row.kind != "room":
        raise UnknownWorkError
    candidate = row.exam.person_id
    found = _obstacle(
        person_id,
        row,
        _marks([row.id])[row.id],
        organisation.unit_ids_of_people([person_id, candidate]),
        examiner_over="examiner" in organisation.rights_over(person_id, candidate),
    )
    if found in ("own", "outside"):
        raise ForbiddenError(OBSTACLES[found])
    if found is not None:
        raise RefusedError(OBSTACLES[found])
    return row


def mark(
    person_id: int,
    row_id: int,
    points: Mapping[str, int | None],
    faults: frozenset[str],
    comment: str,
    library: Mapping[str, Case],
    now: datetime,
) -> Settled:
    """Keep the marks of one examiner, for good; where they settle the part, it gets its result.

    Raise ForbiddenError for one's own work or outside one's units, IncompleteMarksError for missing points.
    """
    row = _markable(person_id, row_id)
    part = part_of(row)
    given = _whole(part, points, comment)
    known = {fault.id for fault in tracks.parsed(row.exam.version).exam.faults}
    try:
        with db.session.begin_nested():
            db.session.add(
                ExamMark(
                    part_row_id=row.id,
                    examiner_id=person_id,
                    place=len(_marks([row.id])[row.id]) + 1,
                    points=given,
                    faults=sorted(faults & known),
                    comment=comment.strip(),
                    marked_at=now,
                )
            )
    except IntegrityError:
        raise RefusedError(
            Text(
                "Un autre examinateur a noté au même instant. Vos points n'ont pas été gardés : rechargez la page.",
                "Another examiner marked at the same moment. Your points were not kept: reload the page.",
            )
        ) from None
    found = _settled(row, _marks([row.id])[row.id])
    if found.share is not None:
        _give_result(row, found, library, now)
    elif found.adjudicated:
        row.told_at = None  # a third examiner is to be told
        db.session.flush()
    return found


def _whole(part: ExamPart, points: Mapping[str, int | None], comment: str) -> dict[str, int]:
    given: dict[str, int] = {}
    errors: dict[str, Text] = {}
    for criterion in part.rubric:
        value = points.get(criterion.id)
        if value is None or not 0 <= value <= criterion.best:
            errors[f"points-{criterion.id}"] = Text(
                f"Donnez de 0 à {criterion.best} points.", f"Give 0 to {criterion.best} points."
            )
        else:
            given[criterion.id] = value
    if len(comment.strip()) < 20:
        errors["comment"] = Text(
            "Écrivez une phrase au moins : le candidat la lira avec son résultat.",
            "Write one sentence at least: the candidate will read it with the result.",
        )
    elif over := excess(comment.strip(), LONGEST_WORDS):
        errors["comment"] = over
    if errors:
        raise IncompleteMarksError(errors)
    return given


def _give_result(row: ExamPartRow, found: Settled, library: Mapping[str, Case], now: datetime) -> None:
    assert found.share is not None
    share, faults = found.share, found.faults
    if row.kind == "case":
        known = frozenset(fault.id for fault in tracks.parsed(row.exam.version).exam.faults)
        played = exam_cases.played(row, library)
        share = case_share(exam_cases.choices_share(played), share)
        faults = faults | exam_cases.faults(played, known)
    row.share, row.faults = share, sorted(faults)
    row.handed_in_at = row.handed_in_at or now
    db.session.flush()
    closing.conclude(row.exam, now)


def comments_of(exam_id: int) -> dict[int, list[str]]:
    """Return the examiners' comments by part, without their names, once the exam is closed."""
    query = (
        select(ExamMark.part_row_id, ExamMark.comment)
        .join(ExamPartRow)
        .join(Exam)
        .where(Exam.id == exam_id, Exam.closed_at.is_not(None))
        .order_by(ExamMark.place)
    )
    found: dict[int, list[str]] = {}
    for row, comment in db.session.execute(query):
        found.setdefault(row, []).append(comment)
    return found


def examiners_of(exam_id: int) -> set[int]:
    """Return who marked any part of an exam."""
    query = select(ExamMark.examiner_id).join(ExamPartRow).where(ExamPartRow.exam_id == exam_id)
    return {examiner for examiner in db.session.scalars(query) if examiner is not None}
