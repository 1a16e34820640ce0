"""The path as pure functions over plain values."""

from training_platform.recommendations.rules.planner import Plan, PlannedModule, Request, Step, Stop, plan, wanted_steps

__all__ = ["Plan", "PlannedModule", "Request", "Step", "Stop", "plan", "wanted_steps"]
