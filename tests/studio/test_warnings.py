"""Remarks on questions: each bad habit is named at its field, a good question draws none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.packages import pair, single
from training_platform.catalogue.format import BankQuestion
from training_platform.catalogue.parts import DRAFT
from training_platform.studio.rules.warnings import warnings_of

STEP = {"c": "DAT1", "from": 0, "to": 1}


def remarks(**changes: Any) -> dict[str, str]:
    question = single("q", step=STEP, scene=pair("scene")) | changes
    return {one.field: one.text.fr for one in warnings_of(BankQuestion.model_validate(question, context=DRAFT))}


def options(*texts: str, right: int = 0, why: str = "parce que") -> list[dict[str, Any]]:
    return [
        {"id": f"o{n}", "text": {"fr": text, "en": "same"}, "correct": n == right, "why": {"fr": why, "en": "because"}}
        for n, text in enumerate(texts)
    ]


def test_a_sound_question_draws_no_remark() -> None:
    assert remarks() == {}


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        (
            {"options": options("La bonne réponse, la plus longue", "Une autre réponse fausse")},
            "option_1_fr",
            "la plus longue",
        ),
        (
            {"options": options("Courte", "Une réponse fausse bien plus longue que l'autre", right=0)},
            "option_2_fr",
            "longueurs très différentes",
        ),
        ({"ask": {"fr": "Que ne faut-il pas faire ?", "en": "What to do?"}}, "ask_fr", "forme négative"),
        ({"ask": {"fr": "Que faire ?", "en": "Which is not right?"}}, "ask_en", "forme négative"),
        ({"options": options("juste", "fausse", why="")}, "option_1_why_fr", "ne dit pas pourquoi"),
        ({"options": options("juste", "faux", "Toutes les réponses", right=0)}, "option_3_fr", "élimination"),
        ({"options": options("juste", "faut toujours", right=0)}, "option_2_fr", "toujours"),
        ({"options": options("juste", "", right=0)}, "option_2_fr", "est vide"),
        ({"options": options("a", "b", right=5)}, "options", "une seule"),
        ({"options": [], "kind": "multiple"}, "options", "au moins une bonne réponse"),
        ({"ask": {"fr": "Que faire ?", "en": ""}}, "ask_en", "manque en anglais"),
        ({"explanation": {"fr": "", "en": "x"}}, "explanation_fr", "explication manque"),
        ({"scene": None}, "scene_fr", "scène"),
        ({"kind": "order", "options": [], "items": [{"id": "a", "text": pair("a")}]}, "items", "trois éléments"),
        ({"kind": "match", "options": [], "pairs": []}, "pairs", "deux paires"),
        ({"kind": "number", "options": []}, "answer", "manque"),
        ({"kind": "number", "options": [], "answer": 2.5}, "tolerance", "tolérance"),
    ],
)
def test_each_bad_habit_is_named_at_its_field(changes: dict[str, Any], field: str, said: str) -> None:
    found = remarks(**changes)
    assert said in found[field]


def test_two_right_sides_alike_are_said() -> None:
    pairs = [{"id": key, "left": pair(key), "right": pair("same")} for key in "ab"]
    assert "même côté droit" in remarks(kind="match", options=[], pairs=pairs)["pairs"]
