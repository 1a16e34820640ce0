"""Item parameters: the author's, and the calibrated ones, kept by what a question says: a new version with the same text keeps them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from training_platform.assessment.models import CalibrationRun, ItemParameters
from training_platform.assessment.rules import Item
from training_platform.assessment.rules.estimate import DISCRIMINATION
from training_platform.catalogue.format import BankQuestion
from training_platform.db import db

NO_GUESSING = 0.1
"""Chance to be right without knowing where there is nothing to pick one of: partial knowledge finds some answers."""
DIFFICULTY = {"easier": -0.3, "as_step": 0.0, "harder": 0.3}
UNSEEN = {"id", "families", "safety", "facts", "explanation", "difficulty", "discrimination", "reserved"}
"""Parts of a question that nobody sees before answering: changing them changes no answer."""
MANY = 500
"""Fingerprints looked up in one query."""


@dataclass(frozen=True, kw_only=True)
class Calibrated:
    """What the answers to a question say of it, on the level scale."""

    difficulty: float
    difficulty_se: float
    discrimination: float
    discrimination_se: float
    answers: int


def difficulty_of(question: BankQuestion) -> float:
    """Return the author's difficulty on the level scale: the middle of the step, a little more or less."""
    return question.step.from_level + 0.5 + DIFFICULTY[question.difficulty]


def item_of(question: BankQuestion, found: Calibrated | None = None) -> Item:
    """Return the item parameters of a question: those that its answers gave, the author's before there are enough."""
    guessing = 1 / len(question.options) if question.kind == "single" else NO_GUESSING
    return Item(
        difficulty=found.difficulty if found else difficulty_of(question),
        discrimination=found.discrimination if found else DISCRIMINATION[question.discrimination],
        guessing=guessing,
    )


def fingerprint(question: BankQuestion) -> str:
    """Return the SHA-256 of what makes a question easy or hard: its step, its text, its options and which are right."""
    data = question.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=UNSEEN)
    for option in data.get("options", ()):
        del option["why"]
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def lookup(questions: Iterable[BankQuestion]) -> dict[str, Calibrated]:
    """Return the calibrated parameters by fingerprint, for the questions that have any."""
    wanted = [fingerprint(question) for question in questions]
    return calibrated(wanted)


def calibrated(fingerprints: list[str]) -> dict[str, Calibrated]:
    """Return the calibrated parameters by fingerprint; one query for each five hundred."""
    found: dict[str, Calibrated] = {}
    for start in range(0, len(fingerprints), MANY):
        query = select(ItemParameters).where(ItemParameters.fingerprint.in_(fingerprints[start : start + MANY]))
        for row in db.session.scalars(query):
            found[row.fingerprint] = Calibrated(
                difficulty=row.difficulty,
                difficulty_se=row.difficulty_se,
                discrimination=row.discrimination,
                discrimination_se=row.discrimination_se,
                answers=row.answers,
            )
    return found


def stamp() -> str:
    """Return what changes with each calibration: part of the key of whatever keeps items in memory; one query."""
    query = select(CalibrationRun.id, CalibrationRun.at).order_by(CalibrationRun.id.desc()).limit(1)
    latest = db.session.execute(query).one_or_none()
    return f"{latest[0]}:{latest[1].isoformat()}" if latest else ""
