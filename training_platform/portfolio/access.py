"""A proof as it may be reached: by its author, and by those whose right or part in it lets them read."""

from __future__ import annotations

from sqlalchemy import select

from training_platform.db import db
from training_platform.errors import NotFoundError
from training_platform.organisation import service as organisation
from training_platform.portfolio.models import Proof, ProofDecision, ProofVersion
from training_platform.portfolio.rules import Standing, may_read
from training_platform.text import Text


class UnknownProofError(NotFoundError):
    """No such proof, or not for this person."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Cette preuve n'existe pas, a été retirée ou ne vous est pas adressée.",
                "This proof does not exist, was withdrawn or is not addressed to you.",
            )
        )


def own_proof(person_id: int, proof_id: int) -> Proof:
    """Return a proof of the person's own; raise UnknownProofError."""
    proof = db.session.get(Proof, proof_id)
    if proof is None or proof.person_id != person_id:
        raise UnknownProofError
    return proof


def current_version(proof: Proof) -> ProofVersion:
    """Return the version that counts."""
    query = select(ProofVersion).where(ProofVersion.proof_id == proof.id, ProofVersion.number == proof.number)
    return db.session.scalars(query).one()


def readable(reader_id: int, proof_id: int) -> tuple[Proof, Standing]:
    """Return a proof with what the reader is to it; raise UnknownProofError where they may not read it."""
    proof = db.session.get(Proof, proof_id)
    if proof is None:
        raise UnknownProofError
    standing = standing_of(reader_id, proof)
    answered = proof.state != "draft" or was_refused(proof.id, proof.number - 1)
    if not may_read(proof.state, standing, submitted_before=answered):
        raise UnknownProofError
    return proof, standing


def was_refused(proof_id: int, number: int) -> bool:
    """Tell whether a version was refused; one that was not and is followed by a draft was withdrawn."""
    query = (
        select(ProofDecision.id)
        .join(ProofVersion, ProofDecision.version_id == ProofVersion.id)
        .where(ProofVersion.proof_id == proof_id, ProofVersion.number == number, ProofDecision.decision == "refused")
    )
    return db.session.scalar(query) is not None


def standing_of(reader_id: int, proof: Proof) -> Standing:
    """Return what somebody is to a proof: author, holder of a right over the author, named or former assessor."""
    rights = organisation.rights_over(reader_id, proof.person_id)
    decided = set(
        db.session.scalars(
            select(ProofVersion.number)
            .join(ProofDecision, ProofDecision.version_id == ProofVersion.id)
            .where(ProofVersion.proof_id == proof.id, ProofDecision.assessor_id == reader_id)
        )
    )
    return Standing(
        owner=proof.person_id == reader_id,
        manager="manager" in rights,
        officer="training_officer" in rights,
        named=proof.second_id == reader_id,
        decided=proof.number in decided,
        involved=bool(decided),
    )
