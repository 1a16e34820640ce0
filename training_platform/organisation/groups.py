"""Groups of people, as far as figures about them are shown."""

from __future__ import annotations

from collections.abc import Sequence

SMALLEST = 5
"""People below which nothing is said of a group."""


def withheld(counts: Sequence[int]) -> frozenset[int]:
    """Return the places of the counts of people not to show beside their total.

    Those under five, and as many others, the smallest first, as it takes for none to be had by subtraction.
    """
    by_size = sorted(range(len(counts)), key=counts.__getitem__)
    few = sum(count < SMALLEST for count in counts)
    hidden = by_size[:few]
    for place in by_size[few:]:
        if not hidden or (len(hidden) > 1 and sum(counts[one] for one in hidden) >= SMALLEST):
            break
        hidden.append(place)
    return frozenset(hidden)
