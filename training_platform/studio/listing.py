"""The modules within an officer's reach, with their state, who has them, and what waits for the officer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from training_platform.accounts.models import Person
from training_platform.catalogue.models import Module, ModuleVersion
from training_platform.db import db
from training_platform.organisation import service as organisation
from training_platform.organisation.models import Unit
from training_platform.studio.models import ReviewComment, Work
from training_platform.studio.rules.workflow import State
from training_platform.studio.standing import state_of
from training_platform.text import Text

Task = Literal["review", "change", "publish", "failed"]
ORDER: tuple[Task, ...] = ("review", "failed", "change", "publish")


@dataclass(frozen=True, kw_only=True)
class Line:
    """A module as the list shows it."""

    slug: str
    code: str
    title: Text
    domain: str
    state: State
    number: int | None
    """The version that is live."""
    unit: str
    """Empty for the national catalogue."""
    holder: str
    """Who has the draft: the reviewer, or who wrote last."""
    publish_at: datetime | None
    open_comments: int
    task: Task | None
    """What waits for the officer."""
    own: bool
    """The officer may write in it; else it can be adopted."""
    news: bool
    """The original of this copy has a newer version."""


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What the list keeps."""

    state: str = ""
    domain: str = ""
    words: str = ""


def lines(person_id: int, *, four_eyes: bool) -> list[Line]:
    """Return the modules of the officer's units, then the national catalogue, by code; the number of queries is fixed."""
    organisation.require_right(person_id, "training_officer")
    within = organisation.units_within(person_id, "training_officer")
    rows = db.session.execute(
        select(Module, ModuleVersion)
        .join(ModuleVersion, ModuleVersion.module_id == Module.id)
        .where(
            ModuleVersion.state.in_(("planned", "published", "draft")),
            or_(Module.unit_id.is_(None), Module.unit_id.in_(within)),
        )
        .order_by(Module.unit_id.is_(None), Module.code)
    ).all()
    modules: dict[int, tuple[Module, dict[str, ModuleVersion]]] = {}
    for module, version in rows:
        kind = "draft" if version.state == "draft" else "live"
        modules.setdefault(module.id, (module, {}))[1][kind] = version
    works = {row.module_id: row for row in db.session.scalars(select(Work))}
    comments = _open_comments()
    people = _names(modules, works)
    top = organisation.reaches_the_top(person_id, "training_officer")
    numbers = {module_id: v["live"].number for module_id, (_, v) in modules.items() if "live" in v}
    units = dict(db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(within))).tuples().all())
    return [
        replace(
            _line(module, versions, works.get(module.id), comments, people, units, person_id, four_eyes),
            own=top or module.unit_id is not None,
            news=numbers.get(module.origin_id or 0, module.origin_number) != module.origin_number,
        )
        for module, versions in modules.values()
    ]


def _open_comments() -> dict[int, int]:
    query = select(ReviewComment.module_id, func.count()).where(
        ReviewComment.parent_id.is_(None), ReviewComment.resolved_at.is_(None)
    )
    return dict(db.session.execute(query.group_by(ReviewComment.module_id)).tuples().all())


def _names(
    modules: Mapping[int, tuple[Module, Mapping[str, ModuleVersion]]], works: Mapping[int, Work]
) -> dict[int, str]:
    ids = {version.author_id for _, versions in modules.values() for version in versions.values()}
    ids |= {row.reviewer_id for row in works.values()}
    query = select(Person.id, Person.name).where(Person.id.in_([one for one in ids if one]))
    return dict(db.session.execute(query).tuples().all())


def _line(
    module: Module,
    versions: Mapping[str, ModuleVersion],
    row: Work | None,
    comments: Mapping[int, int],
    people: Mapping[int, str],
    units: Mapping[int, str],
    person_id: int,
    four_eyes: bool,
) -> Line:
    live, draft = versions.get("live"), versions.get("draft")
    shown = draft or live
    assert shown is not None
    state = state_of(module, live, draft, row)
    holder = (row.reviewer_id if row and state == "in_review" else draft.author_id if draft else None) or 0
    return Line(
        slug=module.slug,
        code=module.code,
        title=Text(shown.head["title"]["fr"], shown.head["title"]["en"]),
        domain=shown.head["domain"],
        state=state,
        number=live.number if live and live.state == "published" else None,
        unit=units.get(module.unit_id or 0, ""),
        holder=people.get(holder, ""),
        publish_at=row.publish_at if row and state == "approved" else None,
        open_comments=comments.get(module.id, 0),
        task=_task(state, draft, row, person_id, four_eyes),
        own=True,
        news=False,
    )


def _task(state: State, draft: ModuleVersion | None, row: Work | None, person_id: int, four_eyes: bool) -> Task | None:
    if row is None or draft is None:
        return None
    own = person_id in (row.author_id, draft.author_id)
    if state == "in_review":
        asked = row.reviewer_id == person_id or (row.reviewer_id is None and not own)
        return "review" if asked and not (four_eyes and draft.author_id == person_id) else None
    if not own and person_id != row.reviewer_id:
        return None
    if state == "approved":
        return "failed" if row.failed else "publish" if row.publish_at is None else None
    return "change" if state == "draft" and row.returned and own else None


def count_waiting(person_id: int, *, four_eyes: bool) -> int:
    """Return how many drafts wait for the officer to review or rework them; three queries."""
    within = organisation.units_within(person_id, "training_officer")
    reach: ColumnElement[bool] = Module.unit_id.in_(within)
    if organisation.reaches_the_top(person_id, "training_officer"):
        reach = or_(reach, Module.unit_id.is_(None))
    own = or_(func.coalesce(Work.author_id, 0) == person_id, func.coalesce(ModuleVersion.author_id, 0) == person_id)
    to_review = and_(
        Work.state == "in_review",
        or_(Work.reviewer_id == person_id, and_(Work.reviewer_id.is_(None), ~own, reach)),
        true() if not four_eyes else func.coalesce(ModuleVersion.author_id, 0) != person_id,
    )
    to_rework = and_(Work.state == "draft", Work.returned, own)
    query = (
        select(func.count(Work.module_id))
        .join(Module, Module.id == Work.module_id)
        .join(ModuleVersion, and_(ModuleVersion.module_id == Work.module_id, ModuleVersion.state == "draft"))
        .where(
            Module.archived.is_(False),
            or_(Module.unit_id.is_(None), Module.unit_id.in_(within)),
            or_(to_review, to_rework),
        )
    )
    return db.session.scalar(query) or 0


def kept(found: Sequence[Line], filters: Filters) -> list[Line]:
    """Return the lines that pass the filters; archived ones only where they are asked for."""
    words = filters.words.casefold().split()
    return [
        line
        for line in found
        if (line.state == filters.state if filters.state else line.state != "archived")
        and (not filters.domain or line.domain == filters.domain)
        and all(word in f"{line.code} {line.title.fr} {line.title.en}".casefold() for word in words)
    ]


def waiting(found: Sequence[Line]) -> list[Line]:
    """Return what waits for the officer, reviews first."""
    return sorted((line for line in found if line.task), key=lambda line: ORDER.index(line.task or "publish"))
