"""The review of a draft: submitted to an officer, returned with what should change, approved, taken back."""

from __future__ import annotations

from datetime import datetime

from training_platform.accounts.models import Person
from training_platform.errors import RefusedError
from training_platform.organisation import service as organisation
from training_platform.studio.history import record
from training_platform.studio.standing import require_allowed, require_seen, standing_of
from training_platform.studio.work import back_to_draft, work_of
from training_platform.text import Text, excess

LONGEST_NOTE = 2000


class CannotReviewError(RefusedError):
    """The person named cannot review this draft."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Cette personne ne peut pas relire ce brouillon : choisissez un responsable de formation de la structure qui n'y a pas écrit.",
                "This person cannot review this draft: choose a training officer of the unit who did not write in it.",
            )
        )


class NothingAskedError(RefusedError):
    """The draft is returned without a word on what should change."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Dites en une phrase ce qui doit changer, ou commentez un paragraphe.",
                "Say in one sentence what should change, or comment on a paragraph.",
            )
        )


class NoteTooLongError(RefusedError):
    """The words that go with the draft are longer than what is kept."""


def _fit(note: str) -> str:
    if over := excess(note.strip(), LONGEST_NOTE):
        raise NoteTooLongError(over)
    return note.strip()


def reviewers(person_id: int, slug: str, *, four_eyes: bool) -> list[Person]:
    """Return who may be asked to review the draft: the unit's officers, but its editors where four eyes are asked for."""
    standing = standing_of(person_id, slug, four_eyes=four_eyes)
    officers = organisation.holders("training_officer", standing.module.unit_id)
    barred = standing.work.editors if four_eyes else frozenset({person_id})
    return [officer for officer in officers if officer.id not in barred]


def submit(
    person_id: int, slug: str, reviewer_id: int | None, note: str, now: datetime, *, four_eyes: bool
) -> list[Person]:
    """Hand the draft to one officer, or to any officer of the unit, for review; return who may review it now.

    Raise CannotReviewError, NoteTooLongError, NotNowError.
    """
    standing = require_allowed(person_id, slug, "submit", four_eyes)
    able = {officer.id: officer for officer in reviewers(person_id, slug, four_eyes=four_eyes)}
    if reviewer_id is not None and reviewer_id not in able:
        raise CannotReviewError
    note = _fit(note)
    row = work_of(standing.module.id)
    row.state, row.author_id, row.reviewer_id = "in_review", person_id, reviewer_id
    row.publish_at, row.failed, row.returned = None, False, False
    detail = {"to": able[reviewer_id].name if reviewer_id else "", "note": note}
    record(standing.module.id, person_id, "submitted", now, detail=detail)
    asked = [able[reviewer_id]] if reviewer_id is not None else able.values()
    return [officer for officer in asked if officer.id != person_id]


def withdraw(person_id: int, slug: str, now: datetime, *, four_eyes: bool) -> None:
    """Take the draft back from review, or from approval, to go on writing."""
    standing = require_allowed(person_id, slug, "withdraw", four_eyes)
    back_to_draft(standing.module.id)
    record(standing.module.id, person_id, "withdrawn", now)


def ask_changes(person_id: int, slug: str, note: str, now: datetime, *, four_eyes: bool) -> list[Person]:
    """Return the draft to its author with what should change, and say to whom; raise NothingAskedError, NoteTooLongError, NotNowError."""
    standing = require_allowed(person_id, slug, "ask_changes", four_eyes)
    note = _fit(note)
    if not note and not standing.work.open_comments:
        raise NothingAskedError
    back_to_draft(standing.module.id, returned=True)
    record(standing.module.id, person_id, "changes_asked", now, detail={"note": note})
    return [standing.submitted_by] if standing.submitted_by else []


def approve(person_id: int, slug: str, now: datetime, *, four_eyes: bool, seen: str = "") -> None:
    """Approve exactly what the draft says now; ``seen`` is the hash of what the reviewer read."""
    standing = require_allowed(person_id, slug, "approve", four_eyes)
    assert standing.draft is not None
    require_seen(standing.draft, seen)
    row = work_of(standing.module.id)
    row.state, row.content_hash, row.reviewer_id = "approved", standing.draft.content_hash, person_id
    record(standing.module.id, person_id, "approved", now)
