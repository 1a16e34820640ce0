"""The four operations of a case's figures, and what they refuse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training_platform.cases.arithmetic import evaluate, spell_out

CELLS = {"trial.all.found": 40.0, "trial.all.sepsis": 60.0}


def write(value: float) -> str:
    return f"{value:g}"


def test_it_computes_with_cells_numbers_and_parentheses() -> None:
    assert evaluate("trial.all.found / trial.all.sepsis", CELLS) == pytest.approx(2 / 3)
    assert evaluate("2 * (trial.all.sepsis - trial.all.found) + 1.5", CELLS) == 41.5


@pytest.mark.parametrize(
    "expression",
    [
        "trial.all.lost",
        "__import__('os').system('true')",
        "trial.all.found ** 9",
        "40 / 0",
        "40 +",
        "'a'",
        "True",
        "[1]",
        "-40",
    ],
)
def test_it_refuses_anything_else(expression: str) -> None:
    with pytest.raises(ValueError, match=r"calculation|unknown|zero"):
        evaluate(expression, CELLS)


@pytest.mark.parametrize(
    ("expression", "spelt"),
    [
        ("trial.all.found / trial.all.sepsis", "40 / 60"),
        ("100 - (60 - 40)", "100 − (60 − 40)"),
        ("100 - 60 - 40", "100 − 60 − 40"),
        ("(60 - 40) / 40 * 2", "((60 − 40) / 40) × 2"),
        ("60 + (40 - 2)", "60 + 40 − 2"),
    ],
)
def test_it_spells_the_calculation_out(expression: str, spelt: str) -> None:
    assert spell_out(expression, CELLS, write) == spelt


@given(
    st.recursive(
        st.integers(1, 9).map(str),
        lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        max_leaves=6,
    )
)
def test_what_is_spelt_out_has_the_same_value(expression: str) -> None:
    try:
        value = evaluate(expression, {})
    except ValueError:
        return
    spelt = spell_out(expression, {}, write).replace("−", "-").replace("×", "*")
    assert evaluate(spelt, {}) == pytest.approx(value)
