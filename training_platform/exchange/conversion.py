"""Between the bank and the questions of other systems."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from training_platform.catalogue.format import BankQuestion, Step, Wording
from training_platform.catalogue.parts import DRAFT
from training_platform.exchange.questions import ForeignOption, ForeignQuestion, Said
from training_platform.text import LANGUAGES

LETTERS = "abcdefghijklmnop"


def to_foreign(question: BankQuestion) -> ForeignQuestion:
    """Return a question of the bank in the common terms; scene and question are parted by an empty line."""
    ask: Said = {
        language: "\n\n".join(part[language] for part in (question.scene, question.ask) if part)
        for language in LANGUAGES
    }
    return ForeignQuestion(
        place=question.id,
        kind=question.kind,
        ask=_told(ask),
        options=tuple(ForeignOption(text=_both(o.text), correct=o.correct, why=_both(o.why)) for o in question.options),
        pairs=tuple((_both(pair.left), _both(pair.right)) for pair in question.pairs),
        items=tuple(_both(item.text) for item in question.items),
        answer=question.answer or 0.0,
        tolerance=question.tolerance,
        explanation=_both(question.explanation),
    )


def _both(wording: Wording) -> Said:
    return _told({"fr": wording.fr, "en": wording.en})


def _told(said: Said) -> Said:
    return {language: text for language, text in said.items() if text}


def to_bank(found: Sequence[ForeignQuestion], step: Step, prefix: str, taken: Collection[str]) -> list[BankQuestion]:
    """Return the questions as drafts for the bank, evidence for ``step``; a language that was not told stays empty.

    Ids are ``prefix`` with the next free numbers.
    """
    free = (f"{prefix}{number:02d}" for number in range(1, 10_000))
    ids = (name for name in free if name not in taken)
    return [_drafted(question, step, next(ids)) for question in found]


def _drafted(question: ForeignQuestion, step: Step, key: str) -> BankQuestion:
    scene, ask = _parted(question.ask)
    document: dict[str, Any] = {
        "id": key,
        "kind": question.kind,
        "step": step.model_dump(by_alias=True),
        "scene": _wording(scene) if any(scene.values()) else None,
        "ask": _wording(ask),
        "options": [
            {
                "id": LETTERS[n % 16] + str(n // 16 or ""),
                "text": _wording(o.text),
                "correct": o.correct,
                "why": _wording(o.why),
            }
            for n, o in enumerate(question.options)
        ],
        "items": [
            {"id": LETTERS[n % 16] + str(n // 16 or ""), "text": _wording(x)} for n, x in enumerate(question.items)
        ],
        "pairs": [
            {"id": LETTERS[n % 16] + str(n // 16 or ""), "left": _wording(left), "right": _wording(right)}
            for n, (left, right) in enumerate(question.pairs)
        ],
        "explanation": _wording(question.explanation),
    }
    if question.kind == "number":
        document |= {"answer": question.answer, "tolerance": question.tolerance}
    return BankQuestion.model_validate(document, context=DRAFT)


def _parted(said: Said) -> tuple[Said, Said]:
    """Part the scene from the question at the last empty line, where every language told has one."""
    if said and all("\n\n" in text for text in said.values()):
        halves = {language: text.rpartition("\n\n") for language, text in said.items()}
        return {k: v[0] for k, v in halves.items()}, {k: v[2] for k, v in halves.items()}
    return {}, said


def _wording(said: Said) -> dict[str, str]:
    return {language: said.get(language, "") for language in LANGUAGES}
