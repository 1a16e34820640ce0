"""The thread of a proof: what its author and those who assess it write to each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from training_platform.db import db
from training_platform.portfolio.access import readable
from training_platform.portfolio.models import ProofComment


@dataclass(frozen=True, kw_only=True)
class CommentView:
    """One message of the thread."""

    author: str | None
    body: str
    at: datetime


def comments_of(proof_id: int) -> list[CommentView]:
    """Return the messages about a proof, the oldest first; one query."""
    query = select(ProofComment).where(ProofComment.proof_id == proof_id).options(joinedload(ProofComment.author))
    return [
        CommentView(author=row.author.name if row.author else None, body=row.body, at=row.at)
        for row in db.session.scalars(query.order_by(ProofComment.id))
    ]


def comment(author_id: int, proof_id: int, body: str, now: datetime) -> None:
    """Add a message to the thread, by whoever may read the proof."""
    readable(author_id, proof_id)
    db.session.add(ProofComment(proof_id=proof_id, author_id=author_id, body=body, at=now))
    db.session.flush()
