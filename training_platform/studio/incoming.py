"""Questions and modules that come in from files: always into a draft, for the author to read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from training_platform.catalogue import package as packages
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage, Step
from training_platform.catalogue.models import Module
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.exchange import rules
from training_platform.exchange.rules import Arrivals
from training_platform.studio import drafts, service
from training_platform.studio.starting import units_of
from training_platform.text import Text


def steps_of(package: ModulePackage) -> dict[str, Step]:
    """Return the single steps that the module teaches, by their names in the form: ``ALG2-1`` raises ALG2 from 1 to 2."""
    return {
        f"{step.c}-{level}": Step(c=step.c, from_level=level, to=level + 1)
        for step in package.head.steps
        for level in range(step.from_level, step.to)
    }


def bring_questions(person_id: int, slug: str, data: bytes, language: str, step: str, now: datetime) -> Arrivals:
    """Add the questions of a file to the module's draft; raise UnreadableFileError, RefusedError for an unknown step."""
    edited, package = drafts.hold(person_id, slug)
    chosen = steps_of(package).get(step)
    if chosen is None:
        raise RefusedError(
            Text(
                "Choisissez le palier que ces questions mesurent. S'il manque, ajoutez-le d'abord au module.",
                "Choose the step that these questions measure. If it is missing, add it to the module first.",
            )
        )
    taken = {question.id for question in package.questions}
    found = rules.arrivals(data, language, chosen, f"{package.head.code.lower()}-i", taken)
    if found.brought:
        questions = [*package.questions, *(one.question for one in found.brought)]
        drafts.write(edited, package, package.model_copy(update={"questions": questions}), person_id, now)
    return found


def bring_module(person_id: int, data: bytes, now: datetime) -> str:
    """Make a package the draft of the module of its address, or a new module of the officer's unit; return its address.

    Raise PackageError naming file, line and reason, ForbiddenError for a module of another unit.
    """
    service.require_officer(person_id)
    package = packages.read_zip(data)
    slug = package.slug
    if db.session.scalar(select(Module.id).where(Module.slug == slug)) is None:
        slug = _new_module(person_id, package, now).slug
    edited, before = drafts.hold(person_id, slug)
    head = package.head.model_copy(update={"code": edited.code})
    mine = package.model_copy(update={"slug": slug, "head": head})
    drafts.write(edited, before, mine, person_id, now)
    return slug


def _new_module(person_id: int, package: ModulePackage, now: datetime) -> Module:
    title = package.head.title
    return catalogue.create_draft(
        title=Text(title.fr, title.en),
        domain=package.head.domain,
        author_id=person_id,
        unit_id=units_of(person_id)[0].id,
        now=now,
    )
