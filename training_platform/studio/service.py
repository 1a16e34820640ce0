"""Who may edit a module, what they edit, and what keeps it from being published."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError
from sqlalchemy import select

from training_platform.catalogue import service as catalogue
from training_platform.catalogue.check import check_package
from training_platform.catalogue.format import ModulePackage, read_draft
from training_platform.catalogue.models import Module
from training_platform.catalogue.package import Problem
from training_platform.catalogue.service import LiveModule
from training_platform.db import db
from training_platform.errors import ForbiddenError, NotFoundError, RefusedError
from training_platform.framework.rules import Framework
from training_platform.organisation import service as organisation
from training_platform.text import Text


class NotEditableError(NotFoundError):
    """No module to edit has this address, or it was archived."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Ce module n'existe pas ou a été archivé. Ce que vous aviez écrit et pas encore enregistré reste sur cet ordinateur : l'atelier vous le rendra si le module revient.",
                "This module does not exist or was archived. What you had written and not yet saved stays on this computer: the studio gives it back if the module returns.",
            )
        )


class DraftProblemsError(RefusedError):
    """The draft cannot be published yet; ``problems`` says why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(
            Text("Ce brouillon ne peut pas être publié en l'état.", "This draft cannot be published as it is.")
        )
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class EditedModule:
    """A module that the person may edit; ``live`` is None until its first publication."""

    module_id: int
    code: str
    slug: str
    unit_id: int | None
    live: LiveModule | None


def require_officer(person_id: int) -> None:
    """Raise ForbiddenError unless the person is a training officer somewhere."""
    organisation.require_right(person_id, "training_officer")


class AdoptFirstError(ForbiddenError):
    """The module is of the national catalogue: officers below the nation adopt it and change their copy."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Ce module appartient au catalogue national. Adoptez-le pour votre structure : vous modifierez votre copie.",
                "This module belongs to the national catalogue. Adopt it for your unit: you edit your own copy.",
            )
        )


def require_author(person_id: int, unit_id: int | None) -> None:
    """Raise ForbiddenError unless the person writes in this unit's modules; without a unit, at the top of the tree."""
    require_officer(person_id)
    if unit_id is None and not organisation.reaches_the_top(person_id, "training_officer"):
        raise AdoptFirstError
    organisation.require_right(person_id, "training_officer", unit_id)


def editable(person_id: int, slug: str) -> EditedModule:
    """Return a module that the person may edit: the national ones at the top of the tree, a unit's own by its officers."""
    require_officer(person_id)
    module = db.session.scalar(select(Module).where(Module.slug == slug))
    if module is None or module.archived:
        raise NotEditableError
    require_author(person_id, module.unit_id)
    live = next((one for one in catalogue.live_modules() if one.module_id == module.id), None)
    return EditedModule(module_id=module.id, code=module.code, slug=slug, unit_id=module.unit_id, live=live)


def working_copy(edited: EditedModule) -> ModulePackage:
    """Return the draft where there is one, else what is live."""
    if draft := catalogue.draft_of(edited.module_id):
        return read_draft(draft.document)
    if edited.live is None:
        raise NotEditableError
    return catalogue.package_of(edited.live.version_id)


def problems_of(package: ModulePackage, framework: Framework) -> list[Problem]:
    """Return all that keeps a draft from being published: what is missing, then what the checks find."""
    try:
        whole = ModulePackage.model_validate(package.model_dump(by_alias=True))
    except ValidationError as error:
        return [_missing(package, fault["loc"], fault["msg"]) for fault in error.errors()]
    codes = {other.code for other in catalogue.live_modules()}
    return check_package(whole, framework, codes)


def _missing(package: ModulePackage, place: tuple[int | str, ...], said: str) -> Problem:
    """Say where a package is not whole, with the id of the question or exercise rather than its rank."""
    names = [str(part) for part in place]
    part = getattr(package, names[0], None) if len(place) > 1 and isinstance(place[1], int) else None
    if part is not None and names[0] in ("questions", "exercises"):
        names[1] = part[place[1]].id
    where = ".".join(names)
    if "at least 1 character" in said:
        return Problem(
            file=where,
            line=1,
            reason=Text(
                "Ce texte manque : il en faut un par langue.", "This text is missing: one per language is needed."
            ),
        )
    return Problem(file=where, line=1, reason=Text(said, said))
