"""What a person decides about the path: modules refused, kept or swapped, and goals; each stands until undone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from training_platform.catalogue import service as catalogue
from training_platform.catalogue import visible
from training_platform.catalogue.service import LiveModule
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.framework import service as frameworks
from training_platform.framework.rules import Framework, RoleProfile
from training_platform.recommendations import record
from training_platform.recommendations.models import Choice, Goal
from training_platform.text import Text


def choose(person_id: int, slug: str, kind: str, now: datetime) -> LiveModule:
    """Keep the person's decision about a module: ``refused`` or ``pinned``; it stands until undone."""
    live = visible.module_for(person_id, slug)
    if live.planned:
        raise RefusedError(
            Text(
                "Ce module n'est pas encore écrit : il ne peut entrer dans aucun parcours.",
                "This module is not written yet: it can enter no path.",
            )
        )
    choice, *others = _of_family(person_id, live) or [Choice(person_id=person_id, module_id=live.module_id)]
    db.session.add(choice)
    for other in others:
        db.session.delete(other)
    choice.kind, choice.at = kind, now
    record.react(person_id, kind, live.code, now)
    db.session.flush()
    return live


def swap(person_id: int, slug: str, other: str, now: datetime) -> tuple[LiveModule, LiveModule]:
    """Refuse one module and keep another in its place; raise RefusedError for the same one."""
    if slug == other:
        raise RefusedError(Text("Choisissez un autre module.", "Choose another module."))
    return choose(person_id, slug, "refused", now), choose(person_id, other, "pinned", now)


def undo(person_id: int, slug: str, now: datetime) -> LiveModule:
    """Forget the person's decision about a module."""
    live = visible.module_for(person_id, slug)
    if chosen := _of_family(person_id, live):
        for choice in chosen:
            db.session.delete(choice)
        record.react(person_id, "undone", live.code, now)
        db.session.flush()
    return live


def _of_family(person_id: int, live: LiveModule) -> list[Choice]:
    """Return the person's decisions about a module, its original and its copies."""
    family = [one.module_id for one in catalogue.live_modules() if one.family_id == live.family_id]
    return list(db.session.scalars(select(Choice).where(Choice.person_id == person_id, Choice.module_id.in_(family))))


def add_goal(person_id: int, role_id: str, framework: Framework, now: datetime) -> RoleProfile:
    """Aim for another role: its targets count from now on; raise UnknownRoleError."""
    role = frameworks.role(framework, role_id)
    query = select(Goal.id).where(Goal.person_id == person_id, Goal.role_id == role_id)
    if db.session.scalar(query) is None:
        db.session.add(Goal(person_id=person_id, role_id=role_id, at=now))
        record.react(person_id, "goal", role_id, now)
        db.session.flush()
    return role


def remove_goal(person_id: int, role_id: str, now: datetime) -> None:
    """No longer aim for a role."""
    goal = db.session.scalar(select(Goal).where(Goal.person_id == person_id, Goal.role_id == role_id))
    if goal is not None:
        db.session.delete(goal)
        record.react(person_id, "goal_undone", role_id, now)
        db.session.flush()
