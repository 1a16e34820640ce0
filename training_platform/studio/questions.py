"""Questions of the bank and of exercises as forms: shown, read back, added, copied, taken out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from training_platform.catalogue.format import (
    BankQuestion,
    Exercise,
    ModulePackage,
    PracticeQuestion,
    read_draft,
)
from training_platform.errors import NotFoundError, RefusedError
from training_platform.framework.rules import Framework
from training_platform.studio.drafts import too_long
from training_platform.text import LANGUAGES, Text

BANK = "bank"
"""Whose a question is: the bank's, or the exercise of this id."""
KINDS = {
    "single": Text("une bonne réponse", "one right answer"),
    "multiple": Text("plusieurs bonnes réponses", "several right answers"),
    "order": Text("remettre dans l'ordre", "put in order"),
    "match": Text("associer", "match"),
    "number": Text("un nombre", "a number"),
}
DIFFICULTIES = {
    "easier": Text("plus facile que le palier", "easier than the step"),
    "as_step": Text("du niveau du palier", "as the step"),
    "harder": Text("plus difficile que le palier", "harder than the step"),
}
DISCRIMINATIONS = {
    "low": Text("peu : on peut la réussir par chance", "little: it can be passed by luck"),
    "medium": Text("moyennement", "fairly"),
    "high": Text("nettement : seul qui sait la réussit", "sharply: only those who know pass"),
}
MOST_ROWS = 8
PARTS = {"single": "option", "multiple": "option", "order": "item", "match": "pair"}
TEXTS_OF = {"option": ("", "_why"), "item": ("",), "pair": ("_left", "_right")}
KEYS_OF = {"": "text", "_why": "why", "_left": "left", "_right": "right"}
FACT = re.compile(r"[A-Z]{3}-\d{2,3}")
Document = dict[str, Any]
Errors = dict[str, Text]


