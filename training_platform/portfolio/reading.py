"""One proof as its reader may see it: versions, files, decisions, thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer

from training_platform.accounts.models import Person
from training_platform.db import db
from training_platform.portfolio.access import UnknownProofError, readable
from training_platform.portfolio.files import CleanFile
from training_platform.portfolio.models import Proof, ProofDecision, ProofFile, ProofVersion
from training_platform.portfolio.rules import Obstacle, obstacle
from training_platform.portfolio.service import ProofView, view
from training_platform.portfolio.thread import CommentView, comments_of


@dataclass(frozen=True, kw_only=True)
class FileView:
    """A file of a proof, without its bytes."""

    id: int
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, kw_only=True)
class DecisionView:
    """A decision as the page shows it."""

    place: int
    decision: str
    reason: str
    assessor: str | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class VersionView:
    """One version with what was decided about it."""

    number: int
    title: str
    description: str
    claims: Mapping[str, int]
    files: tuple[FileView, ...]
    submitted_at: datetime | None
    decisions: tuple[DecisionView, ...]


@dataclass(frozen=True, kw_only=True)
class ProofPage:
    """One proof with all that its page says, for one reader."""

    proof: ProofView
    versions: tuple[VersionView, ...]
    """The latest first."""
    comments: tuple[CommentView, ...]
    second: str | None
    own: bool
    obstacle: Obstacle | None
    """What keeps the reader from deciding."""

    @property
    def current(self) -> VersionView:
        """The version that counts."""
        return self.versions[0]


def page_of(reader_id: int, proof_id: int) -> ProofPage:
    """Return one proof for somebody who may read it; raise UnknownProofError."""
    proof, standing = readable(reader_id, proof_id)
    versions = versions_of(proof, drafts=standing.owner)
    shown = select(ProofVersion).where(ProofVersion.proof_id == proof_id, ProofVersion.number == versions[0].number)
    second = db.session.get(Person, proof.second_id) if proof.second_id else None
    return ProofPage(
        proof=view(proof, db.session.scalars(shown).one()),
        versions=tuple(versions),
        comments=tuple(comments_of(proof_id)),
        second=second.name if second else None,
        own=standing.owner,
        obstacle=obstacle(proof.state, standing),
    )


def versions_of(proof: Proof, *, drafts: bool) -> list[VersionView]:
    """Return the versions of a proof with their decisions, the latest first; drafts only where they are asked for."""
    rows = list(
        db.session.scalars(
            select(ProofVersion).where(ProofVersion.proof_id == proof.id).order_by(ProofVersion.number.desc())
        )
    )
    files = {
        row.id: FileView(id=row.id, name=row.name, media_type=row.media_type, size=row.size)
        for row in db.session.scalars(select(ProofFile).where(ProofFile.proof_id == proof.id))
    }
    decisions: dict[int, list[DecisionView]] = {}
    query = select(ProofDecision).where(ProofDecision.version_id.in_([row.id for row in rows]))
    for one in db.session.scalars(query.options(joinedload(ProofDecision.assessor)).order_by(ProofDecision.place)):
        decisions.setdefault(one.version_id, []).append(
            DecisionView(
                place=one.place,
                decision=one.decision,
                reason=one.reason,
                assessor=one.assessor.name if one.assessor else None,
                at=one.at,
            )
        )
    return [
        VersionView(
            number=row.number,
            title=row.title,
            description=row.description,
            claims={c: int(level) for c, level in row.claims.items()},
            files=tuple(files[key] for key in row.files if key in files),
            submitted_at=row.submitted_at,
            decisions=tuple(decisions.get(row.id, [])),
        )
        for row in rows
        if drafts or row.submitted_at is not None
    ]


def file_of(reader_id: int, proof_id: int, file_id: int) -> CleanFile:
    """Return a file of a proof with its bytes, for somebody who may read it; raise UnknownProofError."""
    proof, standing = readable(reader_id, proof_id)
    shown = {one.id for version in versions_of(proof, drafts=standing.owner) for one in version.files}
    if file_id not in shown:
        raise UnknownProofError
    row = db.session.get_one(ProofFile, file_id, options=[undefer(ProofFile.content)])
    return CleanFile(name=row.name, media_type=row.media_type, content=row.content)
