"""A module on its way to publication: submitted, approved, scheduled, published, archived; each act is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import joinedload

from training_platform.accounts.models import Person
from training_platform.assessment import service as assessment
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import read_draft
from training_platform.catalogue.models import Module, ModuleVersion
from training_platform.catalogue.package import Problem
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.framework.rules import Framework
from training_platform.learning import moving
from training_platform.organisation import service as organisation
from training_platform.studio.models import ReviewComment, StudioEvent, Work
from training_platform.studio.rules import workflow as rules
from training_platform.studio.rules.workflow import Action, Effect
from training_platform.studio.service import DraftProblemsError, problems_of, require_author
from training_platform.text import Text

LONGEST_NOTE = 2000


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


@dataclass(frozen=True, kw_only=True)
class EventView:
    """One line of a module's history."""

    at: datetime
    kind: str
    person: str
    """Empty: the platform itself, or somebody who has left."""
    number: int | None
    detail: Mapping[str, Any]

    @property
    def planned(self) -> datetime | None:
        """The moment that a publication was scheduled for."""
        return datetime.fromisoformat(self.detail["at"]) if "at" in self.detail else None


@dataclass(frozen=True, kw_only=True)
class Published:
    """A publication, and how many learners moved with it."""

    version: ModuleVersion
    moved: int


def module_of(person_id: int, slug: str) -> Module:
    """Return a module, archived ones too, that the person may edit; raise UnknownModuleError, ForbiddenError."""
    module = db.session.scalar(select(Module).where(Module.slug == slug))
    if module is None:
        raise catalogue.UnknownModuleError
    require_author(person_id, module.unit_id)
    return module


def standing_of(person_id: int, slug: str, *, four_eyes: bool) -> Standing:
    """Return where a module stands; raise UnknownModuleError, ForbiddenError."""
    return _standing(module_of(person_id, slug), four_eyes)


def _standing(module: Module, four_eyes: bool) -> Standing:
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
        effect=row.effect if row else "finish",  # type: ignore[arg-type]
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
    return row.state  # type: ignore[return-value]


def _editors(module_id: int, draft: ModuleVersion | None) -> frozenset[int]:
    """Return who wrote in the draft: those recorded since the last publication, and who saved last."""
    if draft is None:
        return frozenset()
    since = last_published(module_id)
    query = select(StudioEvent.person_id).where(
        StudioEvent.module_id == module_id, StudioEvent.kind == "edited", StudioEvent.id > since
    )
    return frozenset(p for p in (*db.session.scalars(query), draft.author_id) if p is not None)


def last_published(module_id: int) -> int:
    """Return the id of the last event of publication, 0 where there is none: where the present work begins."""
    query = select(func.max(StudioEvent.id)).where(StudioEvent.module_id == module_id, StudioEvent.kind == "published")
    return db.session.scalar(query) or 0


def open_comments(module_id: int) -> int:
    """Return how many comments are not resolved yet."""
    query = select(func.count()).where(
        ReviewComment.module_id == module_id, ReviewComment.parent_id.is_(None), ReviewComment.resolved_at.is_(None)
    )
    return db.session.scalar(query) or 0


def history(module_id: int) -> list[EventView]:
    """Return who did what, the latest first; one query."""
    rows = db.session.scalars(
        select(StudioEvent)
        .where(StudioEvent.module_id == module_id)
        .options(joinedload(StudioEvent.person))
        .order_by(StudioEvent.id.desc())
    )
    return [
        EventView(
            at=row.at,
            kind=row.kind,
            person=row.person.name if row.person else "",
            number=row.number,
            detail=row.detail,
        )
        for row in rows
    ]


