"""Which modules a person sees: the national catalogue, those of the units above them, what was shared; copies in place of originals."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from training_platform.catalogue import service
from training_platform.catalogue.models import Module, ModuleOffer
from training_platform.catalogue.service import LiveModule, UnknownModuleError
from training_platform.db import db
from training_platform.organisation import service as organisation

EVERYWHERE = 1000
"""How far the national catalogue is from anybody: a copy of one of the person's units is always nearer."""


def modules_for(
    person_id: int | None, *, keeping: Collection[int] = (), modules: Sequence[LiveModule] | None = None
) -> list[LiveModule]:
    """Return the live modules that a person sees (None: whoever is not signed in), by code; three queries at most.

    An adopted copy takes the place and the code of its original, the copy of the nearest unit first; a module in
    ``keeping`` (begun and not completed) stays for the person in any case.
    """
    live = service.live_modules() if modules is None else modules
    if all(one.unit_id is None for one in live):
        return list(live)
    units = organisation.units_around(person_id) if person_id is not None else {}
    accepted = _accepted()
    distances = {one.module_id: _distance(one, units, accepted.get(one.module_id, ())) for one in live}
    seen = [one for one in live if distances[one.module_id] is not None or one.module_id in keeping]
    return in_place(seen, {key: away for key, away in distances.items() if away is not None}, keeping, live)


def _accepted() -> dict[int, list[int]]:
    """Return the units that accepted each module offered to them."""
    rows = db.session.execute(select(ModuleOffer.module_id, ModuleOffer.unit_id).where(ModuleOffer.state == "accepted"))
    found: dict[int, list[int]] = {}
    for module_id, unit_id in rows:
        found.setdefault(module_id, []).append(unit_id)
    return found


def _distance(live: LiveModule, units: Mapping[int, int], accepted: Iterable[int]) -> int | None:
    """Return how many levels above the person the module comes from, None where the person does not see it."""
    if live.unit_id is None:
        return EVERYWHERE
    return min((units[unit] for unit in (live.unit_id, *accepted) if unit in units), default=None)


def in_place(
    seen: Sequence[LiveModule], distances: Mapping[int, int], keeping: Collection[int], live: Sequence[LiveModule]
) -> list[LiveModule]:
    """Return one module of each family, under the code of its original: the one begun, else the nearest."""
    codes = {one.module_id: one.code for one in live}
    chosen: dict[int, LiveModule] = {}
    for one in sorted(
        seen, key=lambda one: (one.module_id not in keeping, distances.get(one.module_id, EVERYWHERE), one.code)
    ):
        chosen.setdefault(one.family_id, one)
    named = [
        one if codes.get(family, one.code) == one.code else replace(one, code=codes[family])
        for family, one in chosen.items()
    ]
    return sorted(named, key=lambda one: one.code)


def module_for(person_id: int | None, slug: str) -> LiveModule:
    """Return the module that a person finds at an address: itself, or the copy that stands for it; officers see their own.

    Raise UnknownModuleError for one that the person does not see.
    """
    live = service.live_modules()
    wanted = next((one for one in live if one.slug == slug), None)
    if wanted is None:
        raise UnknownModuleError
    seen = modules_for(person_id, modules=live)
    found = next((one for one in seen if one.module_id == wanted.module_id), None)
    found = found or next((one for one in seen if one.family_id == wanted.family_id), None)
    if found is not None:
        return found
    if person_id is not None and organisation.has_right(person_id, "training_officer", wanted.unit_id):
        return wanted
    raise UnknownModuleError


def even_archived(person_id: int | None, slug: str) -> LiveModule:
    """Return the same, or a module that has left the catalogue and that the person saw there; raise UnknownModuleError."""
    found = service.with_archived(slug)
    if not found.archived:
        return module_for(person_id, slug)
    units = organisation.units_around(person_id) if person_id is not None else {}
    officer = person_id is not None and organisation.has_right(person_id, "training_officer", found.unit_id)
    if not officer and _distance(found, units, _accepted().get(found.module_id, ())) is None:
        raise UnknownModuleError
    return found


def origin_of(module_id: int) -> LiveModule | None:
    """Return the module that one was adopted from, as far as it is still live."""
    origin_id = db.session.scalar(select(Module.origin_id).where(Module.id == module_id))
    return next((one for one in service.live_modules() if one.module_id == origin_id), None) if origin_id else None


def codes_of(module_ids: Collection[int]) -> dict[int, str]:
    """Return the code that each module counts under, archived ones too: a copy counts as its original; one query."""
    original = aliased(Module)
    rows = db.session.execute(
        select(Module.id, func.coalesce(original.code, Module.code))
        .outerjoin(original, original.id == Module.original_id)
        .where(Module.id.in_(module_ids))
    )
    return dict(rows.tuples().all())
