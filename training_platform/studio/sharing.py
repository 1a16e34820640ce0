"""Modules between units: offered upward, adopted as a copy that keeps its origin, brought up to date from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload, undefer

from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage, read_draft
from training_platform.catalogue.models import Module, ModuleOffer, ModuleVersion
from training_platform.catalogue.service import LiveModule
from training_platform.db import db
from training_platform.errors import ForbiddenError, NotFoundError, RefusedError
from training_platform.organisation import service as organisation
from training_platform.organisation.models import Unit
from training_platform.studio import drafts, history, work
from training_platform.studio.rules import updates
from training_platform.studio.rules.updates import Conflict, Side
from training_platform.studio.service import editable, require_officer, working_copy
from training_platform.studio.standing import module_of
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


class NotOfferedError(RefusedError):
    """The module cannot be offered to this unit."""


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


@dataclass(frozen=True, kw_only=True)
class OfferView:
    """An offer as pages show it."""

    id: int
    slug: str
    title: Text
    unit: str
    """To whom it was made."""
    state: str
    decidable: bool
    """The officer may accept it for the unit."""


@dataclass(frozen=True, kw_only=True)
class News:
    """What the original of a copy says now, merged with the copy; conflicts are for the officer to choose."""

    origin: LiveModule
    number: int
    """The version of the original that the copy knows."""
    merged: ModulePackage
    conflicts: Sequence[Conflict]
    brought: int
    """Places where the original's change comes in by itself."""


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


def origin_of(module: Module) -> LiveModule | None:
    """Return the module that a copy was adopted from, None where it is not a copy or the original is gone."""
    if module.origin_id is None:
        return None
    return next((live for live in catalogue.live_modules() if live.module_id == module.origin_id), None)


def news(person_id: int, slug: str, choices: Mapping[str, Side] | None = None) -> News:
    """Return what would come of taking over the original's changes; raise RefusedError where there are none."""
    edited = editable(person_id, slug)
    module = db.session.get_one(Module, edited.module_id)
    origin = origin_of(module)
    if origin is None or origin.number == module.origin_number:
        raise RefusedError(
            Text(
                "L'original n'a pas changé depuis : il n'y a rien à reprendre.",
                "The original has not changed since: there is nothing to take over.",
            )
        )
    base = db.session.scalar(
        select(ModuleVersion)
        .where(ModuleVersion.module_id == origin.module_id, ModuleVersion.number == module.origin_number)
        .options(undefer(ModuleVersion.document))
    )
    mine = working_copy(edited)
    found = updates.merge(
        _plain(read_draft(base.document)) if base else {},
        _plain(catalogue.package_of(origin.version_id)),
        _plain(mine),
        choices or {},
    )
    head = found.document["head"] | {"code": mine.head.code}
    return News(
        origin=origin,
        number=module.origin_number or 0,
        merged=drafts.with_facts(read_draft(found.document | {"slug": mine.slug, "head": head})),
        conflicts=found.conflicts,
        brought=found.brought,
    )


def _plain(package: ModulePackage) -> dict[str, Any]:
    """Return what a copy shares with its original: all but the code and the address."""
    return package.model_dump(mode="json", by_alias=True, exclude={"slug": True, "head": {"code", "facts"}})


def take_over(person_id: int, slug: str, choices: Mapping[str, Side], now: datetime) -> ModuleVersion:
    """Write the original's changes into the draft of the copy; raise RefusedError while a conflict is not decided."""
    edited, before = drafts.hold(person_id, slug)
    found = news(person_id, slug, choices)
    if undecided := [conflict for conflict in found.conflicts if conflict.key not in choices]:
        raise UndecidedError([conflict.key for conflict in undecided])
    drafts.write(edited, before, found.merged, person_id, now)
    module = db.session.get_one(Module, edited.module_id)
    module.origin_number = found.origin.number
    history.record(module.id, person_id, "updated", now, detail={"version": found.origin.number})
    draft = catalogue.draft_of(module.id)
    assert draft is not None
    return draft


class UndecidedError(RefusedError):
    """Some conflicts between a copy and its original are not decided; ``keys`` names them."""

    def __init__(self, keys: list[str]) -> None:
        super().__init__(
            Text("Choisissez un texte pour chaque passage en conflit.", "Choose a text for each passage in conflict.")
        )
        self.keys = keys


def targets(module: Module) -> list[Unit]:
    """Return the units above the module's own, to which it may be offered, the nearest first."""
    if module.unit_id is None:
        return []
    above = organisation.units_above({module.unit_id}) - {module.unit_id}
    order = ("establishment", "ght", "region", "nation")
    units = db.session.scalars(select(Unit).where(Unit.id.in_(above)))
    return sorted(units, key=lambda unit: order.index(unit.kind) if unit.kind in order else 0)