def record(
    module_id: int,
    person_id: int | None,
    kind: str,
    now: datetime,
    *,
    number: int | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add one line to the history."""
    db.session.add(
        StudioEvent(
            module_id=module_id, person_id=person_id, at=now, kind=kind, number=number, detail=dict(detail or {})
        )
    )
    db.session.flush()


def edited(person_id: int, module_id: int, now: datetime) -> None:
    """Record that a person wrote in the draft: once in a row, however often the editor saves."""
    row = db.session.get(Work, module_id)
    if row is not None and row.state == "approved":
        row.state, row.publish_at = "draft", None
    last = db.session.execute(
        select(StudioEvent.kind, StudioEvent.person_id)
        .where(StudioEvent.module_id == module_id)
        .order_by(StudioEvent.id.desc())
        .limit(1)
    ).one_or_none()
    if last is None or tuple(last) != ("edited", person_id):
        record(module_id, person_id, "edited", now)


def reviewers(person_id: int, slug: str, *, four_eyes: bool) -> list[Person]:
    """Return who may be asked to review the draft: the unit's officers, but its editors where four eyes are asked for."""
    standing = standing_of(person_id, slug, four_eyes=four_eyes)
    officers = organisation.holders("training_officer", standing.module.unit_id)
    barred = standing.work.editors if four_eyes else frozenset({person_id})
    return [officer for officer in officers if officer.id not in barred]


def submit(
    person_id: int, slug: str, reviewer_id: int | None, note: str, now: datetime, *, four_eyes: bool
) -> Standing:
    """Hand the draft to one officer, or to any officer of the unit, for review."""
    standing = _allowed(person_id, slug, "submit", four_eyes)
    able = {officer.id: officer for officer in reviewers(person_id, slug, four_eyes=four_eyes)}
    if reviewer_id is not None and reviewer_id not in able:
        raise RefusedError(
            Text(
                "Cette personne ne peut pas relire ce brouillon : choisissez un responsable de formation de la structure qui n'y a pas écrit.",
                "This person cannot review this draft: choose a training officer of the unit who did not write in it.",
            )
        )
    row = _work(standing.module.id)
    row.state, row.author_id, row.reviewer_id = "in_review", person_id, reviewer_id
    row.publish_at, row.failed, row.returned = None, False, False
    detail = {"to": able[reviewer_id].name if reviewer_id else "", "note": note[:LONGEST_NOTE]}
    record(standing.module.id, person_id, "submitted", now, detail=detail)
    return standing


def withdraw(person_id: int, slug: str, now: datetime, *, four_eyes: bool) -> None:
    """Take the draft back from review, or from approval, to go on writing."""
    standing = _allowed(person_id, slug, "withdraw", four_eyes)
    _back_to_draft(standing.module.id)
    record(standing.module.id, person_id, "withdrawn", now)


def ask_changes(person_id: int, slug: str, note: str, now: datetime, *, four_eyes: bool) -> None:
    """Return the draft to its author with what should change."""
    standing = _allowed(person_id, slug, "ask_changes", four_eyes)
    if not note.strip() and not standing.work.open_comments:
        raise RefusedError(
            Text(
                "Dites en une phrase ce qui doit changer, ou commentez un paragraphe.",
                "Say in one sentence what should change, or comment on a paragraph.",
            )
        )
    _back_to_draft(standing.module.id, returned=True)
    record(standing.module.id, person_id, "changes_asked", now, detail={"note": note.strip()[:LONGEST_NOTE]})


def approve(person_id: int, slug: str, now: datetime, *, four_eyes: bool, seen: str = "") -> None:
    """Approve exactly what the draft says now; ``seen`` is the hash of what the reviewer read."""
    standing = _allowed(person_id, slug, "approve", four_eyes)
    assert standing.draft is not None
    _require_seen(standing.draft, seen)
    row = _work(standing.module.id)
    row.state, row.content_hash, row.reviewer_id = "approved", standing.draft.content_hash, person_id
    record(standing.module.id, person_id, "approved", now)


def schedule(person_id: int, slug: str, at: datetime | None, effect: Effect, now: datetime, *, four_eyes: bool) -> None:
    """Have an approved draft published later; raise RefusedError for a moment that is not to come."""
    standing = _allowed(person_id, slug, "schedule", four_eyes)
    if at is None or at <= now:
        raise RefusedError(
            Text("Choisissez une date et une heure à venir.", "Choose a date and a time that are still to come.")
        )
    row = _work(standing.module.id)
    row.publish_at, row.effect, row.failed = at, effect, False
    record(standing.module.id, person_id, "scheduled", now, detail={"at": at.isoformat(), "effect": effect})


def unschedule(person_id: int, slug: str, now: datetime, *, four_eyes: bool) -> None:
    """Forget the scheduled publication; the draft stays approved."""
    standing = _allowed(person_id, slug, "unschedule", four_eyes)
    row = _work(standing.module.id)
    if row.publish_at is None:
        raise NotNowError(rules.NOT_NOW["unschedule"])
    row.publish_at = None
    record(standing.module.id, person_id, "unscheduled", now)


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
    standing = _allowed(person_id, slug, "publish", four_eyes)
    assert standing.draft is not None
    _require_seen(standing.draft, seen)
    return _publish(standing, person_id, framework, effect, now)


def _publish(
    standing: Standing, person_id: int | None, framework: Framework, effect: Effect, now: datetime
) -> Published:
    module = standing.module
    assert standing.draft is not None
    package = read_draft(standing.draft.document)
    if problems := problems_of(package, framework):
        raise DraftProblemsError(problems)
    author = standing.draft.author_id
    version = catalogue.publish(package, now, author_id=author)
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
        assessment.follow(version, now, keep=effect == "minor")
    detail |= {"effect": effect, "moved": moved}
    record(version.module_id, person_id, kind, now, number=version.number, detail=detail)
    return Published(version=version, moved=moved)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a scheduled publication, and who should hear about it."""

    slug: str
    title: Text
    version: int | None
    problems: tuple[Problem, ...]
    people: tuple[Person, ...]


def due(now: datetime) -> list[int]:
    """Return the modules whose scheduled publication has come."""
    query = select(Work.module_id).where(Work.state == "approved", Work.publish_at <= now)
    return list(db.session.scalars(query.order_by(Work.publish_at, Work.module_id)))


def publish_due(module_id: int, framework: Framework, now: datetime, *, four_eyes: bool) -> Outcome | None:
    """Publish one module whose time has come; with problems it stays approved and says so. None: nothing to do any more."""
    hold(module_id)
    standing = _standing(db.session.get_one(Module, module_id), four_eyes)
    if standing.publish_at is None or standing.publish_at > now or standing.work.state != "approved":
        return None
    title = Text(standing.head["title"]["fr"], standing.head["title"]["en"])
    people = tuple(p for p in (standing.submitted_by, standing.reviewer) if p)
    slug = standing.module.slug
    try:
        if reason := rules.refusal(standing.work, "publish", 0):
            raise DraftProblemsError([Problem(file=slug, line=1, reason=reason)])
        published = _publish(standing, None, framework, standing.effect, now)
    except DraftProblemsError as error:
        row = _work(module_id)
        row.publish_at, row.failed = None, True
        reasons = [{"fr": p.reason.fr, "en": p.reason.en} for p in error.problems]
        record(module_id, None, "schedule_failed", now, detail={"problems": reasons[:20]})
        return Outcome(slug=slug, title=title, version=None, problems=tuple(error.problems), people=people)
    return Outcome(slug=slug, title=title, version=published.version.number, problems=(), people=people)


def archive(person_id: int, slug: str, now: datetime, *, four_eyes: bool) -> None:
    """Take a module out of the catalogue and of paths; those in the middle may finish, a draft in hand stays."""
    standing = _allowed(person_id, slug, "archive", four_eyes)
    standing.module.archived = True
    _back_to_draft(standing.module.id)
    record(standing.module.id, person_id, "archived", now)


def unarchive(person_id: int, slug: str, now: datetime, *, four_eyes: bool) -> None:
    """Put a module back into the catalogue."""
    standing = _allowed(person_id, slug, "unarchive", four_eyes)
    standing.module.archived = False
    record(standing.module.id, person_id, "unarchived", now)


def _allowed(person_id: int, slug: str, action: Action, four_eyes: bool) -> Standing:
    standing = standing_of(person_id, slug, four_eyes=four_eyes)
    if reason := rules.refusal(standing.work, action, person_id):
        raise NotNowError(reason)
    return standing


def _require_seen(draft: ModuleVersion, seen: str) -> None:
    if seen and seen != draft.content_hash:
        raise NotNowError(
            Text(
                "Le brouillon a changé depuis que vous l'avez ouvert. Relisez-le, puis recommencez.",
                "The draft has changed since you opened it. Read it again, then try again.",
            )
        )


def _work(module_id: int) -> Work:
    row = db.session.get(Work, module_id)
    if row is None:
        row = Work(module_id=module_id, state="draft", effect="finish", content_hash="", returned=False, failed=False)
        db.session.add(row)
    return row


def _back_to_draft(module_id: int, *, returned: bool = False) -> None:
    row = _work(module_id)
    row.state, row.publish_at, row.failed, row.returned = "draft", None, False, returned
    db.session.flush()


def close(module_id: int, person_id: int | None, now: datetime) -> None:
    """End the work in hand: its comments are resolved with it."""
    db.session.execute(delete(Work).where(Work.module_id == module_id))
    db.session.execute(
        update(ReviewComment)
        .where(ReviewComment.module_id == module_id, ReviewComment.resolved_at.is_(None))
        .values(resolved_at=now, resolved_by_id=person_id)
        .execution_options(synchronize_session=False)
    )


def hold(module_id: int) -> None:
    """Keep two publications of one module apart: the second waits here, then finds the draft gone."""
    db.session.execute(
        update(Module)
        .where(Module.id == module_id)
        .values(archived=Module.archived)
        .execution_options(synchronize_session=False)
    )
