"""Modules offered to a unit above their own: for its officers to adopt, or to accept for its learners."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from training_platform.catalogue import service as catalogue
from training_platform.catalogue.models import Module, ModuleOffer
from training_platform.db import db
from training_platform.errors import NotFoundError, RefusedError
from training_platform.organisation import service as organisation
from training_platform.organisation.models import Unit
from training_platform.studio import history
from training_platform.studio.standing import module_of
from training_platform.text import Text


class NotOfferedError(RefusedError):
    """The module cannot be offered to this unit."""


@dataclass(frozen=True, kw_only=True)
class OfferView:
    """An offer as the module's own page shows it."""

    id: int
    unit: str
    """To whom it was made."""
    state: str


@dataclass(frozen=True, kw_only=True)
class ModuleOfferView(OfferView):
    """An offer as the officers of the wider unit see it."""

    slug: str
    title: Text
    decidable: bool
    """The officer may accept it for the unit."""


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
    return [OfferView(id=row.id, unit=unit, state=row.state) for row, unit in rows]


def offers_to(person_id: int) -> list[ModuleOfferView]:
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
        ModuleOfferView(
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
