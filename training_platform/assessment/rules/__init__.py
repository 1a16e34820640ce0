"""Estimation of levels from evidence: pure functions over plain values."""

from training_platform.assessment.rules.estimate import (
    Estimate,
    Item,
    Observation,
    estimate,
    probability_correct,
)

__all__ = ["Estimate", "Item", "Observation", "estimate", "probability_correct"]
