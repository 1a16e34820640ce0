"""The way to publication: draft, in review, approved, published, archived; what may be done, by whom, and where it leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from training_platform.text import Text

State = Literal["planned", "draft", "in_review", "approved", "published", "archived"]
WorkState = Literal["draft", "in_review", "approved"]
"""The states that a draft in hand may be in."""
Action = Literal[
    "edit", "submit", "withdraw", "ask_changes", "approve", "schedule", "unschedule", "publish", "archive", "unarchive"
]
Effect = Literal["minor", "finish", "move"]
"""What a publication does to learners: nobody restarts; those in the middle finish theirs; or move, with a note."""
EFFECTS: tuple[Effect, ...] = ("minor", "finish", "move")

STATES: Mapping[State, Text] = {
    "planned": Text("à écrire", "to be written"),
    "draft": Text("brouillon", "draft"),
    "in_review": Text("en relecture", "in review"),
    "approved": Text("approuvé", "approved"),
    "published": Text("publié", "published"),
    "archived": Text("archivé", "archived"),
}

TRANSITIONS: Mapping[tuple[State, Action], State] = {
    ("planned", "edit"): "draft",
    ("published", "edit"): "draft",
    ("draft", "edit"): "draft",
    ("in_review", "edit"): "in_review",
    ("approved", "edit"): "draft",
    ("draft", "submit"): "in_review",
    ("in_review", "withdraw"): "draft",
    ("approved", "withdraw"): "draft",
    ("in_review", "ask_changes"): "draft",
    ("in_review", "approve"): "approved",
    ("approved", "schedule"): "approved",
    ("approved", "unschedule"): "approved",
    ("draft", "publish"): "published",
    ("in_review", "publish"): "published",
    ("approved", "publish"): "published",
    ("planned", "archive"): "archived",
    ("draft", "archive"): "archived",
    ("in_review", "archive"): "archived",
    ("approved", "archive"): "archived",
    ("published", "archive"): "archived",
    ("archived", "unarchive"): "published",
}

NOT_NOW: Mapping[Action, Text] = {
    "edit": Text("Ce module ne peut pas être modifié maintenant.", "This module cannot be edited now."),
    "submit": Text(
        "Il n'y a pas de brouillon à relire. Enregistrez d'abord vos changements.",
        "There is no draft to review. Save your changes first.",
    ),
    "withdraw": Text("Ce brouillon n'est pas en relecture.", "This draft is not in review."),
    "ask_changes": Text("Ce brouillon n'est plus en relecture.", "This draft is no longer in review."),
    "approve": Text("Ce brouillon n'est plus en relecture.", "This draft is no longer in review."),
    "schedule": Text("Seul un brouillon approuvé peut être programmé.", "Only an approved draft can be scheduled."),
    "unschedule": Text("Aucune publication n'est programmée.", "No publication is scheduled."),
    "publish": Text("Il n'y a pas de brouillon à publier.", "There is no draft to publish."),
    "archive": Text("Ce module est déjà archivé.", "This module is archived already."),
    "unarchive": Text("Ce module n'est pas archivé.", "This module is not archived."),
}
ARCHIVED = Text(
    "Ce module a été archivé. Sortez-le des archives pour continuer.",
    "This module has been archived. Take it out of the archive to go on.",
)
NOT_THE_REVIEWER = Text(
    "La relecture est confiée à une autre personne. Demandez à l'auteur de vous la confier.",
    "The review is in somebody else's hands. Ask the author to hand it to you.",
)
OWN_WORK = Text(
    "Vous avez écrit dans ce brouillon : une autre personne doit l'approuver.",
    "You wrote in this draft: somebody else must approve it.",
)
OPEN_COMMENTS = Text(
    "Des commentaires sont encore ouverts. Traitez-les un par un d'abord.",
    "Some comments are still open. Resolve them one by one first.",
)
NEEDS_APPROVAL = Text(
    "Ce brouillon doit être approuvé par une autre personne avant d'être publié.",
    "This draft must be approved by somebody else before it is published.",
)


@dataclass(frozen=True, kw_only=True)
class Work:
    """The work in hand on one module, as far as the rules need it."""

    state: State
    editors: frozenset[int] = frozenset()
    """Who wrote in the draft since the last publication."""
    reviewer: int | None = None
    """Whom the review was given to; None: any officer of the unit."""
    open_comments: int = 0
    four_eyes: bool = False


def refusal(work: Work, action: Action, person: int) -> Text | None:
    """Return why this person may not do this now, None where they may."""
    if (work.state, action) not in TRANSITIONS:
        return ARCHIVED if work.state == "archived" else NOT_NOW[action]
    if action in ("approve", "ask_changes") and work.reviewer not in (None, person):
        return NOT_THE_REVIEWER
    if action == "approve" and work.four_eyes and person in work.editors:
        return OWN_WORK
    if action in ("approve", "publish") and work.open_comments:
        return OPEN_COMMENTS
    if action == "publish" and work.four_eyes and work.state != "approved":
        return NEEDS_APPROVAL
    return None


def possible(work: Work, person: int) -> frozenset[Action]:
    """Return what the person may do now."""
    actions = {action for state, action in TRANSITIONS if state == work.state}
    return frozenset(action for action in actions if refusal(work, action, person) is None)


def moment(day: str, hour: str, zone: str) -> datetime | None:
    """Return the moment of a date and an hour of the wall clock of a zone, None where they make none.

    An hour that the change to summer time skips is the hour after it; one that comes twice is the first.
    """
    try:
        return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
