"""How exams end: parts handed in by the candidate or by the clock, the outcome once every part has its result."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from training_platform.db import db
from training_platform.exams.access import parts_of, with_parts
from training_platform.exams.models import Exam, ExamPartRow
from training_platform.exams.quiz import mark
from training_platform.exams.rules import Outcome, PartResult, outcome
from training_platform.exams.rules.timing import GRACE, over
from training_platform.tracks import service as tracks


def settled(row: Exam, now: datetime) -> Exam:
    """Hand in what has run out of time, at the moment when it did."""
    late = [part for part in row.parts if part.started_at and not part.handed_in_at and over(part.ends_at, now)]
    for part in late:
        assert part.ends_at is not None
        close_part(part, part.ends_at)
    if late:
        conclude(row, now)
    return row


def close_overdue(now: datetime) -> int:
    """Hand in what has run out of time of candidates who did not come back, so that it is marked; return how many exams."""
    late = select(ExamPartRow.exam_id).where(
        ExamPartRow.started_at.is_not(None), ExamPartRow.handed_in_at.is_(None), ExamPartRow.ends_at < now - GRACE
    )
    rows = db.session.scalars(select(Exam).where(Exam.id.in_(late)).options(*with_parts()).order_by(Exam.id)).all()
    for row in rows:
        settled(row, now)
    db.session.flush()
    return len(rows)


def close_part(row: ExamPartRow, moment: datetime) -> None:
    """Hand a part in; of two requests at once only one marks it."""
    closed = db.session.scalar(
        update(ExamPartRow)
        .where(ExamPartRow.id == row.id, ExamPartRow.handed_in_at.is_(None))
        .values(handed_in_at=moment)
        .returning(ExamPartRow.id)
    )
    db.session.refresh(row)
    if closed is not None and row.kind == "quiz":
        mark(row, moment)
        db.session.flush()


def conclude(row: Exam, now: datetime) -> None:
    """Close the exam once every part has its result, also where its last two parts got theirs at the same instant."""
    db.session.flush()
    # Of two requests the later one waits here (in SQLite, for the write before), then reads what the other gave.
    db.session.execute(select(Exam.id).where(Exam.id == row.id).with_for_update())
    db.session.refresh(row, ("closed_at", "outcome"))
    own = select(ExamPartRow).where(ExamPartRow.exam_id == row.id)
    db.session.scalars(own, execution_options={"populate_existing": True}).all()
    if row.closed_at is None and all(part.share is not None for part in row.parts):
        row.outcome, row.closed_at = ("passed" if outcome_of(row).passed else "failed"), now
        db.session.flush()


def outcome_of(row: Exam) -> Outcome:
    """Apply the pass rule of the track to the results of an exam."""
    track = tracks.parsed(row.version)
    results = {
        part.part_id: PartResult(share=part.share or 0.0, faults=frozenset(part.faults), safe=part.safe)
        for part in row.parts
    }
    return outcome(parts_of(track, row.purpose), track.exam.passing, results)
