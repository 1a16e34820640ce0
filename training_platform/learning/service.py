"""Reading a module: start, stop, resume, practise, complete."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from training_platform.catalogue import service as catalogue
from training_platform.catalogue import visible
from training_platform.catalogue.format import Decision, Exercise, ModulePackage, PracticeQuestion
from training_platform.catalogue.grading import Given, grade
from training_platform.catalogue.models import Module, ModuleVersion
from training_platform.catalogue.service import LiveModule
from training_platform.db import db
from training_platform.errors import NotFoundError, RefusedError
from training_platform.learning.models import Enrolment, ExerciseAnswer
from training_platform.text import Text, excess

LONGEST_REASON = 4000


class UnknownLessonError(NotFoundError):
    """The module has no such lesson or exercise."""

    def __init__(self) -> None:
        super().__init__(Text("Cette leçon n'existe pas dans ce module.", "This lesson is not in this module."))


class IncompleteDecisionError(RefusedError):
    """A decision lacks its choice or its reason, or this is too long."""


class PlannedModuleError(RefusedError):
    """A planned module cannot be read yet."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Ce module est en préparation : il ne peut pas encore être suivi.",
                "This module is being written: it cannot be taken yet.",
            )
        )


@dataclass(frozen=True, kw_only=True)
class EnrolmentView:
    """Where a person is in a module."""

    module_id: int
    family_id: int
    """The module at the root of its copies."""
    version_id: int
    slug: str
    code: str
    lesson: int
    anchor: str
    lessons_read: int
    started_at: datetime
    completed_at: datetime | None
    last_at: datetime
    head: dict[str, Any]


def open_enrolment(person_id: int, live: LiveModule, now: datetime) -> Enrolment:
    """Return the enrolment in progress (in the version begun), or start one in the live version."""
    if live.planned:
        raise PlannedModuleError
    current = current_enrolment(person_id, live.module_id)
    if current is not None and (current.completed_at is None or current.version_id == live.version_id):
        return current
    enrolment = Enrolment(person_id=person_id, version_id=live.version_id, started_at=now, last_at=now, lessons_read=[])
    db.session.add(enrolment)
    db.session.flush()
    return enrolment


def enrolment_at(person_id: int, slug: str, now: datetime) -> Enrolment:
    """Return where the person is in a module, or start it, or the copy that stands for it where the person works.

    One that has left the catalogue, or that the person no longer sees, opens only for whoever began it.
    """
    module_id = db.session.scalar(select(Module.id).where(Module.slug == slug))
    begun = current_enrolment(person_id, module_id) if module_id else None
    if begun is not None and begun.completed_at is None:
        return begun
    try:
        return open_enrolment(person_id, visible.module_for(person_id, slug), now)
    except catalogue.UnknownModuleError:
        if begun is None:
            raise
        return begun


def current_enrolment(person_id: int, module_id: int) -> Enrolment | None:
    """Return the person's latest enrolment in any version of a module."""
    return db.session.scalar(
        select(Enrolment)
        .join(ModuleVersion)
        .where(Enrolment.person_id == person_id, ModuleVersion.module_id == module_id)
        .order_by(ModuleVersion.number.desc())
        .limit(1)
    )


def enrolments_of(person_id: int) -> list[EnrolmentView]:
    """Return all enrolments of a person, the latest first; one query."""
    rows = db.session.scalars(
        select(Enrolment)
        .where(Enrolment.person_id == person_id)
        .options(joinedload(Enrolment.version).joinedload(ModuleVersion.module))
        .order_by(Enrolment.last_at.desc(), Enrolment.id.desc())
    )
    return [_view(row) for row in rows]


def _view(row: Enrolment) -> EnrolmentView:
    return EnrolmentView(
        module_id=row.version.module_id,
        family_id=row.version.module.original_id or row.version.module_id,
        version_id=row.version_id,
        slug=row.version.module.slug,
        code=row.version.module.code,
        lesson=row.lesson,
        anchor=row.anchor,
        lessons_read=len(row.lessons_read),
        started_at=row.started_at,
        completed_at=row.completed_at,
        last_at=row.last_at,
        head=row.version.head,
    )


def completed_by_person(person_ids: Iterable[int]) -> dict[int, dict[int, datetime]]:
    """Return the modules that each of several people completed, each with the first time; one query."""
    query = (
        select(Enrolment.person_id, ModuleVersion.module_id, Enrolment.completed_at)
        .join(ModuleVersion)
        .where(Enrolment.person_id.in_(list(person_ids)), Enrolment.completed_at.is_not(None))
        .order_by(Enrolment.completed_at)
    )
    found: dict[int, dict[int, datetime]] = {}
    for person_id, module_id, moment in db.session.execute(query):
        found.setdefault(person_id, {}).setdefault(module_id, moment)
    return found


def save_place(enrolment: Enrolment, lesson: int, anchor: str, now: datetime) -> None:
    """Remember where the person stopped."""
    require_lesson(catalogue.package_of(enrolment.version_id), lesson)
    enrolment.lesson, enrolment.anchor, enrolment.last_at = lesson, anchor[:80], now


def finish_lesson(enrolment: Enrolment, lesson: int, now: datetime) -> int:
    """Mark a lesson as read; return the next lesson, 0 after the last."""
    package = catalogue.package_of(enrolment.version_id)
    require_lesson(package, lesson)
    enrolment.lessons_read = sorted({*enrolment.lessons_read, lesson})
    following = lesson + 1 if lesson < len(package.lessons) else 0
    enrolment.lesson, enrolment.anchor, enrolment.last_at = following or lesson, "", now
    return following


