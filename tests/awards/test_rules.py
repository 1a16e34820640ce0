"""Numbers, dates and states of certificates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training_platform.awards.rules import (
    ALPHABET,
    LENGTH,
    check_character,
    first_validity,
    months_after,
    read_number,
    reminder_due,
    renewed_validity,
    state_of,
    written,
)

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
bodies = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH).filter(lambda body: check_character(body) in ALPHABET)
moments = st.integers(0, 7000).map(lambda days: datetime(2020, 1, 1, 12, tzinfo=UTC) + timedelta(days=days))


@given(bodies)
def test_a_number_is_read_as_it_is_written_or_dictated(body: str) -> None:
    number = body + check_character(body)
    assert read_number(written(number)) == number
    assert read_number(f"  {written(number).lower().replace('-', ' ')} ") == number
    assert read_number(number.replace("0", "O").replace("1", "l")) == number


@given(bodies, st.integers(0, LENGTH - 1), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(body: str, place: int, other: str) -> None:
    number = body + check_character(body)
    changed = number[:place] + other + number[place + 1 :]
    assert (read_number(changed) is None) == (changed != number)


@given(bodies, st.integers(0, LENGTH - 2))
def test_two_swapped_characters_are_noticed(body: str, place: int) -> None:
    number = body + check_character(body)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert (read_number(swapped) is None) == (swapped != number)


@pytest.mark.parametrize("typed", ["", "1234", "é" * 16, "7KQF-9WXM-3T2R-H5NU", "0" * 17])
def test_what_is_no_number_is_refused(typed: str) -> None:
    assert read_number(typed) is None


def test_months_end_on_the_last_day_where_the_day_does_not_exist() -> None:
    assert months_after(datetime(2026, 8, 31, tzinfo=UTC), 6).date().isoformat() == "2027-02-28"
    assert months_after(datetime(2024, 2, 29, tzinfo=UTC), 36).date().isoformat() == "2027-02-28"
    assert months_after(NOW, 24).date().isoformat() == "2028-11-28"


@given(moments, st.integers(1, 120))
def test_a_certificate_counts_until_its_last_moment_and_not_after(now: datetime, months: int) -> None:
    validity = first_validity(now, months)
    assert state_of(validity.expires_at, None, now) in ("valid", "due")
    assert state_of(validity.expires_at, None, validity.expires_at - timedelta(microseconds=1)) == "due"
    assert state_of(validity.expires_at, None, validity.expires_at) == "expired"
    assert state_of(validity.expires_at, now, now) == "revoked"


@given(moments, st.integers(-1000, 1000), st.integers(1, 60))
def test_renewing_early_loses_no_time_and_late_gives_none_back(now: datetime, days: int, months: int) -> None:
    before = now + timedelta(days=days)
    renewed = renewed_validity(before, now, months)
    assert renewed.issued_at == now
    assert renewed.expires_at >= months_after(now, months)
    expected = before if 0 <= days <= 90 else now
    assert renewed.expires_at == months_after(expected, months)


def test_reminders_go_out_at_ninety_thirty_and_seven_days_each_once() -> None:
    expires = NOW + timedelta(days=100)
    sent: set[int] = set()
    days_of = {}
    for day in range(120):
        now = NOW + timedelta(days=day)
        if (due := reminder_due(expires, frozenset(sent), now)) is not None:
            sent.add(due)
            days_of[due] = day
    assert days_of == {90: 10, 30: 70, 7: 93}


def test_after_a_silence_only_the_nearest_reminder_goes_out() -> None:
    assert reminder_due(NOW + timedelta(days=5), frozenset(), NOW) == 7
    assert reminder_due(NOW + timedelta(days=5), frozenset({7}), NOW) is None
    assert reminder_due(NOW - timedelta(days=1), frozenset(), NOW) is None
