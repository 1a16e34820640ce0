"""What authors do with their proofs: drafts, versions, handing in, taking back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from training_platform.accounts.models import Person
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.organisation import service as organisation
from training_platform.portfolio import evidence
from training_platform.portfolio.access import current_version, own_proof, was_refused
from training_platform.portfolio.files import CleanFile
from training_platform.portfolio.models import Proof, ProofFile, ProofVersion
from training_platform.portfolio.reading import VersionView, versions_of
from training_platform.portfolio.transitions import hold_draft, move, require_possible
from training_platform.text import Text


class NoManagerError(RefusedError):
    """Nobody could decide on the proof."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Aucun cadre n'est encore désigné pour votre structure. Votre brouillon est gardé : demandez à votre "
                "administrateur de désigner un cadre, puis envoyez la preuve.",
                "No manager is named for your unit yet. Your draft is kept: ask your administrator to name a manager, "
                "then hand the proof in.",
            )
        )


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a proof says, as its author wrote it."""

    title: str
    description: str
    claims: Mapping[str, int]
    track_id: str | None
    kept_files: tuple[int, ...]
    new_files: tuple[CleanFile, ...]


def draft_of(person_id: int, proof_id: int) -> VersionView:
    """Return the draft of an own proof; raise NotNowError where the proof is not being written."""
    proof = own_proof(person_id, proof_id)
    require_possible(proof, "submit")
    return versions_of(proof, drafts=True)[0]


def save(person_id: int, proof_id: int | None, draft: Draft, now: datetime) -> Proof:
    """Keep a draft, of a new proof where none is given; raise NotNowError where the proof is not being written."""
    if proof_id is None:
        proof = Proof(person_id=person_id, state="draft", number=1, created_at=now, changed_at=now)
        db.session.add(proof)
        db.session.flush()
        version = ProofVersion(proof_id=proof.id, number=1, files=[])
        db.session.add(version)
    else:
        proof = own_proof(person_id, proof_id)
        hold_draft(proof, now)
        version = current_version(proof)
    proof.track_id = draft.track_id
    version.title, version.description, version.claims = draft.title, draft.description, dict(draft.claims)
    kept = [key for key in version.files if key in draft.kept_files]
    version.files = [*kept, *_add_files(proof.id, draft.new_files)]
    db.session.flush()
    _drop_loose_files(proof.id)
    return proof


def _add_files(proof_id: int, files: Collection[CleanFile]) -> list[int]:
    rows = [
        ProofFile(
            proof_id=proof_id, name=one.name, media_type=one.media_type, size=len(one.content), content=one.content
        )
        for one in files
    ]
    db.session.add_all(rows)
    db.session.flush()
    return [row.id for row in rows]


def _drop_loose_files(proof_id: int) -> None:
    """Delete the files that no version holds any more."""
    versions = db.session.scalars(select(ProofVersion.files).where(ProofVersion.proof_id == proof_id))
    held = {key for files in versions for key in files}
    db.session.execute(delete(ProofFile).where(ProofFile.proof_id == proof_id, ProofFile.id.not_in(held)))


def submit(person_id: int, proof_id: int, now: datetime) -> list[Person]:
    """Hand a draft in; return the managers who may decide first. Raise NoManagerError, NotNowError."""
    proof = own_proof(person_id, proof_id)
    require_possible(proof, "submit")
    managers = organisation.holders_over(person_id, "manager")
    if not managers:
        raise NoManagerError
    move(proof, "submit", now)
    current_version(proof).submitted_at = now
    db.session.flush()
    return managers


def withdraw(person_id: int, proof_id: int, now: datetime) -> None:
    """Take an own proof back before the second decision: assessors no longer read it, what it had added no longer counts."""
    proof = own_proof(person_id, proof_id)
    move(proof, "withdraw", now)
    evidence.void(proof, now)


def revise(person_id: int, proof_id: int, now: datetime) -> None:
    """Open a new version of a refused or withdrawn proof, starting from the last one; versions before stay as they were."""
    proof = own_proof(person_id, proof_id)
    before = current_version(proof)
    move(proof, "revise", now)
    proof.number, proof.second_id = before.number + 1, None
    db.session.add(
        ProofVersion(
            proof_id=proof.id,
            number=proof.number,
            title=before.title,
            description=before.description,
            claims=before.claims,
            files=before.files,
        )
    )
    db.session.flush()


def discard(person_id: int, proof_id: int, now: datetime) -> bool:
    """Delete an own draft; tell whether the whole proof went, or only the version begun after a refusal or withdrawal."""
    proof = own_proof(person_id, proof_id)
    hold_draft(proof, now)
    if proof.number == 1:
        db.session.delete(proof)
        db.session.flush()
        return True
    db.session.delete(current_version(proof))
    proof.number -= 1
    db.session.flush()
    proof.state = "refused" if was_refused(proof.id, proof.number) else "withdrawn"
    db.session.flush()
    _drop_loose_files(proof.id)
    return False
