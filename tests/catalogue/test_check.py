"""What the machine checks of the catalogue: each check finds its fault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.packages import document, make_package
from training_platform.catalogue.check import check_catalogue, check_package, counts
from training_platform.catalogue.format import ModulePackage
from training_platform.framework.files import read_framework

FRAMEWORK = read_framework(Path(__file__).parents[2] / "content")


def problems(changed: dict[str, Any]) -> str:
    package = ModulePackage.model_validate(changed)
    return " | ".join(p.reason.en for p in check_package(package, FRAMEWORK, {"M90"}))


def test_the_trial_package_is_clean() -> None:
    assert check_catalogue([make_package()], FRAMEWORK, ["M90"]) == []


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("[^AIA-01]", "[^AIA-99]", "Unknown fact: AIA-99"),
        ("[^AIA-01]", "[^AIA-02]", "not in module.yaml: AIA-02"),
        ("::exercise{tri}", "::exercise{nothing}", "Unknown exercise"),
        ("# La leçon", "La leçon", "only “# ” title"),
        ("Texte avec une note.[^AIA-01]", "En 2026, 45 % des agents.", "Figure without a note"),
        ("Texte avec", "![Une figure très claire](../img/x.fr.svg)\n\nTexte avec", "Missing figure"),
        ("Texte avec", "[voir](module:M77) avec", "Unknown module"),
        ("## Une question", "### Une question", "differ in structure"),
    ],
)
def test_faults_of_lessons(before: str, after: str, found: str) -> None:
    changed = document()
    assert before in changed["lessons"][0]["text"]["fr"]
    changed["lessons"][0]["text"]["fr"] = changed["lessons"][0]["text"]["fr"].replace(before, after)
    assert found in problems(changed)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"requires": ["M77"]}, "Unknown prerequisite"),
        ({"domain": "XXX"}, "Unknown domain"),
        ({"steps": [{"c": "XXX9", "from": 0, "to": 1}]}, "Unknown competency"),
        (
            {"objectives": [{"bloom": "apply", "text": {"fr": "x", "en": "x"}, "met_by": ["lesson:07"]}]},
            "met by no lesson",
        ),
        ({"minutes": 40}, "40 min announced, about 13"),
    ],
)
def test_faults_of_the_head(changes: dict[str, Any], found: str) -> None:
    assert found in problems(document(**changes))


def test_faults_of_the_bank() -> None:
    changed = document()
    changed["questions"][0]["step"] = {"c": "ALG1", "from": 0, "to": 1}
    changed["questions"][1]["facts"] = ["XXX-01"]
    changed["questions"][2]["families"] = ["NOBODY"]
    for question in changed["questions"]:
        for option in question["options"]:
            option["correct"] = option["id"] == "a"
            option["text"] = {"fr": "x" * (9 if option["correct"] else 3), "en": "y" * (9 if option["correct"] else 3)}
    found = problems(changed)
    for part in (
        "does not teach",
        "unknown or to be checked",
        "unknown job family",
        "too often in the same place",
        "is the longest",
    ):
        assert part in found


def test_reserved_questions_are_balanced_among_themselves() -> None:
    changed = document()
    for question in changed["questions"]:
        question["reserved"] = True
        for option in question["options"]:
            option["correct"] = option["id"] == "a"
    package = ModulePackage.model_validate(changed)
    found = [p for p in check_catalogue([package], FRAMEWORK, []) if "same place" in p.reason.en]
    assert [p.file for p in found] == ["DAT: questions réservées"]


def test_cycles_double_ids_and_thin_banks_are_found() -> None:
    a, b = make_package("M90", requires=["M91"]), make_package("M91", requires=["M90"])
    found = " | ".join(p.reason.en for p in check_catalogue([a, b], FRAMEWORK, []))
    assert "Cyclic prerequisites: M90, M91" in found
    thin = document()
    thin["questions"] = [*thin["questions"][:7], thin["questions"][0]]
    found = " | ".join(p.reason.en for p in check_catalogue([ModulePackage.model_validate(thin)], FRAMEWORK, ["M90"]))
    assert "is used twice" in found
    thin["questions"] = thin["questions"][:7]
    found = " | ".join(p.reason.en for p in check_catalogue([ModulePackage.model_validate(thin)], FRAMEWORK, ["M90"]))
    assert "DAT1 0→1: 7\N{NO-BREAK SPACE}questions, 8 are needed." in found


def test_counts_say_how_large_the_catalogue_is() -> None:
    found = counts([make_package()])
    assert found["written"] == 1
    assert found["questions"] == {"DAT1 0→1": 8}
    assert found["modules"]["M90"]["words"]["fr"] > 10
