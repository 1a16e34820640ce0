"""Publication at a moment to come: scheduled, forgotten, carried out when it is due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from training_platform.accounts.models import Person
from training_platform.catalogue.models import Module
from training_platform.catalogue.package import Problem
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.framework.rules import Framework
from training_platform.studio.history import record
from training_platform.studio.models import Work
from training_platform.studio.publishing import publish_draft
from training_platform.studio.rules import workflow as rules
from training_platform.studio.rules.workflow import Effect
from training_platform.studio.service import DraftProblemsError
from training_platform.studio.standing import NotNowError, require_allowed, standing_of_module
from training_platform.studio.work import hold, work_of
from training_platform.text import Text


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a scheduled publication, and who should hear about it."""

    slug: str
    title: Text
    version: int | None
    problems: tuple[Problem, ...]
    people: tuple[Person, ...]


class PastMomentError(RefusedError):
    """The moment chosen is none, or not to come."""

    def __init__(self) -> None:
        super().__init__(
            Text("Choisissez une date et une heure à venir.", "Choose a date and a time that are still to come.")
        )


def schedule(person_id: int, slug: str, at: datetime | None, effect: Effect, now: datetime, *, four_eyes: bool) -> None:
    """Have an approved draft published later; raise PastMomentError, NotNowError."""
    standing = require_allowed(person_id, slug, "schedule", four_eyes)
    if at is None or at <= now:
        raise PastMomentError
    row = work_of(standing.module.id)
    row.publish_at, row.effect, row.failed = at, effect, False
    record(standing.module.id, person_id, "scheduled", now, detail={"at": at.isoformat(), "effect": effect})


def unschedule(person_id: int, slug: str, now: datetime, *, four_eyes: bool) -> None:
    """Forget the scheduled publication; the draft stays approved."""
    standing = require_allowed(person_id, slug, "unschedule", four_eyes)
    row = work_of(standing.module.id)
    if row.publish_at is None:
        raise NotNowError(rules.NOT_NOW["unschedule"])
    row.publish_at = None
    record(standing.module.id, person_id, "unscheduled", now)


def due(now: datetime) -> list[int]:
    """Return the modules whose scheduled publication has come."""
    query = select(Work.module_id).where(Work.state == "approved", Work.publish_at <= now)
    return list(db.session.scalars(query.order_by(Work.publish_at, Work.module_id)))


def publish_due(module_id: int, framework: Framework, now: datetime, *, four_eyes: bool) -> Outcome | None:
    """Publish one module whose time has come; with problems it stays approved and says so. None: nothing to do any more."""
    hold(module_id)
    standing = standing_of_module(db.session.get_one(Module, module_id), four_eyes)
    if standing.publish_at is None or standing.publish_at > now or standing.work.state != "approved":
        return None
    title = Text(standing.head["title"]["fr"], standing.head["title"]["en"])
    people = tuple(p for p in (standing.submitted_by, standing.reviewer) if p)
    slug = standing.module.slug
    try:
        if reason := rules.refusal(standing.work, "publish", 0):
            raise DraftProblemsError([Problem(file=slug, line=1, reason=reason)])
        published = publish_draft(standing, None, framework, standing.effect, now)
    except DraftProblemsError as error:
        row = work_of(module_id)
        row.publish_at, row.failed = None, True
        reasons = [{"fr": p.reason.fr, "en": p.reason.en} for p in error.problems]
        record(module_id, None, "schedule_failed", now, detail={"problems": reasons[:20]})
        return Outcome(slug=slug, title=title, version=None, problems=tuple(error.problems), people=people)
    return Outcome(slug=slug, title=title, version=published.version.number, problems=(), people=people)
