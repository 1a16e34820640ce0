"""A score that gives places in a programme: what each group needs, what it spends, and who gets in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from training_platform.catalogue.lab_format import BiasLab
from training_platform.labs.rules.chance import Chance

MOST = 12
EUROS = 900
"""Spending that one chronic condition brings in a year where care is near."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """A synthetic person: group, chronic conditions, spending of the year to come."""

    group: str
    conditions: int
    spending: int


@dataclass(frozen=True, kw_only=True)
class Served:
    """What a group gets from the programme."""

    people: int
    places: int
    high: int
    """People with a high need."""
    high_served: int
    conditions: float
    """Mean number of conditions of those who got a place; 0 where nobody did."""

    @property
    def share(self) -> float:
        """Share of the high needs that got a place; 1 where there was none."""
        return self.high_served / self.high if self.high else 1.0


def members(lab: BiasLab) -> tuple[Member, ...]:
    """Make the people of the lab from its seed: the same needs in each group, not the same spending for them."""
    chance = Chance(lab.seed)
    made = []
    for group in lab.groups:
        for _ in range(group.people):
            conditions = min(int(chance.exponential(2.6)), MOST)
            spending = (250 + EUROS * conditions) * group.spending / 100 * max(chance.normal(1, 0.4), 0.2)
            made.append(Member(group=group.id, conditions=conditions, spending=round(spending)))
    return tuple(chance.shuffled(made))


def scores(people: Sequence[Member], weight: int) -> list[float]:
    """Score people by spending and need, both against their mean; ``weight`` is the part of need, per cent."""
    spending = sum(person.spending for person in people) / len(people)
    need = sum(person.conditions for person in people) / len(people)
    return [
        (100 - weight) * person.spending / spending + weight * person.conditions / need if need else 0.0
        for person in people
    ]


def ranks(people: Sequence[Member], weight: int) -> list[int]:
    """Return the rank of each person, 0 for the highest score; equal scores go to whoever stands first."""
    score = scores(people, weight)
    order = sorted(range(len(people)), key=lambda index: (-score[index], index))
    rank = [0] * len(people)
    for place, index in enumerate(order):
        rank[index] = place
    return rank


def served(lab: BiasLab, people: Sequence[Member], weight: int) -> dict[str, Served]:
    """Return what each group gets at a weight of need."""
    rank = ranks(people, weight)
    result = {}
    for group in lab.groups:
        own = [index for index, person in enumerate(people) if person.group == group.id]
        inside = [index for index in own if rank[index] < lab.places]
        high = [index for index in own if people[index].conditions >= lab.high_need]
        result[group.id] = Served(
            people=len(own),
            places=len(inside),
            high=len(high),
            high_served=sum(rank[index] < lab.places for index in high),
            conditions=sum(people[index].conditions for index in inside) / len(inside) if inside else 0.0,
        )
    return result


def gap(groups: dict[str, Served]) -> int:
    """Return the points between the best and the worst served group, whole as they are shown."""
    shares = [round(100 * group.share) for group in groups.values()]
    return max(shares) - min(shares)


def least_served(groups: dict[str, Served]) -> str:
    """Return the group whose high needs get a place least often."""
    return min(groups, key=lambda group: (groups[group].share, group))


def covered(lab: BiasLab, people: Sequence[Member], weight: int) -> int:
    """Return the part of all spending to come that the people in the programme make up, whole per cent."""
    rank = ranks(people, weight)
    inside = sum(person.spending for index, person in enumerate(people) if rank[index] < lab.places)
    return round(100 * inside / sum(person.spending for person in people))
