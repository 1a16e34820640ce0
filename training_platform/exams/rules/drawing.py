"""The questions of one sitting: by the blueprint, those of no former sitting first, the least exposed before others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, kw_only=True)
class BankItem:
    """A reserved question as the draw sees it."""

    id: int
    domain: str
    competency: str
    exposure: int = 0
    """Sittings of anybody in which it was put."""
    seen: bool = False
    """Whether it was put to this person before."""


def apportion(shares: Mapping[str, int], items: int) -> dict[str, int]:
    """Share out a number of items by percentages that make 100 (largest remainders, ties in the order given)."""
    exact = {key: share * items / 100 for key, share in shares.items()}
    counts = {key: int(value) for key, value in exact.items()}
    left = items - sum(counts.values())
    for key in sorted(exact, key=lambda key: counts[key] - exact[key])[:left]:
        counts[key] += 1
    return counts


def shortage(bank: Iterable[BankItem], counts: Mapping[str, int]) -> dict[str, int]:
    """Return how many questions each domain lacks; empty where the bank is large enough."""
    have = Counter(item.domain for item in bank)
    return {domain: n - have[domain] for domain, n in counts.items() if have[domain] < n}


def draw(bank: Sequence[BankItem], counts: Mapping[str, int], source: Random) -> list[int]:
    """Return the ids of the questions of one sitting in the order in which they are put.

    In a domain: unseen before seen, then spread over its competencies, then the least exposed, ties at random.
    Raise ValueError where the bank is too small.
    """
    if missing := shortage(bank, counts):
        raise ValueError(f"the reserved bank is too small: {missing}")
    drawn = [item.id for domain, n in counts.items() for item in _of_domain(bank, domain, source)[:n]]
    source.shuffle(drawn)
    return drawn


def _of_domain(bank: Sequence[BankItem], domain: str, source: Random) -> list[BankItem]:
    """Return the questions of a domain in the order in which they would be taken."""
    mixed = [item for item in bank if item.domain == domain]
    source.shuffle(mixed)
    mixed.sort(key=lambda item: (item.seen, item.exposure))
    taken: Counter[tuple[bool, str]] = Counter()
    turns = []
    for place, item in enumerate(mixed):
        turns.append((item.seen, taken[item.seen, item.competency], item.exposure, place, item))
        taken[item.seen, item.competency] += 1
    return [turn[-1] for turn in sorted(turns, key=lambda turn: turn[:-1])]
