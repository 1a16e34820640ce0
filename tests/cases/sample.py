"""A small case that a test may bend: two ways, a detour, a conditional choice and document, a fault, a reason."""

from __future__ import annotations

import copy
from typing import Any

from training_platform.cases.format import Case


def both(text: str) -> dict[str, str]:
    return {"fr": text, "en": text}


def choice(key: str, score: int, following: str, **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "text": both(f"choix {key}"),
        "score": score,
        "consequence": both(f"suite {key}"),
        "why": both(f"parce que {key}"),
        "next": following,
        **more,
    }


def decision(key: str, *choices: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": key,
        "title": both(f"titre {key}"),
        "scene": both(f"scène {key}"),
        "ask": both(f"question {key} ?"),
        "choices": list(choices),
        **more,
    }


def sample() -> dict[str, Any]:
    """Return the document of the case, to be changed by the test."""
    return copy.deepcopy(DOCUMENT)


def sample_case(**changes: Any) -> Case:
    """Return the case."""
    return Case.model_validate({**sample(), **changes})


DOCUMENT: dict[str, Any] = {
    "code": "CE9",
    "slug": "essai",
    "level": "establishment",
    "minutes": 10,
    "title": both("Essai"),
    "summary": both("Un essai."),
    "you": both("Vous essayez."),
    "situation": both("Une situation."),
    "actors": [{"role": role, "name": role, "stake": both("enjeu")} for role in ("R10", "R42", "R46")],
    "state": [
        {
            "id": "trust",
            "name": both("Confiance"),
            "unit": both("sur cent"),
            "start": 50,
            "bands": [
                {"from": 0, "text": both("basse"), "tone": "bad"},
                {"from": 45, "text": both("haute"), "tone": "good"},
            ],
        },
        {
            "id": "weeks",
            "name": both("Retard"),
            "unit": both("semaines"),
            "start": 0,
            "high": 10,
            "bands": [
                {"from": 0, "text": both("tenu"), "tone": "good"},
                {"from": 5, "text": both("perdu"), "tone": "bad"},
            ],
        },
    ],
    "documents": [
        {
            "id": "count",
            "kind": "table",
            "title": both("Comptes"),
            "source": both("Service"),
            "table": {
                "about": both("Ligne"),
                "columns": [{"id": "n", "name": both("Nombre")}],
                "rows": [{"id": "a", "name": both("A"), "cells": [12]}, {"id": "b", "name": both("B"), "cells": [48]}],
            },
        },
        {
            "id": "letter",
            "kind": "mail",
            "title": both("Lettre"),
            "source": both("Élus"),
            "text": both("Nous…"),
            "if": {"state": "trust", "below": 45},
        },
    ],
    "figures": [
        {"id": "share", "name": both("Part"), "of": "count.a.n / (count.a.n + count.b.n)", "percent": True, "value": 20}
    ],
    "start": "d1",
    "decisions": [
        decision(
            "d1",
            choice("a", 3, "d2", effects={"trust": 10}),
            choice("b", 0, "d2", effects={"trust": -80}, fault="no_exit"),
            choice("c", 1, "d3", effects={"weeks": 20}),
        ),
        decision(
            "d2",
            choice("a", 1, "d4"),
            choice("b", 3, "d4", detours=[{"if": {"chose": ["d1.b"]}, "next": "d3"}]),
            choice("c", 0, "d4", **{"if": {"state": "trust", "at_least": 60}}),
            reason=True,
            rubric=[{"id": key, "text": both(f"critère {key}")} for key in "xyz"],
            model_answer=both("Voici."),
            also=[{"if": {"chose": ["d1.b"]}, "text": both("un ajout")}],
        ),
        decision("d3", choice("a", 0, "d4", fault="no_oversight"), choice("b", 3, "d4")),
        decision(
            "d4",
            choice("b", 3, "end", also=[{"if": {"state": "weeks", "at_least": 5}, "text": both("trop tard")}]),
            choice("a", 1, "end"),
        ),
    ],
    "debrief": both("La part est de {share}."),
    "traps": [both("un piège"), both("un autre")],
    "questions": [both("une question ?"), both("une autre ?")],
    "competencies": {"GOV1": 3},
    "modules": ["M58"],
    "tracks": ["T6"],
}
