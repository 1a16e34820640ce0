"""The life of a workplace proof: from draft to accepted, and who may decide at each moment; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["draft", "submitted", "validated_once", "accepted", "refused", "withdrawn"]
Act = Literal["submit", "validate", "refuse", "withdraw", "revise"]
Obstacle = Literal["own", "already", "closed", "manager_first", "outside"]

LEVELS = range(1, 5)
"""Levels that a proof may attest; 5 is outside the catalogue (framework scale)."""
WAITING: frozenset[State] = frozenset({"submitted", "validated_once"})
MOVES: dict[tuple[State, Act], State] = {
    ("draft", "submit"): "submitted",
    ("submitted", "validate"): "validated_once",
    ("submitted", "refuse"): "refused",
    ("submitted", "withdraw"): "withdrawn",
    ("validated_once", "validate"): "accepted",
    ("validated_once", "refuse"): "refused",
    ("validated_once", "withdraw"): "withdrawn",
    ("refused", "revise"): "draft",
    ("withdrawn", "revise"): "draft",
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What somebody is to a proof."""

    owner: bool = False
    manager: bool = False
    """Holds the right of manager over one of the owner's positions."""
    officer: bool = False
    """Holds the right of training officer there."""
    named: bool = False
    """Was named second assessor by the manager."""
    decided: bool = False
    """Has decided on this version."""
    involved: bool = False
    """Has decided on some version."""


def after(state: State, act: Act) -> State | None:
    """Return the state that an act leads to, None where it is not possible in this state."""
    return MOVES.get((state, act))


def place_of(state: State) -> int:
    """Return whose turn it is: 1 for the manager, 2 for the second assessor."""
    return 1 if state == "submitted" else 2


def obstacle(state: State, standing: Standing) -> Obstacle | None:
    """Return what keeps somebody from deciding now, None where nothing does.

    The manager decides first; then another manager, a training officer or the person whom the manager named. Nobody
    decides on their own proof, nor twice on one version.
    """
    if standing.owner:
        return "own"
    if not (standing.manager or standing.officer or standing.named or standing.involved):
        return "outside"
    if standing.decided:
        return "already"
    if state not in WAITING:
        return "closed"
    if state == "submitted":
        return None if standing.manager else "manager_first"
    return None if standing.manager or standing.officer or standing.named else "outside"


def may_read(state: State, standing: Standing, *, submitted_before: bool) -> bool:
    """Tell whether somebody may read a proof: the owner always, assessors what was handed in and not withdrawn since."""
    if standing.owner:
        return True
    reaches = standing.manager or standing.officer or standing.named or standing.involved
    return reaches and submitted_before and state != "withdrawn"


def evidence_kind(place: int) -> str:
    """Return the kind of evidence that a validation adds: the manager's word, then the second assessor's."""
    return {1: "workplace_proof", 2: "validation"}[place]
