"""A candidate's exam as it is kept, and what its track asks of each part."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from training_platform.db import db
from training_platform.errors import NotFoundError
from training_platform.exams.models import Exam, ExamPartRow
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


def parts_of(track: Track, purpose: str) -> tuple[ExamPart, ...]:
    """Return the parts of an exam: all of the track's, or the shortened ones of a renewal."""
    return renewal_parts(track) if purpose == "renewal" else tuple(track.exam.parts)


def part_of(row: ExamPartRow) -> ExamPart:
    """Return what the track asks of a part, in the version under which the exam was opened."""
    track = tracks.parsed(row.exam.version)
    return {part.id: part for part in parts_of(track, row.exam.purpose)}[row.part_id]


def with_parts() -> tuple[ExecutableOption, ...]:
    """Load the parts and the version of the track with an exam."""
    return (selectinload(Exam.parts), joinedload(Exam.version))


def own_exam(person_id: int, exam_id: int) -> Exam:
    """Return an exam of the person's own with its parts; raise UnknownExamError."""
    row = db.session.scalar(select(Exam).where(Exam.id == exam_id).options(*with_parts()))
    if row is None or row.person_id != person_id:
        raise UnknownExamError
    return row
