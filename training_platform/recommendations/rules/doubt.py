"""What a path would do without if the person turned out to know: its modules as decisions, for the choice of questions."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from training_platform.assessment.rules.estimate import HELD_WITH
from training_platform.assessment.rules.selection import SURE_FOR_SAFETY, Decision, Need
from training_platform.recommendations.rules.request import Plan, Step


def needs(steps: Iterable[Step], safety: Collection[Step]) -> tuple[Need, ...]:
    """Return the level that each step leads to, with the certainty that its rule asks for."""
    return tuple(
        Need(competency=c, level=n + 1, sure=SURE_FOR_SAFETY if (c, n) in safety else HELD_WITH)
        for c, n in sorted(steps)
    )


def decisions_of(found: Plan, safety: Collection[Step], fixed: Collection[str] = ()) -> list[Decision]:
    """Return the modules of a path that knowing enough would take out of it; ``fixed`` ones stay whatever is known.

    A module that others of the path wait for is ground: all that it teaches has to be held, not only what was asked for.
    """
    return [
        Decision(
            module=stop.module.id,
            minutes=stop.module.minutes,
            needs=needs(stop.module.steps if stop.serves else stop.climbs, safety),
        )
        for stop in found.stops
        if stop.module.id not in fixed and (stop.climbs or stop.serves)
    ]