class UnknownQuestionError(NotFoundError):
    """The module has no such question."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Cette question n'est plus dans le module : quelqu'un l'a retirée ou l'adresse est fausse.",
                "This question is no longer in the module: somebody took it out, or the address is wrong.",
            )
        )


def questions_of(package: ModulePackage, owner: str) -> list[PracticeQuestion]:
    """Return the questions of the bank or of one exercise; raise UnknownQuestionError."""
    if owner == BANK:
        return list(package.questions)
    return list(_exercise(package, owner).questions)


def _exercise(package: ModulePackage, owner: str) -> Exercise:
    for exercise in package.exercises:
        if exercise.id == owner:
            return exercise
    raise UnknownQuestionError


def question_of(package: ModulePackage, owner: str, key: str) -> PracticeQuestion:
    """Return one question; raise UnknownQuestionError."""
    for question in questions_of(package, owner):
        if question.id == key:
            return question
    raise UnknownQuestionError


def fields_of(question: PracticeQuestion) -> dict[str, str]:
    """Return the fields that show a question; a box that is not ticked is left out."""
    fields = {"kind": question.kind, "facts": ", ".join(question.facts)}
    for name in ("scene", "ask", "explanation", "unit"):
        text = getattr(question, name)
        fields |= {f"{name}_{language}": text[language] if text else "" for language in LANGUAGES}
    fields |= {f"family_{family}": "1" for family in question.families}
    fields |= {"safety": "1"} if question.safety else {}
    fields["answer"] = "" if question.answer is None else f"{question.answer:g}"
    fields["tolerance"] = f"{question.tolerance:g}"
    if isinstance(question, BankQuestion):
        fields |= {"step": f"{question.step.c}:{question.step.from_level}"}
        fields |= {"difficulty": question.difficulty, "discrimination": question.discrimination}
        fields |= {"reserved": "1"} if question.reserved else {}
    for number, option in enumerate(question.options, 1):
        fields |= _row_fields("option", number, option) | ({f"option_{number}_correct": "1"} if option.correct else {})
    for number, item in enumerate(question.items, 1):
        fields |= _row_fields("item", number, item)
    for number, pair in enumerate(question.pairs, 1):
        fields |= _row_fields("pair", number, pair)
    return fields


def _row_fields(name: str, number: int, row: Any) -> dict[str, str]:
    fields = {f"{name}_{number}_id": row.id}
    for suffix in TEXTS_OF[name]:
        text = getattr(row, KEYS_OF[suffix])
        fields |= {f"{name}_{number}{suffix}_{language}": text[language] for language in LANGUAGES}
    return fields


def change(
    package: ModulePackage, owner: str, key: str, fields: Mapping[str, str], framework: Framework, action: str = ""
) -> tuple[ModulePackage, Errors]:
    """Return the package with the fields in one question; a field that is wrong keeps its former value and is named.

    ``action`` takes out or moves a row: ``drop:option_2``, ``up:item_3``.
    """
    question = question_of(package, owner, key)
    errors: Errors = {}
    document = question.model_dump(by_alias=True)
    for name in ("scene", "ask", "explanation", "unit"):
        _change_text(document, name, fields, errors)
    document["safety"] = fields.get("safety") == "1"
    document["families"] = [family for family in framework.families if fields.get(f"family_{family}") == "1"]
    _change_facts(document, fields, framework, errors)
    _change_numbers(document, fields, errors)
    if isinstance(question, BankQuestion):
        _change_bank(document, fields, errors)
    part = PARTS.get(question.kind)
    if part and any(field.startswith(f"{part}_") for field in fields):
        document[f"{part}s"] = _rows(part, fields, action, errors)
    kind = fields.get("kind", question.kind)
    if kind in KINDS and kind != question.kind:
        document = _as_kind(document, kind)
    return _replaced(package, owner, lambda all_: [document if one["id"] == key else one for one in all_]), errors


def _change_text(document: Document, name: str, fields: Mapping[str, str], errors: Errors) -> None:
    pair = {language: fields.get(f"{name}_{language}", "").strip() for language in LANGUAGES}
    wrong = {f"{name}_{language}": said for language, text in pair.items() if (said := too_long(text))}
    errors |= wrong
    if not wrong and f"{name}_fr" in fields:
        document[name] = None if name in ("scene", "unit") and not any(pair.values()) else pair


def _change_facts(document: Document, fields: Mapping[str, str], framework: Framework, errors: Errors) -> None:
    named = FACT.findall(fields.get("facts", "").upper())
    if unknown := [fact for fact in named if fact not in framework.facts]:
        errors["facts"] = Text(
            f"Aucun fait n'a ce numéro : {', '.join(unknown)}.", f"No fact has this id: {', '.join(unknown)}."
        )
    elif "facts" in fields:
        document["facts"] = list(dict.fromkeys(named))


def _change_numbers(document: Document, fields: Mapping[str, str], errors: Errors) -> None:
    for name, empty in (("answer", None), ("tolerance", 0.0)):
        text = fields.get(name, "").replace(",", ".").replace(" ", "")
        try:
            value = float(text) if text else empty
        except ValueError:
            value = float("nan")
        if value is not None and not abs(value) < 1e12:
            errors[name] = Text("Écrivez un nombre, par exemple 12,5.", "Write a number, for example 12.5.")
        elif name in fields:
            document[name] = abs(value) if name == "tolerance" and value is not None else value


def _change_bank(document: Document, fields: Mapping[str, str], errors: Errors) -> None:
    competency, _, level = fields.get("step", "").partition(":")
    if competency and level.isdecimal() and int(level) <= 4:
        document["step"] = {"c": competency, "from": int(level), "to": int(level) + 1}
    if fields.get("difficulty") in DIFFICULTIES:
        document["difficulty"] = fields["difficulty"]
    if fields.get("discrimination") in DISCRIMINATIONS:
        document["discrimination"] = fields["discrimination"]
    document["reserved"] = fields.get("reserved") == "1"


def _rows(part: str, fields: Mapping[str, str], action: str, errors: Errors) -> list[Document]:
    """Read the rows of options, items or pairs; empty ones go, new ones get the next free letter."""
    numbers = sorted({int(m[1]) for field in fields if (m := re.match(rf"{part}_(\d{{1,2}})_", field))})[
        : MOST_ROWS + 1
    ]
    verb, _, target = action.partition(":")
    used = {fields.get(f"{part}_{number}_id", "") for number in numbers}
    letters = (letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter not in used)
    rows: list[Document] = []
    for number in numbers:
        if verb == "drop" and target == f"{part}_{number}":
            continue
        row = _row(part, number, fields, errors)
        if any(text for value in row.values() if isinstance(value, dict) for text in value.values()):
            row["id"] = fields.get(f"{part}_{number}_id") or next(letters)
            rows.append(row)
            if verb == "up" and target == f"{part}_{number}" and len(rows) > 1:
                rows[-1], rows[-2] = rows[-2], rows[-1]
    return rows


def _row(part: str, number: int, fields: Mapping[str, str], errors: Errors) -> Document:
    row: Document = {}
    for suffix in TEXTS_OF[part]:
        pair = {language: fields.get(f"{part}_{number}{suffix}_{language}", "").strip() for language in LANGUAGES}
        for language, text in pair.items():
            if said := too_long(text):
                errors[f"{part}_{number}{suffix}_{language}"] = said
                pair[language] = ""
        row[KEYS_OF[suffix]] = pair
    if part == "option":
        row["correct"] = fields.get(f"option_{number}_correct") == "1"
    return row


def _as_kind(document: Document, kind: str) -> Document:
    """Carry what was written over to another kind of question, as far as it goes."""
    old, new = PARTS.get(document["kind"]), PARTS.get(kind)
    changed = document | {"kind": kind}
    if old == new:
        return changed
    empty = {"fr": "", "en": ""}
    texts = [row.get("text") or row.get("left") for row in document[f"{old}s"]] if old else []
    rows = [(letter, text) for letter, text in zip("abcdefghij", texts, strict=False)]
    if old:
        changed[f"{old}s"] = []
    if new == "option":
        changed["options"] = [{"id": i, "text": text, "correct": False, "why": empty} for i, text in rows]
    elif new == "item":
        changed["items"] = [{"id": i, "text": text} for i, text in rows]
    elif new == "pair":
        changed["pairs"] = [{"id": i, "left": text, "right": empty} for i, text in rows]
    return changed


def _replaced(package: ModulePackage, owner: str, rewrite: Callable[[list[Document]], list[Document]]) -> ModulePackage:
    """Return the package with the questions of one owner rewritten."""
    document = package.model_dump(by_alias=True)
    if owner == BANK:
        document["questions"] = rewrite(document["questions"])
    else:
        for exercise in document["exercises"]:
            if exercise["id"] == owner:
                exercise["questions"] = rewrite(exercise["questions"])
    return read_draft(document)


def add(package: ModulePackage, owner: str, kind: str) -> tuple[ModulePackage, str]:
    """Return the package with a new empty question of a kind, and the question's id."""
    empty = {"fr": "", "en": ""}
    key = _free_id(package, owner)
    question: Document = {"id": key, "kind": kind if kind in KINDS else "single", "ask": empty, "explanation": empty}
    if owner == BANK:
        if not package.head.steps:
            raise RefusedError(
                Text(
                    "Ajoutez d'abord un palier au module : chaque question prouve un palier.",
                    "Add a step to the module first: each question is evidence for a step.",
                )
            )
        step = package.head.steps[0]
        question["step"] = {"c": step.c, "from": step.from_level, "to": step.from_level + 1}
    else:
        _exercise(package, owner)
    return _replaced(package, owner, lambda all_: [*all_, question]), key


