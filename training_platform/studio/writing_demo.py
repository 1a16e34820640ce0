"""What the demo hospital shows of writing: a colleague's draft under way, its English late, one question unfinished."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from training_platform.accounts.models import Person
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import read_draft
from training_platform.catalogue.models import Module, ModuleVersion
from training_platform.db import db
from training_platform.organisation.models import Unit
from training_platform.studio import drafts, questions
from training_platform.studio.service import EditedModule

ADDED = "\n\nPrenez deux minutes avec la personne qui saisit : elle sait déjà ce qui manque.\n"


def fill(now: datetime) -> None:
    """Leave a module of the demonstration's group in the middle of being written; it goes with the group."""
    author = db.session.scalar(select(Person.id).where(Person.demo.is_(True)).order_by(Person.id.desc()).limit(1))
    busy = select(ModuleVersion.module_id).where(ModuleVersion.state == "draft")
    units = select(Unit.id).where(Unit.demo.is_(True), Unit.kind == "ght")
    free = set(db.session.scalars(select(Module.id).where(Module.unit_id.in_(units), Module.id.not_in(busy))))
    live = next((one for one in catalogue.live_modules() if not one.planned and one.module_id in free), None)
    if author is None or live is None:
        return
    edited = EditedModule(module_id=live.module_id, code=live.code, slug=live.slug, unit_id=None, live=live)
    before = catalogue.package_of(live.version_id)
    document = before.model_dump(by_alias=True)
    document["lessons"][0]["text"]["fr"] = document["lessons"][0]["text"]["fr"].rstrip() + ADDED
    package, _ = questions.add(read_draft(document), questions.BANK, "single")
    drafts.write(edited, before, package, author, now - timedelta(hours=2))