def complete(enrolment: Enrolment, now: datetime) -> bool:
    """Complete the module; tell whether this was the first time."""
    first = enrolment.completed_at is None
    if first:
        enrolment.completed_at = now
    enrolment.last_at = now
    return first


def exercise_of(package: ModulePackage, exercise_id: str) -> Exercise:
    """Return one exercise of the package; raise UnknownLessonError."""
    for exercise in package.exercises:
        if exercise.id == exercise_id:
            return exercise
    raise UnknownLessonError


def question_of(exercise: Exercise, item: str) -> PracticeQuestion:
    """Return one question of an exercise; raise UnknownLessonError."""
    for question in exercise.questions:
        if question.id == item:
            return question
    raise UnknownLessonError


def answers_of(enrolment: Enrolment) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the answers given so far: exercise id → item id → what was given."""
    answers: dict[str, dict[str, dict[str, Any]]] = {}
    for row in db.session.scalars(select(ExerciseAnswer).where(ExerciseAnswer.enrolment_id == enrolment.id)):
        answers.setdefault(row.exercise, {})[row.item] = row.given
    return answers


def practise(enrolment: Enrolment, exercise_id: str, item: str, given: Given, now: datetime) -> bool:
    """Keep an answer inside a lesson (the last one counts); tell whether it is right."""
    exercise = exercise_of(catalogue.package_of(enrolment.version_id), exercise_id)
    correct = grade(question_of(exercise, item), given)
    _keep(enrolment, exercise_id, item, dict(given), now)
    return correct


def decide(enrolment: Enrolment, exercise_id: str, decision_id: str, choice: str, reason: str, now: datetime) -> None:
    """Keep a decision of a simulation with its written reason; raise RefusedError where either is missing or too long."""
    exercise = exercise_of(catalogue.package_of(enrolment.version_id), exercise_id)
    decision = next((d for d in exercise.decisions if d.id == decision_id), None)
    if decision is None:
        raise UnknownLessonError
    _require_decision(decision, choice, reason)
    if decision_id not in _way(exercise, answers_of(enrolment).get(exercise_id, {})):
        raise RefusedError(Text("Cette décision ne se présente pas encore.", "This decision has not come up yet."))
    _keep(enrolment, exercise_id, decision_id, {"choice": choice, "reason": reason.strip()}, now)


def _require_decision(decision: Decision, choice: str, reason: str) -> None:
    if choice not in {c.id for c in decision.choices}:
        raise IncompleteDecisionError(Text("Choisissez une décision.", "Choose a decision."))
    if decision.reason and len(reason.strip()) < 10:
        raise IncompleteDecisionError(
            Text(
                "Écrivez votre raison en une phrase (dix caractères au moins).",
                "Write your reason in one sentence (ten characters at least).",
            )
        )
    if over := excess(reason.strip(), LONGEST_REASON):
        raise IncompleteDecisionError(over)


def restart(enrolment: Enrolment, exercise_id: str) -> None:
    """Forget the answers to one exercise, to play it again."""
    for row in db.session.scalars(
        select(ExerciseAnswer).where(
            ExerciseAnswer.enrolment_id == enrolment.id, ExerciseAnswer.exercise == exercise_id
        )
    ):
        db.session.delete(row)


@dataclass(frozen=True, kw_only=True)
class Played:
    """A decision simulation as far as it was played."""

    steps: tuple[tuple[Decision, str, str], ...]
    """Decisions taken: the decision, the id of the choice, the reason."""
    following: Decision | None
    score: int
    best: int


def play(exercise: Exercise, answers: dict[str, dict[str, Any]]) -> Played:
    """Follow the decisions taken from the start."""
    decisions = {d.id: d for d in exercise.decisions}
    steps, score = [], 0
    way = _way(exercise, answers)
    for decision_id in way:
        given = answers.get(decision_id)
        if given is None:
            break
        choice = next(c for c in decisions[decision_id].choices if c.id == given["choice"])
        steps.append((decisions[decision_id], choice.id, given.get("reason", "")))
        score += choice.score
    following = decisions[way[len(steps)]] if len(way) > len(steps) else None
    return Played(steps=tuple(steps), following=following, score=score, best=3 * len(steps))


def _way(exercise: Exercise, answers: dict[str, dict[str, Any]]) -> list[str]:
    """Return the decisions met so far, the open one last where there is one."""
    decisions = {d.id: d for d in exercise.decisions}
    way, current = [], exercise.start
    while current != "end":
        way.append(current)
        given = answers.get(current)
        if given is None:
            break
        current = next(c.next for c in decisions[current].choices if c.id == given["choice"])
    return way


def _keep(enrolment: Enrolment, exercise: str, item: str, given: dict[str, Any], now: datetime) -> None:
    row = db.session.scalar(
        select(ExerciseAnswer).where(
            ExerciseAnswer.enrolment_id == enrolment.id,
            ExerciseAnswer.exercise == exercise,
            ExerciseAnswer.item == item,
        )
    )
    if row is None:
        row = ExerciseAnswer(enrolment_id=enrolment.id, exercise=exercise, item=item)
        db.session.add(row)
    row.given, row.answered_at = given, now
    enrolment.last_at = now
    db.session.flush()


def require_lesson(package: ModulePackage, lesson: int) -> None:
    """Raise UnknownLessonError unless the module has this lesson."""
    if not 1 <= lesson <= len(package.lessons):
        raise UnknownLessonError
