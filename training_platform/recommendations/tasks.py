"""Re-planning in the background: thin calls of the service, one transaction each, safe to deliver twice."""

from __future__ import annotations

from datetime import UTC, datetime

from celery import Celery, shared_task
from flask import Flask, current_app

from training_platform import framework, matching
from training_platform.db import db
from training_platform.recommendations import batch

UNSEEN_AFTER = 300
"""Seconds after which a chunk whose worker was killed is given to another."""

AFTER_COMMIT = 5
"""Seconds given to the request that asked, so that its job is in the database when a worker looks."""


def make_celery(app: Flask, broker: str) -> Celery:
    """Return a Celery whose tasks run in the application; late acknowledgement, so that a killed worker loses nothing."""
    from celery import Task

    class InApplication(Task):  # type: ignore[misc]
        def __call__(self, *arguments: object, **named: object) -> object:
            with app.app_context():
                return self.run(*arguments, **named)

    celery = Celery("sillage", broker=broker, task_cls=InApplication)
    celery.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        worker_prefetch_multiplier=1,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": UNSEEN_AFTER},
    )
    celery.set_default()
    app.extensions["celery"] = celery
    return celery


@shared_task(name="replan_chunk", autoretry_for=(Exception,), retry_backoff=2, retry_jitter=False)  # type: ignore[untyped-decorator]
def replan_chunk(chunk_id: int) -> None:
    """Re-plan one chunk of people; again after a while where that failed or another worker held it."""
    try:
        batch.replan_chunk(chunk_id, framework.current(), datetime.now(UTC), matching.current())
        db.session.commit()
        if batch.is_waiting(chunk_id):
            replan_chunk.apply_async((chunk_id,), countdown=AFTER_COMMIT)
    finally:
        db.session.remove()


def send(job_id: int, *, delay: int = 0) -> int:
    """Hand the waiting chunks of a job to the workers, in so many seconds; return how many."""
    chunks = batch.waiting(job_id)
    for chunk_id in chunks:
        replan_chunk.apply_async((chunk_id,), countdown=delay)
    return len(chunks)


def replan_soon(reason: str) -> None:
    """Open a job after a change; the workers begin once this request is committed, ``flask path replan`` does it else."""
    job = batch.open_job(reason, datetime.now(UTC))
    if "celery" in current_app.extensions:
        send(job, delay=AFTER_COMMIT)
