"""What the demo hospital shows of certification: a student director on the way, a cohort, a text to be marked, certificates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from training_platform.accounts.models import Person
from training_platform.assessment import sittings
from training_platform.awards import service as awards
from training_platform.awards.rules import months_after
from training_platform.catalogue import service as catalogue
from training_platform.certification import cohorts, enrolment, issuing
from training_platform.db import db
from training_platform.exams import demo as exams
from training_platform.learning import service as learning
from training_platform.organisation.models import Position, Unit
from training_platform.tracks import service as tracks

TRACK = "T6"
MODULES_DONE = 9
FOUNDATION, CERTIFIED, OLDEST = "T1", 90, 27
"""The track that many hold, how many, and how many months ago the oldest were issued."""


def show(audiences: Mapping[str, Person], group: Unit, content: Path, now: datetime) -> None:
    """Enrol the student director in T6 with some modules done, in a cohort; hand a candidate's text to examiners."""
    director, officer = audiences["student director"], audiences["training officer"]
    examiners = [officer, audiences["manager"]]
    if candidate := _candidate(examiners):
        enrolment.enrol(candidate.id, content, TRACK, now - timedelta(days=30))
        exams.show(candidate, examiners, group, tracks.track(content, TRACK), now)
    begun = now - timedelta(days=60)
    enrolment.enrol(director.id, content, TRACK, begun)
    live = {module.code: module for module in catalogue.live_modules() if not module.planned}
    wanted = [code for code in tracks.track(content, TRACK).modules if code in live][:MODULES_DONE]
    for number, code in enumerate(wanted):
        done = begun + timedelta(days=5 * number)
        taken = learning.open_enrolment(director.id, live[code], done)
        sittings.complete_module(director.id, taken.version_id, done)
    cohort = cohorts.create(officer.id, content, "Élèves directeurs 2026–2027 (fictif)", TRACK, begun)
    cohorts.join(director.id, cohort.code, content, begun)
    _certificates(audiences, group, content, now)


def _certificates(audiences: Mapping[str, Person], group: Unit, content: Path, now: datetime) -> None:
    """Give some people the foundation's certificate: valid, due for renewal, expired, one revoked."""
    facts = issuing.facts_of(tracks.track(content, FOUNDATION))
    query = select(Person.id, Position.unit_id).join(Position, Position.person_id == Person.id)
    staff = db.session.execute(query.where(Person.demo.is_(True), Person.email.like("demo%")).order_by(Person.id)).all()
    for number, (person_id, unit_id) in enumerate(staff[:: len(staff) // CERTIFIED or 1]):
        awards.issue(person_id, facts, unit_id, months_after(now, -1 - number % OLDEST))
    nurse, officer = audiences["nurse"], audiences["training officer"]
    awards.issue(nurse.id, facts, group.id, months_after(now, -22))
    gone = awards.issue(audiences["billing clerk"].id, facts, group.id, months_after(now, -3))
    awards.revoke(officer.id, gone.number, "Module validé par erreur pour une autre personne (fictif).", now)


def _candidate(examiners: Sequence[Person]) -> Person | None:
    """Return a demo person who works in no unit of an examiner."""
    near = select(Position.unit_id).where(Position.person_id.in_([person.id for person in examiners]))
    query = select(Person).join(Position, Position.person_id == Person.id)
    return db.session.scalar(
        query.where(Person.demo.is_(True), Person.email.like("demo%"), Position.unit_id.not_in(near))
        .order_by(Person.id)
        .limit(1)
    )
