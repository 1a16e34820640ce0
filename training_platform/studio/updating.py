"""Copies brought up to date: what the original says now, merged with the copy, conflicts chosen by its officer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from training_platform.catalogue import service as catalogue
from training_platform.catalogue import visible
from training_platform.catalogue.format import ModulePackage, read_draft
from training_platform.catalogue.models import Module, ModuleVersion
from training_platform.catalogue.service import LiveModule
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.studio import drafts, history
from training_platform.studio.rules import updates
from training_platform.studio.rules.updates import Conflict, Side
from training_platform.studio.service import editable, working_copy
from training_platform.text import Text


class UndecidedError(RefusedError):
    """Some conflicts between a copy and its original are not decided; ``keys`` names them."""

    def __init__(self, keys: list[str]) -> None:
        super().__init__(
            Text("Choisissez un texte pour chaque passage en conflit.", "Choose a text for each passage in conflict.")
        )
        self.keys = keys


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


def news(person_id: int, slug: str, choices: Mapping[str, Side] | None = None) -> News:
    """Return what would come of taking over the original's changes; raise RefusedError where there are none."""
    edited = editable(person_id, slug)
    module = db.session.get_one(Module, edited.module_id)
    origin = visible.origin_of(module.id)
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
