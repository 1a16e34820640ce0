"""Re-planning of everybody after a change: in chunks, each done whole or not at all, so that a killed worker loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from training_platform.accounts.models import Person
from training_platform.db import db
from training_platform.framework.rules import Framework
from training_platform.matching import service as matching
from training_platform.organisation.models import Position
from training_platform.recommendations import record
from training_platform.recommendations.models import ReplanChunk, ReplanJob
from training_platform.recommendations.rules import plan
from training_platform.recommendations.situation import situation_of

CHUNK = 100


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a job is."""

    job_id: int
    reason: str
    created_at: datetime
    people: int
    done: int
    changed: int
    finished: bool


def open_job(reason: str, now: datetime) -> int:
    """Cut everybody with a position into chunks; return the job's id. One for the same reason, not yet begun, serves."""
    begun = select(ReplanChunk.job_id).where(ReplanChunk.done_at.is_not(None))
    same = select(ReplanJob.id).where(
        ReplanJob.reason == reason[:160], ReplanJob.finished_at.is_(None), ReplanJob.id.not_in(begun)
    )
    if (found := db.session.scalar(same)) is not None:
        return found
    job = ReplanJob(reason=reason[:160], created_at=now)
    db.session.add(job)
    db.session.flush()
    ids = list(db.session.scalars(select(Position.person_id).distinct().order_by(Position.person_id)))
    db.session.add_all(
        ReplanChunk(job_id=job.id, first_person=chunk[0], last_person=chunk[-1], people=len(chunk))
        for chunk in (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
    )
    if not ids:
        job.finished_at = now
    db.session.flush()
    return job.id


def waiting(job_id: int) -> list[int]:
    """Return the chunks of a job that are not done."""
    query = select(ReplanChunk.id).where(ReplanChunk.job_id == job_id, ReplanChunk.done_at.is_(None))
    return list(db.session.scalars(query.order_by(ReplanChunk.id)))


def is_waiting(chunk_id: int) -> bool:
    """Tell whether a chunk is not done: another worker has it, or a dead one whose lock the database still holds."""
    query = select(ReplanChunk.id).where(ReplanChunk.id == chunk_id, ReplanChunk.done_at.is_(None))
    return db.session.scalar(query) is not None


def unfinished() -> list[int]:
    """Return the jobs with chunks left to do, the oldest first."""
    left = select(ReplanChunk.job_id).where(ReplanChunk.done_at.is_(None)).distinct()
    return list(db.session.scalars(left.order_by(ReplanChunk.job_id)))


def replan_chunk(chunk_id: int, framework: Framework, now: datetime, meaning: matching.Meaning | None = None) -> int:
    """Plan for the people of a chunk and log what changed; nothing where it is done or in other hands. Commit after it.

    Return how many paths changed.
    """
    query = select(ReplanChunk).where(ReplanChunk.id == chunk_id, ReplanChunk.done_at.is_(None))
    chunk = db.session.scalar(query.with_for_update(skip_locked=True))
    if chunk is None:
        return 0
    concerned = select(Position.person_id).where(Position.person_id.between(chunk.first_person, chunk.last_person))
    people = db.session.execute(
        select(Person.id, Person.minutes_per_week).where(Person.id.in_(concerned)).order_by(Person.id)
    ).all()
    found = [(person_id, situation_of(person_id, framework, now, minutes, meaning)) for person_id, minutes in people]
    planned = [(person_id, situation, plan(situation.request)) for person_id, situation in found]
    # SQLite locks no rows: of two workers that planned the same chunk, the first to write this logs it, the other nothing.
    mine = update(ReplanChunk).where(ReplanChunk.id == chunk_id, ReplanChunk.done_at.is_(None)).values(done_at=now)
    if db.session.scalar(mine.returning(ReplanChunk.id)) is None:
        return 0
    chunk.changed = sum(
        record.keep(person_id, situation.request, proposal, situation.versions, now)
        for person_id, situation, proposal in planned
    )
    db.session.flush()
    # The lock lets the later of two workers that end together see what the other has done.
    job = db.session.get_one(ReplanJob, chunk.job_id, with_for_update=True)
    left = select(func.count()).where(ReplanChunk.job_id == chunk.job_id, ReplanChunk.done_at.is_(None))
    if not db.session.scalar(left):
        job.finished_at = now
    return chunk.changed


def run(job_id: int, do: Callable[[int], object]) -> Iterator[Progress]:
    """Do the chunks of a job one after another in this process, and say after each how far it is."""
    for chunk_id in waiting(job_id):
        do(chunk_id)
        yield progress(job_id)


def progress(job_id: int) -> Progress:
    """Return how far a job is; one query for its sums."""
    job = db.session.get_one(ReplanJob, job_id)
    sums = select(
        func.coalesce(func.sum(ReplanChunk.people), 0),
        func.coalesce(func.sum(ReplanChunk.people).filter(ReplanChunk.done_at.is_not(None)), 0),
        func.coalesce(func.sum(ReplanChunk.changed), 0),
    ).where(ReplanChunk.job_id == job_id)
    people, done, changed = db.session.execute(sums).one()
    return Progress(
        job_id=job_id,
        reason=job.reason,
        created_at=job.created_at,
        people=people,
        done=done,
        changed=changed,
        finished=job.finished_at is not None,
    )
