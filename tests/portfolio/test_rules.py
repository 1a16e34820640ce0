"""The life of a proof and who may decide: each rule once, and what must hold of all of them."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training_platform.portfolio.rules import (
    MOVES,
    WAITING,
    Act,
    Standing,
    State,
    after,
    evidence_kind,
    may_read,
    obstacle,
    place_of,
)

STATES: tuple[State, ...] = get_args(State)
ACTS: tuple[Act, ...] = get_args(Act)
states, acts = st.sampled_from(STATES), st.sampled_from(ACTS)
standings = st.builds(
    Standing,
    owner=st.booleans(),
    manager=st.booleans(),
    officer=st.booleans(),
    named=st.booleans(),
    decided=st.booleans(),
    involved=st.booleans(),
)


def test_the_straight_way_takes_two_validations() -> None:
    state: State | None = "draft"
    way: tuple[Act, ...] = ("submit", "validate", "validate")
    for act in way:
        assert state is not None
        state = after(state, act)
    assert state == "accepted"
    assert [evidence_kind(place_of(s)) for s in ("submitted", "validated_once")] == ["workplace_proof", "validation"]


@given(st.lists(acts, max_size=30))
def test_no_way_leads_to_accepted_without_two_validations_in_a_row(taken: list[Act]) -> None:
    states_met: list[State] = ["draft"]
    made: list[Act] = []
    for act in taken:
        following = after(states_met[-1], act)
        if following is not None:
            states_met.append(following)
            made.append(act)
    for place, state in enumerate(states_met):
        if state == "accepted":
            assert made[place - 3 : place] == ["submit", "validate", "validate"]


@given(acts)
def test_what_is_accepted_stays(act: Act) -> None:
    assert after("accepted", act) is None


def test_every_other_state_has_a_way_on() -> None:
    assert {state for state, _ in MOVES} == set(STATES) - {"accepted"}


@given(states, standings)
def test_who_decides(state: State, standing: Standing) -> None:
    if obstacle(state, standing) is None:
        assert state in WAITING
        assert not standing.owner
        assert not standing.decided
        assert standing.manager or (state == "validated_once" and (standing.officer or standing.named))


@pytest.mark.parametrize(
    ("state", "standing", "expected"),
    [
        ("submitted", Standing(manager=True), None),
        ("submitted", Standing(officer=True), "manager_first"),
        ("submitted", Standing(named=True), "manager_first"),
        ("submitted", Standing(owner=True, manager=True), "own"),
        ("submitted", Standing(), "outside"),
        ("validated_once", Standing(officer=True), None),
        ("validated_once", Standing(named=True), None),
        ("validated_once", Standing(manager=True, decided=True, involved=True), "already"),
        ("validated_once", Standing(involved=True), "outside"),
        ("withdrawn", Standing(manager=True), "closed"),
        ("accepted", Standing(manager=True), "closed"),
    ],
)
def test_what_keeps_somebody_from_deciding(state: State, standing: Standing, expected: str | None) -> None:
    assert obstacle(state, standing) == expected


@given(states, standings, st.booleans())
def test_assessors_never_read_a_withdrawn_proof_nor_a_first_draft(
    state: State, standing: Standing, submitted_before: bool
) -> None:
    readable = may_read(state, standing, submitted_before=submitted_before)
    if standing.owner:
        assert readable
    elif state == "withdrawn" or not submitted_before:
        assert not readable
