"""Estimation of levels from evidence: pure functions over plain values."""

from training_platform.assessment.rules.estimate import (
    Estimate,
    Item,
    Observation,
    State,
    estimate,
    estimates_of,
    prior,
    probability_correct,
    state_of,
)

__all__ = [
    "Estimate",
    "Item",
    "Observation",
    "State",
    "estimate",
    "estimates_of",
    "prior",
    "probability_correct",
    "state_of",
]
