"""Where in the editor a problem is mended: the field or the question that a check speaks of."""

from __future__ import annotations

import re
from dataclasses import dataclass

from training_platform.catalogue.format import ModulePackage
from training_platform.catalogue.package import Problem
from training_platform.studio.editing import key_of

HEAD = (
    ("Prérequis", "requires"), ("min annoncées", "minutes"), ("Objectif", "objectives"), ("Compétence", "steps"),
    ("Domaine", "domain"), ("at least one step", "steps"),
)  # fmt: skip
"""How the checks of module.yaml begin or are worded, and the field that each is about."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A field of the editor, or a question with its own page (``owner`` is the bank or an exercise)."""

    anchor: str = ""
    owner: str = ""
    question: str = ""


def place_of(problem: Problem, package: ModulePackage) -> Place:
    """Return where a problem of this package is mended."""
    names = problem.file.removeprefix(f"{package.slug}/").split(".")
    if names[0] == "head" and len(names) > 1:
        return Place(anchor=_head_anchor(names[1:]))
    if names[0] == "lessons" and len(names) > 1 and names[1].isdecimal():
        return _lesson(package, int(names[1]), names[-1])
    if names[0] == "exercises":
        return Place(anchor="exercises")
    known = [question.id for question in package.questions]
    if names[0] == "questions":
        said = names[1] if len(names) > 2 else problem.reason.fr.partition(" : ")[0]
        key = next((one for one in known if said == one or problem.file.startswith(f"questions.{one}")), "")
        return Place(owner="bank", question=key)
    if match := re.match(r"(fr|en|\*)/(\d\d)", problem.file.removeprefix(f"{package.slug}/")):
        return _lesson(package, int(match[2]) - 1, match[1])
    return Place(anchor=next((anchor for words, anchor in HEAD if words in problem.reason.fr), "sheet"))


def _head_anchor(names: list[str]) -> str:
    if names[-1] in ("fr", "en") and names[0] in ("title", "summary", "audience"):
        return f"{names[0]}_{names[-1]}"
    if names[0] == "objectives" and len(names) > 1 and names[1].isdecimal():
        return f"objective_{int(names[1]) + 1}_{names[-1] if names[-1] in ('fr', 'en') else 'fr'}"
    return names[0] if names[0] in ("steps", "requires", "minutes", "domain", "objectives") else "sheet"


def _lesson(package: ModulePackage, place: int, language: str) -> Place:
    if place >= len(package.lessons):
        return Place(anchor="add-lesson")
    key = key_of(package.lessons[place])
    return Place(anchor=f"lesson_{key}_{language}" if language in ("fr", "en") else f"lesson-{key}")
