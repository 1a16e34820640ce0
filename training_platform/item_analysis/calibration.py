"""Calibration of all questions by their answers, competency by competency; kept for the items asked from then on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from sqlalchemy import delete, select

from training_platform.assessment.models import CalibrationRun, ItemParameters
from training_platform.db import db
from training_platform.item_analysis import answers
from training_platform.item_analysis.answers import Bank, GivenAnswer
from training_platform.item_analysis.rules import Calibration, Responses, calibrate
from training_platform.item_analysis.rules.calibration import FREE_FROM
from training_platform.item_analysis.rules.statistics import ENOUGH

Model = Literal["rasch", "2pl"]
MODELS: tuple[Model, ...] = ("rasch", "2pl")


@dataclass(frozen=True, kw_only=True)
class CompetencyResult:
    """What the calibration of one competency's questions found."""

    competency: str
    answers: int
    questions: int
    kept: int
    """Questions with answers enough for parameters of their own."""
    free: int
    """Questions with a discrimination of their own."""
    iterations: int
    converged: bool
    means: tuple[tuple[str, float], ...]
    """The estimated mean level of those who answered, by kind of occasion."""
    moved: float
    """Mean distance between intended and found difficulty of the questions kept, in levels."""


def run(
    model: Model, now: datetime, report: Callable[[CompetencyResult], None] | None = None
) -> tuple[CalibrationRun, list[CompetencyResult]]:
    """Calibrate and replace the parameters in use; evidence that exists keeps the parameters of its day."""
    bank = answers.bank_of(answers.answered_versions())
    given = answers.given()
    by_competency: dict[str, list[GivenAnswer]] = {}
    for one in given:
        by_competency.setdefault(bank.questions[one.question_id].step.c, []).append(one)
    db.session.execute(delete(ItemParameters))
    record = CalibrationRun(at=now, model=model, answers=len(given), questions=0, iterations=0, converged=True)
    record.demo = any(one.demo for one in given)
    db.session.add(record)
    db.session.flush()
    results = []
    for competency, own in sorted(by_competency.items()):
        found = _calibrate_one(record, model, competency, own, bank)
        results.append(found)
        if report is not None:
            report(found)
    record.questions = sum(one.kept for one in results)
    record.iterations = max((one.iterations for one in results), default=0)
    record.converged = all(one.converged for one in results)
    db.session.flush()
    return record, results


def competencies_answered() -> int:
    """Return how many competencies have answers: the length of a calibration's progress."""
    bank = answers.bank_of(answers.answered_versions())
    return len({question.step.c for question in bank.questions.values()})


def _calibrate_one(
    record: CalibrationRun, model: Model, competency: str, given: Sequence[GivenAnswer], bank: Bank
) -> CompetencyResult:
    items = bank.items(one.question_id for one in given)
    kinds = sorted({one.kind for one in given})
    responses = as_responses(given, bank, items, kinds)
    questions = bank.by_fingerprint()
    authored = answers.parameters(items, questions)
    found = calibrate(responses, authored, free_from=FREE_FROM if model == "2pl" else None)
    numbers = np.bincount(responses.item, minlength=len(items))
    kept = np.flatnonzero(numbers >= ENOUGH)
    _keep(record.id, found, [(items[place], int(numbers[place]), int(place)) for place in kept])
    away = np.abs(found.difficulty - authored.difficulty)[kept]
    return CompetencyResult(
        competency=competency,
        answers=len(given),
        questions=len(items),
        kept=len(kept),
        free=int((found.discrimination_se > 0).sum()),
        iterations=found.iterations,
        converged=found.converged,
        means=tuple(zip(kinds, (float(mean) for mean in found.mean), strict=True)),
        moved=float(away.mean()) if len(kept) else 0.0,
    )


def as_responses(given: Sequence[GivenAnswer], bank: Bank, items: Sequence[str], kinds: Sequence[str]) -> Responses:
    """Return answers as arrays: an examinee is one sitting, its population the kind of occasion."""
    place = {mark: number for number, mark in enumerate(items)}
    sittings = {sitting: number for number, sitting in enumerate(dict.fromkeys(one.sitting_id for one in given))}
    group = np.zeros(len(sittings), dtype=np.int64)
    for one in given:
        group[sittings[one.sitting_id]] = kinds.index(one.kind)
    return Responses(
        examinee=np.array([sittings[one.sitting_id] for one in given], dtype=np.int64),
        item=np.array([place[bank.fingerprints[one.question_id]] for one in given], dtype=np.int64),
        correct=np.array([one.correct for one in given], dtype=bool),
        group=group,
    )


def _keep(run_id: int, found: Calibration, kept: Sequence[tuple[str, int, int]]) -> None:
    db.session.add_all(
        ItemParameters(
            fingerprint=mark,
            run_id=run_id,
            answers=number,
            difficulty=float(found.difficulty[place]),
            difficulty_se=float(found.difficulty_se[place]),
            discrimination=float(found.discrimination[place]),
            discrimination_se=float(found.discrimination_se[place]),
        )
        for mark, number, place in kept
    )


def latest() -> CalibrationRun | None:
    """Return the calibration whose parameters are in use, None before the first."""
    return db.session.scalar(select(CalibrationRun).order_by(CalibrationRun.id.desc()).limit(1))
