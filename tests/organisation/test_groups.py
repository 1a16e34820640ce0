"""Which counts of people are not shown, as a rule without a database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training_platform.organisation.groups import SMALLEST, withheld


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ([7, 6, 5], set()),
        ([7, 3, 6], {1, 2}),
        ([7, 0, 6], {1, 2}),
        ([2, 3, 9], {0, 1}),
        ([1, 2, 9, 8], {0, 1, 3}),
        ([4], {0}),
        ([], set()),
    ],
)
def test_small_counts_are_hidden_with_enough_others(counts: list[int], hidden: set[int]) -> None:
    assert withheld(counts) == hidden


@given(st.lists(st.integers(0, 30), max_size=9))
def test_no_count_under_five_is_shown_or_had_by_subtraction(counts: list[int]) -> None:
    hidden = withheld(counts)
    assert all(count >= SMALLEST for place, count in enumerate(counts) if place not in hidden)
    apart = [counts[place] for place in hidden]
    if apart and sum(counts) >= SMALLEST:
        assert len(apart) > 1
        assert sum(apart) >= SMALLEST, "what the total minus the counts shown tells of"
