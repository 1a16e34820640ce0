"""The checks of today and of the days after, and putting one off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from training_platform.db import db
from training_platform.recommendations.situation import Situation
from training_platform.reviews.cards import add_cards, cards_of, completed_steps, own_card, rows_of
from training_platform.reviews.rules import CHECK_MINUTES, POSTPONE, Card, agenda

AHEAD = 28
"""Days that the agenda looks ahead."""


@dataclass(frozen=True, kw_only=True)
class Today:
    """The checks of today and those of the days after."""

    checks: tuple[Card, ...]
    coming: Mapping[date, Sequence[Card]]
    done: int
    """Checks done today already."""

    @property
    def minutes(self) -> int:
        """How long the checks of today take."""
        return CHECK_MINUTES * len(self.checks)


def today_of(person_id: int, situation: Situation, foundation: Mapping[str, int], now: datetime) -> Today:
    """Return the checks of today; one query where every completed module has its cards already."""
    rows = rows_of(person_id)
    missing = completed_steps(situation) - {(row.competency, row.level) for row in rows}
    if missing:
        add_cards(person_id, missing, situation, foundation, now)
        rows = rows_of(person_id)
    cards = cards_of(rows, situation, foundation)
    done = sum(1 for row in rows if row.checks and row.last_at.date() == now.date())
    plan = agenda(cards, now.date(), AHEAD, done)
    checks = plan.pop(now.date(), [])
    return Today(checks=tuple(checks), coming=plan, done=done)


def postpone(person_id: int, card_id: int, now: datetime) -> None:
    """Put a check off by a few days; a date that a duty sets still wins."""
    row = own_card(person_id, card_id)
    row.due_at = max(row.due_at, now + POSTPONE)
    db.session.flush()
