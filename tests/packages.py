"""A small complete module package for tests, and variations of it."""

from __future__ import annotations

from typing import Any

from training_platform.catalogue.format import ModulePackage

FR = """# La leçon d'essai

::: scene
Au laboratoire, Inès relit 12 comptes rendus.
:::

## Une question

Texte avec une note.[^AIA-01]

::exercise{tri}

::exercise{panne}

::: keep
- un
- deux
- trois
:::
"""
EN = """# The trial lesson

::: scene
In the laboratory, Inès reads 12 reports again.
:::

## One question

Text with a note.[^AIA-01]

::exercise{tri}

::exercise{panne}

::: keep
- one
- two
- three
:::
"""


def pair(text: str) -> dict[str, str]:
    """Return a wording that says in which language it is."""
    return {"fr": f"{text} (fr)", "en": f"{text} (en)"}


def option(key: str, correct: bool = False) -> dict[str, Any]:
    """Return an option."""
    return {"id": key, "text": pair(f"option {key}"), "correct": correct, "why": pair(f"why {key}")}


def single(key: str, right: str = "b", **more: Any) -> dict[str, Any]:
    """Return a one-best-answer question."""
    options = [option(letter, letter == right) for letter in "abc"]
    return {
        "id": key,
        "kind": "single",
        "ask": pair(f"ask {key}"),
        "options": options,
        "explanation": pair("because"),
        **more,
    }


def bank(code: str, competency: str = "DAT1", from_level: int = 0, count: int = 8) -> list[dict[str, Any]]:
    """Return bank questions of one step, right answers spread."""
    step = {"c": competency, "from": from_level, "to": from_level + 1}
    return [
        single(f"{code.lower()}-{competency.lower()}-{from_level}-{n}", "abc"[n % 3], step=step) for n in range(count)
    ]


def simulation() -> dict[str, Any]:
    """Return a decision simulation of two decisions."""

    def choice(key: str, score: int, following: str) -> dict[str, Any]:
        return {
            "id": key,
            "text": pair(f"choice {key}"),
            "score": score,
            "consequence": pair(f"then {key}"),
            "next": following,
        }

    decisions = [
        {
            "id": "d1",
            "scene": pair("s1"),
            "ask": pair("what now"),
            "reason": True,
            "choices": [choice("a", 3, "d2"), choice("b", 0, "end")],
        },
        {
            "id": "d2",
            "scene": pair("s2"),
            "ask": pair("and then"),
            "choices": [choice("c", 1, "end"), choice("d", 3, "end")],
        },
    ]
    return {
        "id": "panne",
        "kind": "decision_simulation",
        "title": pair("outage"),
        "minutes": 7,
        "intro": pair("intro"),
        "start": "d1",
        "decisions": decisions,
        "debrief": pair("debrief"),
    }


def document(code: str = "M90", **changes: Any) -> dict[str, Any]:
    """Return the document of a package; ``changes`` replace parts of its head."""
    head = {
        "code": code,
        "domain": "DAT",
        "title": {"fr": f"Module d'essai {code}", "en": f"Trial module {code}"},
        "summary": pair("summary"),
        "audience": pair("everyone"),
        "minutes": 15,
        "steps": [{"c": "DAT1", "from": 0, "to": 1}],
        "objectives": [{"bloom": "apply", "text": pair("do it"), "met_by": ["lesson:01"]}],
        "facts": ["AIA-01"],
        **changes,
    }
    quiz = {
        "id": "tri",
        "kind": "quiz",
        "title": pair("sorting"),
        "minutes": 6,
        "intro": pair("intro"),
        "questions": [single("t1"), single("t2", "a")],
    }
    questions = [q for s in head["steps"] for level in range(s["from"], s["to"]) for q in bank(code, s["c"], level)]
    return {
        "slug": f"essai-{code.lower()}",
        "head": head,
        "lessons": [{"name": {"fr": "01-essai", "en": "01-trial"}, "text": {"fr": FR, "en": EN}}],
        "exercises": [quiz, simulation()],
        "questions": questions,
        "situations": {
            "fr": [f"quand {code} aide à relire un compte rendu"],
            "en": [f"when {code} helps to read a report"],
        },
    }


def make_package(code: str = "M90", **changes: Any) -> ModulePackage:
    """Return a package."""
    return ModulePackage.model_validate(document(code, **changes))
