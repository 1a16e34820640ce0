"""The exams of a person: opened, and shown with their parts and outcome."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal

from sqlalchemy import Integer, Select, bindparam, func, or_, select
from sqlalchemy.exc import IntegrityError

from training_platform.db import UtcDateTime, db
from training_platform.errors import RefusedError
from training_platform.exams.access import own_exam, part_of, parts_of, with_parts
from training_platform.exams.accommodations import extra_percent
from training_platform.exams.closing import outcome_of, settled
from training_platform.exams.models import Exam, ExamItem, ExamPartRow
from training_platform.exams.rules import Outcome, allowed, next_try
from training_platform.exams.rules.timing import Try
from training_platform.text import Text
from training_platform.tracks import service as tracks
from training_platform.tracks.format import ExamPart, Track


class TooEarlyError(RefusedError):
    """The exam may not be taken again yet."""


Progress = Literal["begun", "marking", "passed", "failed"]
"""Marking: all is handed in."""


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
    state: Progress
    outcome: Outcome | None
    annulled: bool
    extra_percent: int
    parts: tuple[PartView, ...]


def latest(person_id: int, track_id: str, now: datetime) -> ExamView | None:
    """Return the person's latest exam of a track that counts; an annulled one does not."""
    query = select(Exam).where(Exam.person_id == person_id, Exam.track_id == track_id, Exam.annulled_at.is_(None))
    row = db.session.scalar(query.options(*with_parts()).order_by(Exam.id.desc()).limit(1))
    return None if row is None else _view(settled(row, now))


def states_of(person_ids: Collection[int]) -> dict[tuple[int, str], ExamState]:
    """Return how far each person's latest exam of each track is, annulled ones left out; three queries."""
    rows = db.session.scalars(
        select(Exam)
        .where(Exam.person_id.in_(person_ids), Exam.annulled_at.is_(None))
        .options(*with_parts())
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


@cache
def running() -> Select[tuple[int]]:
    """Return the exam of which the parameter ``person`` is taking a part at the parameter ``now``, as a query to build on.

    Of several the one that ends first; built once: it is on everybody's first page.
    """
    ends_at = ExamPartRow.ends_at
    return (
        select(Exam.id)
        .join(ExamPartRow)
        .where(
            Exam.person_id == bindparam("person", type_=Integer),
            Exam.closed_at.is_(None),
            ExamPartRow.started_at.is_not(None),
            ExamPartRow.handed_in_at.is_(None),
            or_(ends_at.is_(None), ends_at > bindparam("now", type_=UtcDateTime)),
        )
        .order_by(ends_at.is_(None), ends_at)
        .limit(1)
    )


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
    row = own_exam(person_id, exam_id)
    row.honest_at = row.honest_at or now
    db.session.flush()


def exam_of(person_id: int, exam_id: int, now: datetime) -> ExamView:
    """Return an exam of the person; what has run out of time is closed. Raise UnknownExamError."""
    return _view(settled(own_exam(person_id, exam_id), now))


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
        state=_state(row),
        outcome=outcome_of(row) if row.closed_at else None,
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
