"""What reviewers say about the paragraphs of a draft: said, answered, resolved one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from training_platform.db import db
from training_platform.errors import NotFoundError, RefusedError
from training_platform.studio import history
from training_platform.studio.models import ReviewComment, StudioEvent
from training_platform.studio.paragraphs import WHOLE, ReviewPage
from training_platform.studio.rules import anchors
from training_platform.studio.rules.workflow import ARCHIVED
from training_platform.studio.standing import NotNowError, module_of, standing_of
from training_platform.text import Text, excess

LONGEST = 4000


class UnfitCommentError(RefusedError):
    """A comment without words, or with too many."""


class VanishedParagraphError(RefusedError):
    """The paragraph changed or went while the comment was being written."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Ce paragraphe a changé pendant que vous écriviez. Votre commentaire est gardé dans le dernier champ de la page : rattachez-le à un paragraphe ou laissez-le sur l'ensemble.",
                "This paragraph changed while you were writing. Your comment is kept in the last field of the page: attach it to a paragraph or leave it on the whole.",
            )
        )


@dataclass(frozen=True, kw_only=True)
class CommentView:
    """A comment with its answers."""

    id: int
    author: str
    at: datetime
    body: str
    excerpt: str
    place: str
    language: str
    answers: tuple[tuple[str, datetime, str], ...]
    resolved_by: str
    resolved_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Comments:
    """The comments of a draft by the paragraph where they belong now."""

    placed: Mapping[tuple[str, int], Sequence[CommentView]]
    vanished: Sequence[CommentView]
    """Comments on paragraphs that are gone."""
    elsewhere: int
    """Open comments on the other language."""
    open: int
    first: int | None
    """The first open comment that the page shows."""


def comments_of(module_id: int, page: ReviewPage, language: str) -> Comments:
    """Return the comments of the work in hand, each at the paragraph where it belongs now; two queries."""
    since = history.last_published(module_id)
    begun = select(StudioEvent.at).where(StudioEvent.id == since).scalar_subquery()
    rows = db.session.scalars(
        select(ReviewComment)
        .where(
            ReviewComment.module_id == module_id,
            or_(begun.is_(None), ReviewComment.resolved_at.is_(None), ReviewComment.at >= begun),
        )
        .options(joinedload(ReviewComment.author), joinedload(ReviewComment.resolved_by))
        .order_by(ReviewComment.id)
    ).all()
    answers: dict[int, list[ReviewComment]] = {}
    for row in rows:
        if row.parent_id is not None:
            answers.setdefault(row.parent_id, []).append(row)
    placed: dict[tuple[str, int], list[CommentView]] = {}
    vanished, elsewhere, still_open = [], 0, 0
    for row in rows:
        if row.parent_id is not None:
            continue
        still_open += row.resolved_at is None
        if row.language != language and row.place != WHOLE:
            elsewhere += row.resolved_at is None
            continue
        where = _where(row, page)
        view = _view(row, answers.get(row.id, []))
        if where is None:
            vanished.append(view)
        else:
            placed.setdefault(where, []).append(view)
    shown = [*vanished, *(view for views in placed.values() for view in views)]
    first = next((view.id for view in shown if view.resolved_at is None), None)
    return Comments(placed=placed, vanished=vanished, elsewhere=elsewhere, open=still_open, first=first)


def _where(row: ReviewComment, page: ReviewPage) -> tuple[str, int] | None:
    """Find the paragraph in its own lesson first, then in the others: paragraphs move."""
    if row.place == WHOLE:
        return WHOLE, 0
    placed = anchors.Anchor(index=row.paragraph, hash=row.paragraph_hash, excerpt=row.excerpt)
    for place in sorted(page.places, key=lambda place: place != row.place):
        if place != WHOLE and (index := anchors.find(placed, [p.text for p in page.places[place]])) is not None:
            return place, index
    return None


def _view(row: ReviewComment, answers: Sequence[ReviewComment]) -> CommentView:
    return CommentView(
        id=row.id,
        author=row.author.name if row.author else "",
        at=row.at,
        body=row.body,
        excerpt=row.excerpt,
        place=row.place,
        language=row.language,
        answers=tuple((a.author.name if a.author else "", a.at, a.body) for a in answers),
        resolved_by=row.resolved_by.name if row.resolved_by else "",
        resolved_at=row.resolved_at,
    )


def say(
    person_id: int,
    slug: str,
    page: ReviewPage,
    language: str,
    place: str,
    index: int,
    seen: str,
    body: str,
    now: datetime,
) -> ReviewComment:
    """Comment on a paragraph of a draft in review; ``seen`` is its hash when the page was opened."""
    standing = standing_of(person_id, slug, four_eyes=False)
    if standing.work.state == "archived":
        raise NotNowError(ARCHIVED)
    if standing.work.state != "in_review":
        raise NotNowError(
            Text(
                "Ce brouillon n'est plus en relecture : on ne peut plus y ajouter de commentaire.",
                "This draft is no longer in review: no comment can be added to it.",
            )
        )
    _require_fit(body)
    here = page.places.get(place, ())
    found = next((p for p in here if p.hash == seen and p.index == index), None)
    found = found or next((p for p in here if p.hash == seen), None)
    if found is None:
        raise VanishedParagraphError
    comment = ReviewComment(
        module_id=standing.module.id,
        author_id=person_id,
        at=now,
        place=place,
        language=language,
        paragraph=found.index,
        paragraph_hash=found.hash,
        excerpt=found.text[: anchors.LONGEST_EXCERPT],
        body=body.strip(),
    )
    db.session.add(comment)
    db.session.flush()
    return comment


def answer(person_id: int, slug: str, comment_id: int, body: str, now: datetime) -> None:
    """Answer a comment."""
    comment = _comment(person_id, slug, comment_id)
    _require_fit(body)
    db.session.add(
        ReviewComment(
            module_id=comment.module_id,
            parent_id=comment.id,
            author_id=person_id,
            at=now,
            body=body.strip(),
        )
    )
    db.session.flush()


def resolve(person_id: int, slug: str, comment_id: int, now: datetime) -> None:
    """Resolve one comment; a second time changes nothing."""
    comment = _comment(person_id, slug, comment_id)
    if comment.resolved_at is None:
        comment.resolved_at, comment.resolved_by_id = now, person_id
        history.record(comment.module_id, person_id, "resolved", now, detail={"body": comment.body[:160]})


def reopen(person_id: int, slug: str, comment_id: int, now: datetime) -> None:
    """Open a resolved comment again."""
    comment = _comment(person_id, slug, comment_id)
    if comment.resolved_at is not None:
        comment.resolved_at, comment.resolved_by_id = None, None
        history.record(comment.module_id, person_id, "reopened", now, detail={"body": comment.body[:160]})


def _comment(person_id: int, slug: str, comment_id: int) -> ReviewComment:
    module = module_of(person_id, slug)
    comment = db.session.get(ReviewComment, comment_id)
    if comment is None or comment.module_id != module.id or comment.parent_id is not None:
        raise NotFoundError(Text("Ce commentaire n'existe plus.", "This comment no longer exists."))
    return comment


def _require_fit(body: str) -> None:
    if not body.strip():
        raise UnfitCommentError(Text("Écrivez votre commentaire.", "Write your comment."))
    if over := excess(body.strip(), LONGEST):
        raise UnfitCommentError(over)
