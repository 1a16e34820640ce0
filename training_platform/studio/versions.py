"""The versions of a module: listed, compared, and an earlier one published again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from training_platform.accounts.models import Person
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage, read_draft
from training_platform.catalogue.models import ModuleVersion
from training_platform.db import db
from training_platform.errors import NotFoundError, RefusedError
from training_platform.framework.rules import Framework
from training_platform.learning.models import Enrolment
from training_platform.studio import history, publishing, work
from training_platform.studio.publishing import Published
from training_platform.studio.rules.differences import Comparison, compare
from training_platform.studio.rules.workflow import ARCHIVED, Effect
from training_platform.studio.service import DraftProblemsError, problems_of
from training_platform.studio.standing import NotNowError, module_of
from training_platform.text import Text


class UnknownVersionError(NotFoundError):
    """The module has no such version."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Cette version n'existe pas. Choisissez-en une dans la liste.",
                "There is no such version. Choose one from the list.",
            )
        )


@dataclass(frozen=True, kw_only=True)
class VersionView:
    """A version as the list shows it."""

    number: int
    state: str
    author: str
    at: datetime
    reading: int
    """People who are in it and have not completed it."""
    completed: int


def versions_of(module_id: int) -> list[VersionView]:
    """Return the versions, the latest first, the draft on top; two queries."""
    rows = db.session.execute(
        select(ModuleVersion, Person.name)
        .outerjoin(Person, Person.id == ModuleVersion.author_id)
        .where(ModuleVersion.module_id == module_id)
        .order_by((ModuleVersion.state == "draft").desc(), ModuleVersion.number.desc())
    ).all()
    done = func.count(Enrolment.completed_at)
    people = {
        version_id: (everybody - completed, completed)
        for version_id, everybody, completed in db.session.execute(
            select(Enrolment.version_id, func.count(), done)
            .where(Enrolment.version_id.in_([row.id for row, _ in rows]))
            .group_by(Enrolment.version_id)
        )
    }
    return [
        VersionView(
            number=row.number,
            state=row.state,
            author=name or "",
            at=row.published_at or row.created_at,
            reading=people.get(row.id, (0, 0))[0],
            completed=people.get(row.id, (0, 0))[1],
        )
        for row, name in rows
    ]


def comparison(person_id: int, slug: str, old: int, new: int) -> Comparison:
    """Return what differs between two versions of a module, by number; raise UnknownVersionError."""
    module = module_of(person_id, slug)
    return compare(_package(module.id, old), _package(module.id, new))


def _package(module_id: int, number: int) -> ModulePackage:
    query = select(ModuleVersion.document).where(ModuleVersion.module_id == module_id, ModuleVersion.number == number)
    document = db.session.scalar(query)
    if document is None:
        raise UnknownVersionError
    return read_draft(document)


def roll_back(person_id: int, slug: str, number: int, framework: Framework, effect: Effect, now: datetime) -> Published:
    """Publish what an earlier version said as a new version; a draft in hand stays, and so does all history.

    It was checked and published once: it needs no second approval, but the checks of today must still pass.
    """
    module = module_of(person_id, slug)
    work.hold(module.id)
    if module.archived:
        raise NotNowError(ARCHIVED)
    state = select(ModuleVersion.state).where(ModuleVersion.module_id == module.id, ModuleVersion.number == number)
    if db.session.scalar(state) != "superseded":
        _package(module.id, number)
        raise RefusedError(
            Text(
                "Choisissez une version antérieure à celle qui est publiée.",
                "Choose a version that is earlier than the published one.",
            )
        )
    package = _package(module.id, number)
    if problems := problems_of(package, framework):
        raise DraftProblemsError(problems)
    version = catalogue.publish(package, now, author_id=person_id, keep_draft=True)
    return publishing.settle(version, person_id, effect, now, "rolled_back", back_to=number)


def take_as_draft(person_id: int, slug: str, number: int, now: datetime) -> ModuleVersion:
    """Start a draft from an earlier version, to correct it first; raise RefusedError where a draft is in hand."""
    module = module_of(person_id, slug)
    if module.archived:
        raise NotNowError(ARCHIVED)
    if catalogue.draft_of(module.id) is not None:
        raise RefusedError(
            Text(
                "Un brouillon est déjà en cours : publiez-le ou abandonnez-le d'abord.",
                "A draft is already in hand: publish it or drop it first.",
            )
        )
    draft = catalogue.save_draft(_package(module.id, number), now, person_id)
    work.edited(person_id, module.id, now)
    return draft


def drop_draft(person_id: int, slug: str, now: datetime) -> bool:
    """Drop the draft in hand; what is published stays. Tell whether the module is still there: one never published goes."""
    module = module_of(person_id, slug)
    draft = catalogue.draft_of(module.id)
    if draft is None:
        raise RefusedError(Text("Il n'y a pas de brouillon à abandonner.", "There is no draft to drop."))
    work.close(module.id, person_id, now)
    db.session.delete(draft)
    db.session.flush()
    if db.session.scalar(select(ModuleVersion.id).where(ModuleVersion.module_id == module.id).limit(1)) is None:
        db.session.delete(module)
        db.session.flush()
        return False
    history.record(module.id, person_id, "dropped", now)
    return True
