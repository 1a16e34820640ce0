"""Where a module stands on its way to publication, and what may be done there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from training_platform.accounts.models import Person
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.models import Module, ModuleVersion
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.studio.history import last_published
from training_platform.studio.models import ReviewComment, StudioEvent, Work
from training_platform.studio.rules import workflow as rules
from training_platform.studio.rules.workflow import Action, Effect
from training_platform.studio.service import require_author
from training_platform.text import Text


class NotNowError(RefusedError):
    """The rules of the workflow do not allow this, now or to this person."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a module stands on its way, as pages show it."""

    module: Module
    live: ModuleVersion | None
    draft: ModuleVersion | None
    work: rules.Work
    submitted_by: Person | None
    reviewer: Person | None
    publish_at: datetime | None
    effect: Effect
    failed: bool
    returned: bool

    @property
    def head(self) -> dict[str, Any]:
        """What the module says of itself: the draft's head where there is one."""
        return (self.draft or self.live).head  # type: ignore[union-attr]


def module_of(person_id: int, slug: str) -> Module:
    """Return a module, archived ones too, that the person may edit; raise UnknownModuleError, ForbiddenError."""
    module = db.session.scalar(select(Module).where(Module.slug == slug))
    if module is None:
        raise catalogue.UnknownModuleError
    require_author(person_id, module.unit_id)
    return module


def standing_of(person_id: int, slug: str, *, four_eyes: bool) -> Standing:
    """Return where a module stands; raise UnknownModuleError, ForbiddenError."""
    return standing_of_module(module_of(person_id, slug), four_eyes)


def standing_of_module(module: Module, four_eyes: bool) -> Standing:
    """Return where a module stands, for the platform itself."""
    row = db.session.get(Work, module.id, populate_existing=True)
    versions = select(ModuleVersion).where(ModuleVersion.module_id == module.id)
    live = db.session.scalar(versions.where(ModuleVersion.state.in_(catalogue.LIVE)))
    draft = db.session.scalar(versions.where(ModuleVersion.state == "draft"))
    people = {p.id: p for p in db.session.scalars(select(Person).where(Person.id.in_(_named(row))))}
    return Standing(
        module=module,
        live=live,
        draft=draft,
        work=rules.Work(
            state=state_of(module, live, draft, row),
            editors=_editors(module.id, draft),
            reviewer=row.reviewer_id if row else None,
            open_comments=open_comments(module.id),
            four_eyes=four_eyes,
        ),
        submitted_by=people.get(row.author_id or 0) if row else None,
        reviewer=people.get(row.reviewer_id or 0) if row else None,
        publish_at=row.publish_at if row else None,
        effect=row.effect if row else "finish",
        failed=row.failed if row else False,
        returned=row.returned if row else False,
    )


def _named(row: Work | None) -> list[int]:
    return [person for person in (row.author_id, row.reviewer_id) if person] if row else []


def state_of(module: Module, live: ModuleVersion | None, draft: ModuleVersion | None, row: Work | None) -> rules.State:
    """Return the state of a module from its rows: what was approved and then edited is a draft again."""
    if module.archived:
        return "archived"
    if draft is None:
        return "planned" if live is None or live.state == "planned" else "published"
    if row is None or (row.state == "approved" and row.content_hash != draft.content_hash):
        return "draft"
    return row.state


def _editors(module_id: int, draft: ModuleVersion | None) -> frozenset[int]:
    """Return who wrote in the draft: those recorded since the last publication, and who saved last."""
    if draft is None:
        return frozenset()
    since = last_published(module_id)
    query = select(StudioEvent.person_id).where(
        StudioEvent.module_id == module_id, StudioEvent.kind == "edited", StudioEvent.id > since
    )
    return frozenset(p for p in (*db.session.scalars(query), draft.author_id) if p is not None)


def open_comments(module_id: int) -> int:
    """Return how many comments are not resolved yet."""
    query = select(func.count()).where(
        ReviewComment.module_id == module_id, ReviewComment.parent_id.is_(None), ReviewComment.resolved_at.is_(None)
    )
    return db.session.scalar(query) or 0


def require_allowed(person_id: int, slug: str, action: Action, four_eyes: bool) -> Standing:
    """Return where a module stands; raise NotNowError where this person may not act so now."""
    standing = standing_of(person_id, slug, four_eyes=four_eyes)
    if reason := rules.refusal(standing.work, action, person_id):
        raise NotNowError(reason)
    return standing


def require_seen(draft: ModuleVersion, seen: str) -> None:
    """Raise NotNowError where the draft says something else than what the person read; ``seen`` is the hash of that."""
    if seen and seen != draft.content_hash:
        raise NotNowError(
            Text(
                "Le brouillon a changé depuis que vous l'avez ouvert. Relisez-le, puis recommencez.",
                "The draft has changed since you opened it. Read it again, then try again.",
            )
        )
