"""The spelling check finds slips in every part of a package and lets terms of art pass."""

from __future__ import annotations

from typing import Any

import pytest

from tests.packages import document
from training_platform.catalogue.format import ModulePackage
from training_platform.catalogue.spelling import misspelt

GLOSSARY = {"fr": {"tri", "fr"}, "en": {"tri", "fr", "en"}}


def unknown(changed: dict[str, Any]) -> set[str]:
    found = misspelt(ModulePackage.model_validate(changed), GLOSSARY)
    return {problem.reason.en.removesuffix(".") + f" in {problem.file}" for problem in found}


def lesson(text: str, language: str) -> dict[str, Any]:
    changed = document()
    changed["lessons"][0]["text"][language] += f"\n{text}\n"
    return changed


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("Une erreure.", "fr", "Unknown word (fr): erreure in essai-m90/fr/01-essai.md"),
        ("An eror.", "en", "Unknown word (en): eror in essai-m90/en/01-trial.md"),
    ],
)
def test_a_slip_is_found_with_its_file(text: str, language: str, said: str) -> None:
    assert said in unknown(lesson(text, language))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("L'hôpital et l’équipe d'Inès, aujourd'hui, jusqu'au soir : peut-être.", "fr"),
        ("They don't, the ward's nurse isn’t, we'll see.", "en"),
        ("[voir](module:M03) ![une figure](../img/zzzz.fr.svg) [^AIA-05] le tri", "fr"),
        ("Écrire à nurse@xyzzy.example, Valbrune.", "fr"),
    ],
)
def test_elisions_markup_names_and_the_glossary_pass(text: str, language: str) -> None:
    assert unknown(lesson(text, language)) <= unknown(document())


def test_questions_and_exercises_are_read_too() -> None:
    changed = document()
    changed["questions"][0]["ask"]["fr"] = "Quelle reponsse ?"
    changed["exercises"][0]["intro"]["en"] = "an introducktion"
    found = unknown(changed)
    assert "Unknown word (fr): reponsse in essai-m90/questions.yaml" in found
    assert "Unknown word (en): introducktion in essai-m90/exercises.yaml" in found
