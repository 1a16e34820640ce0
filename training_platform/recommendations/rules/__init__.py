"""The path as pure functions over plain values."""

from training_platform.recommendations.rules.planner import plan
from training_platform.recommendations.rules.request import (
    Conflict,
    Obligation,
    Plan,
    PlannedModule,
    Request,
    Step,
    Stop,
    wanted_steps,
)

__all__ = ["Conflict", "Obligation", "Plan", "PlannedModule", "Request", "Step", "Stop", "plan", "wanted_steps"]
