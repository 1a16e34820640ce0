"""The studio of the demonstration: copies of the group at each step of their way, one offer, and what waits for the officer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from training_platform.accounts.models import Person
from training_platform.assessment.models import Answer, Sitting
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage
from training_platform.catalogue.models import Module, ModuleVersion, Question
from training_platform.db import db
from training_platform.framework.rules import Framework
from training_platform.learning.models import Enrolment
from training_platform.organisation.models import Grant, Unit
from training_platform.recommendations.models import Choice
from training_platform.studio import adopting, comments, drafts, offering, paragraphs, publishing, reviewing, scheduling
from training_platform.studio.service import editable, working_copy

OFFICER = "training.officer@exemple.invalid"
IN_REVIEW, CHANGES_ASKED, SCHEDULED, PUBLISHED, OFFERED = "M01", "M02", "M17", "M25", "M28"
"""The modules that the demonstration adopts, by what becomes of them."""
ADDED = {
    "fr": "Dans notre groupe, cette leçon se suit aussi à deux, au poste de soins : chacun lit, puis dit à l'autre ce qu'il en retient.",
    "en": "In our group, this lesson is also taken by two, at the nurses' station: each reads, then tells the other what to keep.",
}


def create(framework: Framework, now: datetime) -> None:
    """Give the group's officer a colleague, and both some work; nothing where the modules are not there."""
    officer = db.session.scalar(select(Person).where(Person.email == OFFICER))
    group = db.session.scalar(select(Unit).where(Unit.demo.is_(True), Unit.kind == "ght"))
    hospital = db.session.scalar(select(Unit).where(Unit.demo.is_(True), Unit.kind == "establishment").limit(1))
    colleague = db.session.scalar(
        select(Person).where(Person.demo.is_(True), Person.email.like("demo%")).order_by(Person.id).limit(1)
    )
    live = {one.code: one.slug for one in catalogue.live_modules() if not one.planned}
    wanted = (IN_REVIEW, CHANGES_ASKED, SCHEDULED, PUBLISHED, OFFERED)
    if officer is None or colleague is None or group is None or hospital is None or not set(wanted) <= set(live):
        return
    db.session.add(Grant(person_id=colleague.id, unit_id=group.id, right="training_officer"))
    db.session.flush()
    days = [now - timedelta(days=day) for day in range(12)]
    _in_review(officer, colleague, group, live[IN_REVIEW], framework, days)
    _changes_asked(officer, colleague, group, live[CHANGES_ASKED], days)
    _scheduled(officer, colleague, group, live[SCHEDULED], days)
    _published(officer, colleague, group, live[PUBLISHED], framework, days)
    copy = adopting.adopt(colleague.id, live[OFFERED], hospital.id, days[8])
    offering.offer(colleague.id, copy.slug, group.id, days[2])


def _written(person: Person, slug: str, now: datetime) -> None:
    """Write what the group says of its own into the first lesson."""
    edited = editable(person.id, slug)
    package = working_copy(edited)
    document = package.model_dump(by_alias=True)
    text = document["lessons"][0]["text"]
    for language, added in ADDED.items():
        head, mark, rest = text[language].partition("\n## ")
        text[language] = f"{head.rstrip()}\n\n{added}\n{mark}{rest}"
    drafts.write(edited, package, ModulePackage.model_validate(document), person.id, now)


def _in_review(
    officer: Person, colleague: Person, group: Unit, slug: str, framework: Framework, days: Sequence[datetime]
) -> None:
    copy = adopting.adopt(colleague.id, slug, group.id, days[9])
    _written(colleague, copy.slug, days[4])
    reviewing.submit(
        colleague.id, copy.slug, officer.id, "La phrase ajoutée est à la fin du début.", days[3], four_eyes=True
    )
    package = working_copy(editable(officer.id, copy.slug))
    page = paragraphs.page_of(package, framework.facts, "fr")
    lesson = page.places["lesson:01"]
    added = next(paragraph for paragraph in lesson if paragraph.text == ADDED["fr"])
    first = comments.say(
        officer.id,
        copy.slug,
        page,
        "fr",
        "lesson:01",
        added.index,
        added.hash,
        "Au poste de soins, est-ce possible la nuit ?",
        days[2],
    )
    comments.answer(colleague.id, copy.slug, first.id, "Oui, à la relève. Je le précise si vous préférez.", days[1])
    title = page.places["head"][0]
    done = comments.say(officer.id, copy.slug, page, "fr", "head", 0, title.hash, "Gardons le titre national.", days[2])
    comments.resolve(officer.id, copy.slug, done.id, days[1])


def _changes_asked(officer: Person, colleague: Person, group: Unit, slug: str, days: Sequence[datetime]) -> None:
    copy = adopting.adopt(officer.id, slug, group.id, days[9])
    _written(officer, copy.slug, days[5])
    reviewing.submit(officer.id, copy.slug, colleague.id, "", days[4], four_eyes=True)
    note = "La phrase ajoutée ne vaut pas pour les services administratifs."
    reviewing.ask_changes(colleague.id, copy.slug, note, days[1], four_eyes=True)


def _scheduled(officer: Person, colleague: Person, group: Unit, slug: str, days: Sequence[datetime]) -> None:
    copy = adopting.adopt(officer.id, slug, group.id, days[10])
    _written(officer, copy.slug, days[6])
    reviewing.submit(officer.id, copy.slug, colleague.id, "", days[5], four_eyes=True)
    reviewing.approve(colleague.id, copy.slug, days[3], four_eyes=True)
    at = days[0].replace(hour=6, minute=0, second=0, microsecond=0) + timedelta(days=4)
    scheduling.schedule(officer.id, copy.slug, at, "minor", days[2], four_eyes=True)


def _published(
    officer: Person, colleague: Person, group: Unit, slug: str, framework: Framework, days: Sequence[datetime]
) -> None:
    copy = adopting.adopt(officer.id, slug, group.id, days[11])
    _written(officer, copy.slug, days[10])
    reviewing.submit(officer.id, copy.slug, colleague.id, "", days[10], four_eyes=True)
    reviewing.approve(colleague.id, copy.slug, days[9], four_eyes=True)
    publishing.publish(officer.id, copy.slug, framework, days[8], four_eyes=True, effect="minor")


def remove() -> None:
    """Delete the modules of the demonstration's units with all that hangs on them."""
    units = select(Unit.id).where(Unit.demo.is_(True))
    modules = select(Module.id).where(Module.unit_id.in_(units))
    versions = select(ModuleVersion.id).where(ModuleVersion.module_id.in_(modules))
    questions = select(Question.id).where(Question.version_id.in_(versions))
    for statement in (
        delete(Answer).where(Answer.question_id.in_(questions)),
        delete(Sitting).where(Sitting.version_id.in_(versions)),
        delete(Enrolment).where(Enrolment.version_id.in_(versions)),
        delete(Choice).where(Choice.module_id.in_(modules)),
        delete(Question).where(Question.version_id.in_(versions)),
        delete(ModuleVersion).where(ModuleVersion.module_id.in_(modules)),
        delete(Module).where(Module.unit_id.in_(units)),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))
