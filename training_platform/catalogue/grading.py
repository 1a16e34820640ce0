"""Marking one answer to one question, whatever its kind; pure."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from training_platform.catalogue.format import PracticeQuestion
from training_platform.text import Text

T = TypeVar("T")
Given = Mapping[str, Any]
"""``choices`` (ids), ``order`` (ids), ``pairs`` (left id → right id), ``number``, or ``unknown: true``."""
UNKNOWN: Given = {"unknown": True}


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a form gave for a question: an answer, or what is missing in it."""

    given: Given | None
    error: Text | None


def grade(question: PracticeQuestion, given: Given) -> bool:
    """Tell whether the answer is wholly right; "I don't know" is not."""
    if given.get("unknown"):
        return False
    if question.kind in ("single", "multiple"):
        return set(given["choices"]) == {option.id for option in question.options if option.correct}
    if question.kind == "order":
        return list(given["order"]) == [item.id for item in question.items]
    if question.kind == "match":
        return dict(given["pairs"]) == {pair.id: pair.id for pair in question.pairs}
    assert question.answer is not None
    return abs(float(given["number"]) - question.answer) <= question.tolerance + 1e-9


def shuffled(question: PracticeQuestion, parts: Sequence[T]) -> list[T]:
    """Return items or right sides in an order that is the same at every showing and never the solution."""
    mixed = list(parts)
    source = random.Random(question.id)
    while len(mixed) > 1 and mixed == list(parts):
        source.shuffle(mixed)
    return mixed


def read_answer(question: PracticeQuestion, fields: Mapping[str, Sequence[str]]) -> Reading:
    """Read the form fields of a question (names as in components/question.html)."""
    if fields.get("unknown"):
        return Reading(given=UNKNOWN, error=None)
    reader = {"single": _choices, "multiple": _choices, "order": _order, "match": _match, "number": _number}
    return reader[question.kind](question, fields)


def _choices(question: PracticeQuestion, fields: Mapping[str, Sequence[str]]) -> Reading:
    known = {option.id for option in question.options}
    chosen = [value for value in fields.get("choice", ()) if value in known]
    if not chosen or (question.kind == "single" and len(chosen) > 1):
        return _missing("Choisissez une réponse.", "Choose an answer.")
    return Reading(given={"choices": chosen}, error=None)


def _order(question: PracticeQuestion, fields: Mapping[str, Sequence[str]]) -> Reading:
    ranks = {item.id: _first(fields, f"order-{item.id}") for item in question.items}
    if sorted(ranks.values()) != sorted(str(n) for n in range(1, len(question.items) + 1)):
        return _missing("Donnez à chaque élément un rang différent.", "Give each element a different rank.")
    return Reading(given={"order": sorted(ranks, key=lambda key: int(ranks[key]))}, error=None)


def _match(question: PracticeQuestion, fields: Mapping[str, Sequence[str]]) -> Reading:
    pairs = {pair.id: _first(fields, f"match-{pair.id}") for pair in question.pairs}
    if not set(pairs.values()) <= {pair.id for pair in question.pairs}:
        return _missing("Associez chaque élément.", "Match each element.")
    return Reading(given={"pairs": pairs}, error=None)


def _number(question: PracticeQuestion, fields: Mapping[str, Sequence[str]]) -> Reading:
    text = (
        _first(fields, "number")
        .replace(" ", "")
        .replace("\N{NO-BREAK SPACE}", "")
        .replace("\N{NARROW NO-BREAK SPACE}", "")
    )
    try:
        value = float(text.replace(",", ".").removesuffix("%"))
    except ValueError:
        value = float("nan")
    if not abs(value) < 1e15:
        return _missing("Écrivez un nombre, par exemple 12,5.", "Write a number, for example 12.5.")
    return Reading(given={"number": value}, error=None)


def _first(fields: Mapping[str, Sequence[str]], name: str) -> str:
    values = fields.get(name, ())
    return values[0] if values else ""


def _missing(fr: str, en: str) -> Reading:
    return Reading(given=None, error=Text(fr, en))
