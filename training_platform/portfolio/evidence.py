"""What a proof adds to the levels of its author, and takes back."""

from __future__ import annotations

from datetime import datetime

from training_platform.assessment import service as assessment
from training_platform.portfolio.models import Proof, ProofVersion
from training_platform.portfolio.rules import evidence_kind


def add(proof: Proof, version: ProofVersion, place: int, now: datetime) -> None:
    """Add a favourable decision on a version as evidence of each level that it attests."""
    for competency, level in version.claims.items():
        key = f"{_key(proof)}{version.number}:{competency}:{place}"
        assessment.add_evidence(proof.person_id, competency, evidence_kind(place), float(level), key, now)


def void(proof: Proof, now: datetime) -> None:
    """Take back what the decisions on a proof have added."""
    assessment.void_evidence(proof.person_id, _key(proof), now)


def _key(proof: Proof) -> str:
    """Return what the keys of a proof's evidence begin with."""
    return f"proof:{proof.id}:"
