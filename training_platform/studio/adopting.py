"""Modules of elsewhere adopted by a unit: a copy of its own, which keeps its origin and stands for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage
from training_platform.catalogue.models import Module, ModuleOffer
from training_platform.catalogue.service import LiveModule
from training_platform.db import db
from training_platform.errors import ForbiddenError, RefusedError
from training_platform.organisation import service as organisation
from training_platform.organisation.models import Unit
from training_platform.studio import history, work
from training_platform.studio.service import require_officer
from training_platform.text import Text


class AlreadyAdoptedError(RefusedError):
    """The unit has its copy already; ``slug`` is where."""

    def __init__(self, slug: str) -> None:
        super().__init__(
            Text(
                "Cette structure a déjà adopté ce module : modifiez sa copie.",
                "This unit has adopted this module already: edit its copy.",
            )
        )
        self.slug = slug


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A copy of a module within the officer's reach."""

    slug: str
    unit: str
    archived: bool


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """A module that the officer may adopt: for which units, and the copies that there are."""

    live: LiveModule
    package: ModulePackage
    units: Sequence[Unit]
    copies: Sequence[Copy]


def adoption(person_id: int, slug: str) -> Adoption:
    """Return what the officer may adopt; raise UnknownModuleError where it is not offered to any unit of theirs."""
    require_officer(person_id)
    live = catalogue.live_by_slug(slug)
    within = organisation.units_within(person_id, "training_officer")
    open_to = _open_to(live)
    able = within if open_to is None else {unit for unit in within if organisation.units_above({unit}) & open_to}
    own = within if live.unit_id is None else within - {live.unit_id}
    copies = db.session.execute(
        select(Module, Unit)
        .join(Unit, Module.unit_id == Unit.id)
        .where(Module.original_id == live.family_id, Module.unit_id.in_(within), Module.id != live.module_id)
        .order_by(Unit.code)
    ).all()
    if not able and live.unit_id not in within:
        raise catalogue.UnknownModuleError
    free = (able & own) - {module.unit_id for module, _ in copies}
    return Adoption(
        live=live,
        package=catalogue.package_of(live.version_id),
        units=list(db.session.scalars(select(Unit).where(Unit.id.in_(free)).order_by(Unit.code))),
        copies=[Copy(slug=m.slug, unit=u.name, archived=m.archived) for m, u in copies],
    )


def _open_to(live: LiveModule) -> set[int] | None:
    """Return the units under which the module may be adopted, None for everywhere."""
    if live.unit_id is None:
        return None
    offers = select(ModuleOffer.unit_id).where(
        ModuleOffer.module_id == live.module_id, ModuleOffer.state.in_(("open", "accepted"))
    )
    return {live.unit_id, *db.session.scalars(offers)}


def adopt(person_id: int, slug: str, unit_id: int, now: datetime) -> Module:
    """Copy a module for a unit, where it takes the place of the original at once; raise AlreadyAdoptedError."""
    organisation.require_right(person_id, "training_officer", unit_id)
    work.hold(catalogue.live_by_slug(slug).module_id)
    found = adoption(person_id, slug)
    same = db.session.scalar(
        select(Module).where(Module.original_id == found.live.family_id, Module.unit_id == unit_id)
    )
    if same is not None:
        raise AlreadyAdoptedError(same.slug)
    if unit_id not in {unit.id for unit in found.units}:
        raise ForbiddenError(
            Text("Ce module n'est pas proposé à cette structure.", "This module is not offered to this unit.")
        )
    if found.live.planned:
        raise RefusedError(
            Text(
                "Ce module n'est pas encore écrit : il n'y a rien à adopter.",
                "This module is not written yet: there is nothing to adopt.",
            )
        )
    code, address = _free(found.live)
    head = found.package.head.model_copy(update={"code": code})
    package = found.package.model_copy(update={"slug": address, "head": head})
    version = catalogue.publish(package, now, author_id=person_id, unit_id=unit_id)
    module = db.session.get_one(Module, version.module_id)
    module.origin_id, module.origin_number = found.live.module_id, found.live.number
    module.original_id = found.live.family_id
    history.record(module.id, person_id, "adopted", now, detail={"from": found.live.code, "version": found.live.number})
    return module


def _free(live: LiveModule) -> tuple[str, str]:
    """Return a code and an address for a copy: those of the original with the next free number."""
    taken = db.session.execute(select(Module.code, Module.slug).where(Module.code.like(f"{live.code[:14]}%"))).all()
    codes, slugs = {code for code, _ in taken}, {slug for _, slug in taken}
    for number in range(2, 100_000):
        code, slug = f"{live.code[:14]}-{number}", f"{live.slug[:110]}-{number}"
        if code not in codes and slug not in slugs:
            return code, slug
    raise AssertionError("unreachable")
