"""Publication of a draft as a new version, with what becomes of learners; the archive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from training_platform.assessment import sittings
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import read_draft
from training_platform.catalogue.models import ModuleVersion
from training_platform.framework.rules import Framework
from training_platform.learning import moving
from training_platform.studio.history import record
from training_platform.studio.rules.workflow import Effect
from training_platform.studio.service import DraftProblemsError, problems_of
from training_platform.studio.standing import Standing, module_of, require_allowed, require_seen
from training_platform.studio.work import back_to_draft, close, hold


@dataclass(frozen=True, kw_only=True)
class Published:
    """A publication, and how many learners moved with it."""

    version: ModuleVersion
    moved: int


def publish(
    person_id: int,
    slug: str,
    framework: Framework,
    now: datetime,
    *,
    four_eyes: bool,
    effect: Effect = "finish",
    seen: str = "",
) -> Published:
    """Publish the draft as a new version; raise NotNowError, or DraftProblemsError naming what the checks find."""
    hold(module_of(person_id, slug).id)
    standing = require_allowed(person_id, slug, "publish", four_eyes)
    assert standing.draft is not None
    require_seen(standing.draft, seen)
    return publish_draft(standing, person_id, framework, effect, now)


def publish_draft(
    standing: Standing, person_id: int | None, framework: Framework, effect: Effect, now: datetime
) -> Published:
    """Publish the draft of a module, without asking who may; raise DraftProblemsError naming what the checks find."""
    module = standing.module
    assert standing.draft is not None
    package = read_draft(standing.draft.document)
    if problems := problems_of(package, framework):
        raise DraftProblemsError(problems)
    version = catalogue.publish(package, now, author_id=standing.draft.author_id)
    close(module.id, person_id, now)
    return settle(version, person_id, effect, now)


def settle(
    version: ModuleVersion,
    person_id: int | None,
    effect: Effect,
    now: datetime,
    kind: str = "published",
    **detail: object,
) -> Published:
    """Move learners as the author decided, and record the publication."""
    moved = 0
    if effect != "finish":
        moved = moving.move(version, completed=effect == "minor", tell=effect == "move")
        sittings.follow(version, now, keep=effect == "minor")
    detail |= {"effect": effect, "moved": moved}
    record(version.module_id, person_id, kind, now, number=version.number, detail=detail)
    return Published(version=version, moved=moved)


def archive(person_id: int, slug: str, now: datetime, *, four_eyes: bool) -> None:
    """Take a module out of the catalogue and of paths; those in the middle may finish, a draft in hand stays."""
    standing = require_allowed(person_id, slug, "archive", four_eyes)
    standing.module.archived = True
    back_to_draft(standing.module.id)
    record(standing.module.id, person_id, "archived", now)


def unarchive(person_id: int, slug: str, now: datetime, *, four_eyes: bool) -> None:
    """Put a module back into the catalogue."""
    standing = require_allowed(person_id, slug, "unarchive", four_eyes)
    standing.module.archived = False
    record(standing.module.id, person_id, "unarchived", now)
