"""The planner's answers, kept: a plan depends on its request alone, and people look at their path more often than it changes."""

from __future__ import annotations

from functools import lru_cache

from training_platform.recommendations.rules import Plan, Request, plan


class _Asked:
    """A request as the key of what the planner has answered already: all that it says, in an order of its own."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.key = (
            tuple(sorted(request.levels.items())),
            tuple(sorted(request.targets.items())),
            request.minutes,
            request.modules,
            tuple(sorted(request.weights.items())),
            request.completed,
            request.refused,
            request.pinned,
            tuple((o.id, o.modules, tuple(sorted(o.targets.items())), o.minutes) for o in request.obligations),
            request.waives_known,
        )

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self.key == other.key


def plan_once(request: Request) -> Plan:
    """Return the best path as ``plan`` does, computed once per process for the same request."""
    return _plan(_Asked(request))


@lru_cache(maxsize=4000)
def _plan(asked: _Asked) -> Plan:
    return plan(asked.request)