def offer(person_id: int, slug: str, unit_id: int, now: datetime) -> None:
    """Offer a published module to a unit above its own; offering again after a refusal is allowed."""
    module = module_of(person_id, slug)
    unit = next((unit for unit in targets(module) if unit.id == unit_id), None)
    if unit is None:
        raise NotOfferedError(
            Text(
                "Choisissez une structure au-dessus de celle du module.",
                "Choose a unit above the module's own.",
            )
        )
    if not any(live.module_id == module.id and not live.planned for live in catalogue.live_modules()):
        raise NotOfferedError(
            Text("Publiez ce module avant de le proposer.", "Publish this module before you offer it.")
        )
    row = db.session.scalar(
        select(ModuleOffer).where(ModuleOffer.module_id == module.id, ModuleOffer.unit_id == unit_id)
    )
    if row is not None and row.state in ("open", "accepted"):
        raise NotOfferedError(
            Text("Ce module est déjà proposé à cette structure.", "This module is offered to this unit already.")
        )
    if row is None:
        row = ModuleOffer(module_id=module.id, unit_id=unit_id)
        db.session.add(row)
    row.state, row.offered_by_id, row.offered_at = "open", person_id, now
    history.record(module.id, person_id, "offered", now, detail={"unit": unit.name})


def decide(person_id: int, offer_id: int, accepted: bool, now: datetime) -> Module:
    """Accept an offer for the learners of a unit, or decline it; only officers of that very unit, or above."""
    row = _offer(offer_id)
    organisation.require_right(person_id, "training_officer", row.unit_id)
    if row.state != "open":
        raise RefusedError(Text("Cette proposition n'attend plus de réponse.", "This offer awaits no answer any more."))
    row.state = "accepted" if accepted else "declined"
    kind = "offer_accepted" if accepted else "offer_declined"
    history.record(row.module_id, person_id, kind, now, detail={"unit": _name(row.unit_id)})
    return row.module


def withdraw(person_id: int, offer_id: int, now: datetime) -> Module:
    """Take an offer back: learners of the wider unit no longer find the module; copies that were adopted stay."""
    row = _offer(offer_id)
    module_of(person_id, row.module.slug)
    if row.state not in ("open", "accepted"):
        raise RefusedError(Text("Cette proposition n'est plus en cours.", "This offer no longer stands."))
    row.state = "withdrawn"
    history.record(row.module_id, person_id, "offer_withdrawn", now, detail={"unit": _name(row.unit_id)})
    return row.module


def _offer(offer_id: int) -> ModuleOffer:
    row = db.session.get(ModuleOffer, offer_id, options=[joinedload(ModuleOffer.module)])
    if row is None:
        raise NotFoundError(Text("Cette proposition n'existe plus.", "This offer no longer exists."))
    return row


def _name(unit_id: int) -> str:
    return db.session.get_one(Unit, unit_id).name


def offers_of(module_id: int) -> list[OfferView]:
    """Return the standing offers of a module."""
    query = select(ModuleOffer, Unit.name).join(Unit).where(ModuleOffer.module_id == module_id)
    rows = db.session.execute(query.where(ModuleOffer.state != "withdrawn").order_by(ModuleOffer.id))
    return [
        OfferView(id=row.id, slug="", title=Text("", ""), unit=unit, state=row.state, decidable=False)
        for row, unit in rows
    ]


def offers_to(person_id: int) -> list[OfferView]:
    """Return the modules offered to the officer's units and those above, the open ones first; a fixed number of queries."""
    within = organisation.units_within(person_id, "training_officer")
    around = within | organisation.units_above(within)
    rows = db.session.execute(
        select(ModuleOffer, Unit.name)
        .join(Unit, Unit.id == ModuleOffer.unit_id)
        .join(Module, Module.id == ModuleOffer.module_id)
        .where(
            ModuleOffer.unit_id.in_(around),
            ModuleOffer.state.in_(("open", "accepted")),
            or_(Module.unit_id.not_in(within), and_(ModuleOffer.state == "open", ModuleOffer.unit_id.in_(within))),
        )
        .order_by(ModuleOffer.state.desc(), ModuleOffer.id)
    ).all()
    live = {one.module_id: one for one in catalogue.live_modules()}
    return [
        OfferView(
            id=row.id,
            slug=live[row.module_id].slug,
            title=Text(live[row.module_id].head.title.fr, live[row.module_id].head.title.en),
            unit=unit,
            state=row.state,
            decidable=row.state == "open" and row.unit_id in within,
        )
        for row, unit in rows
        if row.module_id in live
    ]
