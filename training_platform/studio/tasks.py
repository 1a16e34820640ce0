"""Scheduled publications in the background: thin calls of the service, one transaction per module."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from celery import shared_task
from flask import Flask, current_app

from training_platform import framework
from training_platform.db import db
from training_platform.recommendations import tasks as replanning
from training_platform.studio import letters, scheduling
from training_platform.studio.scheduling import Outcome

EVERY = 60
"""Seconds between two looks of ``celery beat`` at what is due."""


def init_app(app: Flask) -> None:
    """Have ``celery beat`` look for due publications, where there is a broker."""
    if celery := app.extensions.get("celery"):
        celery.conf.beat_schedule = {
            **(celery.conf.beat_schedule or {}),
            "publish_due": {"task": "publish_due", "schedule": EVERY},
        }


def publish_all_due(now: datetime) -> Iterator[Outcome]:
    """Publish what is due, each module in its own transaction, and tell its people; a mail that fails is logged only."""
    settings = current_app.extensions["settings"]
    for module_id in scheduling.due(now):
        outcome = scheduling.publish_due(module_id, framework.current(), now, four_eyes=settings.four_eyes)
        if outcome is not None and outcome.version:
            replanning.replan_soon("catalogue")
        db.session.commit()
        if outcome is not None:
            try:
                letters.tell(outcome, settings)
            except OSError:
                current_app.logger.exception("no mail could be sent about %s", outcome.slug)
            yield outcome


@shared_task(name="publish_due")  # type: ignore[untyped-decorator]
def publish_due() -> None:
    """Publish what is due now."""
    try:
        for _ in publish_all_due(datetime.now(UTC)):
            pass
    finally:
        db.session.remove()