def copy(package: ModulePackage, owner: str, key: str) -> tuple[ModulePackage, str]:
    """Return the package with a copy of a question right after it, and the copy's id."""
    original = question_of(package, owner, key).model_dump(by_alias=True)
    new = _free_id(package, owner)
    after = original | {"id": new}
    return _replaced(
        package, owner, lambda all_: [part for one in all_ for part in ([one, after] if one["id"] == key else [one])]
    ), new


def remove(package: ModulePackage, owner: str, key: str) -> ModulePackage:
    """Return the package without a question."""
    question_of(package, owner, key)
    return _replaced(package, owner, lambda all_: [one for one in all_ if one["id"] != key])


def _free_id(package: ModulePackage, owner: str) -> str:
    taken = {question.id for question in questions_of(package, owner)}
    prefix = f"{package.head.code.lower()}-q" if owner == BANK else "q"
    return next(key for n in range(1, 1000) if (key := f"{prefix}{n:02d}") not in taken)


def playable(question: PracticeQuestion) -> bool:
    """Tell whether a question is far enough to be tried."""
    if question.kind in ("single", "multiple"):
        return len(question.options) > 1 and any(option.correct for option in question.options)
    if question.kind == "number":
        return question.answer is not None
    return len(question.items if question.kind == "order" else question.pairs) > 1
