"""The moves of a proof from state to state: each made once, whoever comes second is told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update

from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.portfolio.models import Proof
from training_platform.portfolio.rules import WAITING, Act, State, after
from training_platform.text import Text


class ChangedMeanwhileError(RefusedError):
    """Somebody else acted on the proof first."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Cette preuve a changé entre-temps. Rechargez la page pour voir où elle en est.",
                "This proof changed in the meantime. Reload the page to see where it stands.",
            )
        )


class NotNowError(RefusedError):
    """The act is not possible in the state that the proof is in."""


def require_possible(proof: Proof, act: Act) -> State:
    """Return the state that an act leads to; raise NotNowError where it is not possible now."""
    following = after(proof.state, act)
    if following is None:
        waiting = proof.state in WAITING
        raise NotNowError(
            Text(
                "Cette preuve est chez les évaluateurs : retirez-la avant de la modifier."
                if waiting
                else "Ce n'est plus possible : cette preuve a changé d'état. Rechargez sa page.",
                "This proof is with the assessors: withdraw it before you change it."
                if waiting
                else "This is no longer possible: the proof has moved on. Reload its page.",
            )
        )
    return following


def hold_draft(proof: Proof, now: datetime) -> None:
    """Keep a draft being written until this request ends: handed in meanwhile, it is no longer touched.

    Raise NotNowError, ChangedMeanwhileError.
    """
    require_possible(proof, "submit")
    held = (
        update(Proof)
        .where(Proof.id == proof.id, Proof.state == proof.state, Proof.number == proof.number)
        .values(changed_at=now)
        .returning(Proof.id)
    )
    if db.session.scalar(held) is None:
        raise ChangedMeanwhileError


def move(proof: Proof, act: Act, now: datetime) -> State:
    """Change the state if nobody else has in the meantime; raise NotNowError, ChangedMeanwhileError."""
    following = require_possible(proof, act)
    moved = db.session.scalar(
        update(Proof)
        .where(Proof.id == proof.id, Proof.state == proof.state, Proof.number == proof.number)
        .values(state=following, changed_at=now)
        .returning(Proof.id)
    )
    if moved is None:
        raise ChangedMeanwhileError
    return following
