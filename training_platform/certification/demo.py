"""What the demo hospital shows of certification: a student director on the way, a cohort, a text to be marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from training_platform.accounts.models import Person
from training_platform.assessment import service as assessment
from training_platform.catalogue import service as catalogue
from training_platform.certification import cohorts, service
from training_platform.db import db
from training_platform.exams import demo as exams
from training_platform.learning import service as learning
from training_platform.organisation.models import Position, Unit
from training_platform.tracks import service as tracks

TRACK = "T6"
MODULES_DONE = 9


def show(audiences: Mapping[str, Person], group: Unit, content: Path, now: datetime) -> None:
    """Enrol the student director in T6 with some modules done, in a cohort; hand a candidate's text to examiners."""
    director, officer = audiences["student director"], audiences["training officer"]
    examiners = [officer, audiences["manager"]]
    if candidate := _candidate(examiners):
        exams.show(candidate, examiners, group, tracks.track(content, TRACK), now)
    begun = now - timedelta(days=60)
    service.enrol(director.id, content, TRACK, begun)
    live = {module.code: module for module in catalogue.live_modules() if not module.planned}
    wanted = [code for code in tracks.track(content, TRACK).modules if code in live][:MODULES_DONE]
    for number, code in enumerate(wanted):
        done = begun + timedelta(days=5 * number)
        enrolment = learning.open_enrolment(director.id, live[code], done)
        assessment.complete_module(director.id, enrolment.version_id, done)
    cohort = cohorts.create(officer.id, content, "Élèves directeurs 2026–2027 (fictif)", TRACK, begun)
    cohorts.join(director.id, cohort.code, content, begun)


def _candidate(examiners: Sequence[Person]) -> Person | None:
    """Return a demo person who works in no unit of an examiner."""
    near = select(Position.unit_id).where(Position.person_id.in_([person.id for person in examiners]))
    query = select(Person).join(Position, Position.person_id == Person.id)
    return db.session.scalar(
        query.where(Person.demo.is_(True), Person.email.like("demo%"), Position.unit_id.not_in(near))
        .order_by(Person.id)
        .limit(1)
    )
