"""What assessors do: the manager decides first, then a second person; each with a reason."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from training_platform.accounts import service as accounts
from training_platform.accounts.models import Person
from training_platform.db import db
from training_platform.errors import ForbiddenError, RefusedError
from training_platform.portfolio import evidence
from training_platform.portfolio.access import UnknownProofError, current_version, standing_of
from training_platform.portfolio.models import Proof, ProofDecision, ProofVersion
from training_platform.portfolio.rules import Obstacle, Standing, State, obstacle, place_of
from training_platform.portfolio.transitions import ChangedMeanwhileError, NotNowError, move
from training_platform.text import Text

OBSTACLES: dict[Obstacle, Text] = {
    "own": Text(
        "Personne ne décide de sa propre preuve : elle attend votre cadre, puis un second évaluateur.",
        "Nobody decides on their own proof: it waits for your manager, then for a second assessor.",
    ),
    "already": Text(
        "Vous avez déjà décidé de cette version ; une autre personne doit donner le second avis.",
        "You have already decided on this version; somebody else must give the second opinion.",
    ),
    "closed": Text(
        "Cette preuve n'attend pas de décision : elle est retirée, en cours d'écriture ou déjà décidée.",
        "This proof awaits no decision: it was withdrawn, is being written or is decided already.",
    ),
    "manager_first": Text(
        "Le cadre de la personne décide d'abord ; vous pourrez donner le second avis ensuite.",
        "The person's manager decides first; you may give the second opinion then.",
    ),
    "outside": Text(
        "Cette preuve vient d'une structure sur laquelle vous n'avez pas de droit.",
        "This proof comes from a unit on which you hold no right.",
    ),
}


class UnknownSecondError(RefusedError):
    """The second assessor whom the manager named cannot be one."""


def decide(
    assessor_id: int,
    proof_id: int,
    number: int,
    decision: str,
    reason: str,
    now: datetime,
    second_email: str = "",
) -> State | None:
    """Validate or refuse one version, with a reason; return the state that follows, None where this was known already.

    Raise ForbiddenError for one's own proof or outside one's units,
    ChangedMeanwhileError where another version or another assessor came first, NotNowError where nothing is awaited.
    """
    proof = db.session.get(Proof, proof_id)
    if proof is None:
        raise UnknownProofError
    standing = standing_of(assessor_id, proof)
    if standing.decided and _decision_of(assessor_id, proof, number) == decision:
        return None
    _require_decider(proof.state, standing)
    if number != proof.number:
        raise ChangedMeanwhileError
    place, version = place_of(proof.state), current_version(proof)
    if place == 1 and decision == "validated" and second_email:
        proof.second_id = _second(proof, assessor_id, second_email).id
    following = move(proof, "validate" if decision == "validated" else "refuse", now)
    db.session.add(
        ProofDecision(
            version_id=version.id, assessor_id=assessor_id, place=place, decision=decision, reason=reason, at=now
        )
    )
    if decision == "validated":
        evidence.add(proof, version, place, now)
    else:
        evidence.void(proof, now)
    db.session.flush()
    return following


def _decision_of(assessor_id: int, proof: Proof, number: int) -> str | None:
    query = select(ProofDecision.decision).join(ProofVersion, ProofDecision.version_id == ProofVersion.id)
    return db.session.scalar(
        query.where(
            ProofVersion.proof_id == proof.id, ProofVersion.number == number, ProofDecision.assessor_id == assessor_id
        )
    )


def _require_decider(state: State, standing: Standing) -> None:
    found = obstacle(state, standing)
    if found in ("own", "outside"):
        raise ForbiddenError(OBSTACLES[found])
    if found is not None:
        raise NotNowError(OBSTACLES[found])


def _second(proof: Proof, manager_id: int, email: str) -> Person:
    """Return the person whom the manager names; raise UnknownSecondError."""
    person = accounts.by_email(email)
    if person is None:
        raise UnknownSecondError(
            Text(
                "Personne n'est connu à cette adresse. Laissez le champ vide : un autre cadre ou un responsable de "
                "formation donnera le second avis.",
                "Nobody is known at this address. Leave the field empty: another manager or a training officer will "
                "give the second opinion.",
            )
        )
    if person.id in (proof.person_id, manager_id):
        raise UnknownSecondError(
            Text(
                "Le second évaluateur est une autre personne que l'auteur de la preuve et que vous.",
                "The second assessor is neither the author of the proof nor yourself.",
            )
        )
    return person


def people_to_tell(proof_id: int) -> tuple[Person, Person | None]:
    """Return the author of a proof and the second assessor whom the manager named."""
    proof = db.session.get_one(Proof, proof_id, options=[joinedload(Proof.person)])
    return proof.person, db.session.get(Person, proof.second_id) if proof.second_id else None
