"""Beginning a module from nothing: a title, a domain, whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from training_platform.catalogue import service as catalogue
from training_platform.catalogue.models import Module
from training_platform.db import db
from training_platform.framework.rules import Framework
from training_platform.organisation import service as organisation
from training_platform.organisation.models import Unit
from training_platform.studio.service import require_officer
from training_platform.text import Text, excess

LONGEST_TITLE = 200


def units_of(person_id: int) -> list[Unit]:
    """Return the units for which the person may write, by code; raise ForbiddenError where there is none."""
    require_officer(person_id)
    within = organisation.units_within(person_id, "training_officer")
    return list(db.session.scalars(select(Unit).where(Unit.id.in_(within)).order_by(Unit.code)))


def start(
    person_id: int, fields: Mapping[str, str], framework: Framework, now: datetime
) -> tuple[Module | None, dict[str, Text]]:
    """Start a module of one of the person's units, or return what is wrong by field."""
    units = {unit.id for unit in units_of(person_id)}
    title = Text(fields.get("title_fr", ""), fields.get("title_en", ""))
    errors: dict[str, Text] = {}
    if not title.fr:
        errors["title_fr"] = Text("Donnez un titre en français.", "Give a title in French.")
    for name, words in (("title_fr", title.fr), ("title_en", title.en)):
        if over := excess(words, LONGEST_TITLE):
            errors[name] = over
    if fields.get("domain") not in framework.domains:
        errors["domain"] = Text("Choisissez un domaine.", "Choose a domain.")
    unit = fields.get("unit", "")
    if not unit.isdecimal() or int(unit) not in units:
        errors["unit"] = Text("Choisissez une de vos structures.", "Choose one of your units.")
    if errors:
        return None, errors
    module = catalogue.create_draft(
        title=title, domain=fields["domain"], author_id=person_id, unit_id=int(unit), now=now
    )
    return module, {}
