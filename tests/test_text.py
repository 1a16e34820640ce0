"""Texts in two languages: numbers with their nouns, what is too long."""

from __future__ import annotations

import pytest

from training_platform.text import Text, counted, excess, noun

MODULE = (("module", "modules"), ("module", "modules"))


@pytest.mark.parametrize(
    ("count", "french", "english"),
    [(0, "module", "modules"), (1, "module", "module"), (1.5, "module", "modules"), (2, "modules", "modules")],
)
def test_french_keeps_the_singular_below_two_and_english_only_for_one(count: float, french: str, english: str) -> None:
    assert noun(count, *MODULE) == Text(french, english)


def test_a_number_stays_on_the_line_of_its_noun() -> None:
    assert counted(2, *MODULE) == Text("2\N{NO-BREAK SPACE}modules", "2\N{NO-BREAK SPACE}modules")


def test_what_is_too_long_is_said_with_its_figures() -> None:
    assert excess("a" * 4000, 4000) is None
    said = excess("a" * 4001, 4000)
    assert said is not None
    assert "4 001 caractères, 4 000 au plus" in said.fr
    assert "4,001 characters, at most 4,000" in said.en
