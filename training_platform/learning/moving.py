"""Moving people from one version of a module to the next, with what they have read and answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import Exercise, Lesson, ModulePackage, PracticeQuestion
from training_platform.catalogue.models import ModuleVersion
from training_platform.db import db
from training_platform.learning.models import Enrolment, ExerciseAnswer


def move(version: ModuleVersion, *, completed: bool, tell: bool) -> int:
    """Point enrolments in earlier versions of the same module to this one; return how many people were moved.

    Those who completed move only where ``completed`` says so, and stay completed; ``tell`` leaves them a note. Whoever
    is in this version already keeps both records.
    """
    query = (
        select(Enrolment, ModuleVersion.number)
        .join(ModuleVersion)
        .where(ModuleVersion.module_id == version.module_id, Enrolment.version_id != version.id)
        .order_by(ModuleVersion.number.desc(), Enrolment.id)
    )
    if not completed:
        query = query.where(Enrolment.completed_at.is_(None))
    there = set(db.session.scalars(select(Enrolment.person_id).where(Enrolment.version_id == version.id)))
    new, moved = catalogue.package_of(version.id), 0
    for enrolment, number in db.session.execute(query).tuples().all():
        if enrolment.person_id not in there:
            there.add(enrolment.person_id)
            _carry(enrolment, catalogue.package_of(enrolment.version_id), new)
            enrolment.version, enrolment.moved_from, enrolment.to_tell = version, number, tell
            moved += 1
    db.session.flush()
    return moved


def _carry(enrolment: Enrolment, old: ModulePackage, new: ModulePackage) -> None:
    """Keep the place, the read marks and the answers as far as the new version still has what they are about."""
    now_at = lesson_places(old.lessons, new.lessons)
    read = sorted(now_at[number] for number in enrolment.lessons_read if number in now_at)
    if enrolment.lesson not in now_at:
        enrolment.anchor = ""
    unread = [number for number in range(1, len(new.lessons) + 1) if number not in read]
    enrolment.lesson = now_at.get(enrolment.lesson, unread[0] if unread else 1)
    enrolment.lessons_read = read
    exercises = {exercise.id: exercise for exercise in new.exercises}
    for row in db.session.scalars(select(ExerciseAnswer).where(ExerciseAnswer.enrolment_id == enrolment.id)):
        if row.exercise not in exercises or not still_fits(exercises[row.exercise], row.item, row.given):
            db.session.delete(row)


def lesson_places(old: Sequence[Lesson], new: Sequence[Lesson]) -> dict[int, int]:
    """Return where each old lesson, from 1, is now: the one of the same name, else of the same text."""
    names = {lesson.name[language]: number for number, lesson in enumerate(new, 1) for language in ("fr", "en")}
    texts = {lesson.text.fr: number for number, lesson in enumerate(new, 1)}
    places: dict[int, int] = {}
    for number, lesson in enumerate(old, 1):
        place = names.get(lesson.name.fr) or names.get(lesson.name.en) or texts.get(lesson.text.fr)
        if place and place not in places.values():
            places[number] = place
    return places


def still_fits(exercise: Exercise, item: str, given: Mapping[str, Any]) -> bool:
    """Tell whether an answer is still one that this exercise can show."""
    decision = next((d for d in exercise.decisions if d.id == item), None)
    if decision is not None:
        return given.get("choice") in {choice.id for choice in decision.choices}
    question = next((q for q in exercise.questions if q.id == item), None)
    return question is not None and _fits(question, given)


def _fits(question: PracticeQuestion, given: Mapping[str, Any]) -> bool:
    if given.get("unknown"):
        return True
    if question.kind in ("single", "multiple"):
        return bool(given.get("choices")) and set(given["choices"]) <= {option.id for option in question.options}
    if question.kind == "order":
        return set(given.get("order", ())) == {one.id for one in question.items}
    if question.kind == "match":
        pairs, ids = given.get("pairs", {}), {pair.id for pair in question.pairs}
        return set(pairs) == ids and set(pairs.values()) <= ids
    return "number" in given
