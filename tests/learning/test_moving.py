"""A new version and those in the middle: minor edits restart nobody, major ones finish or move, as the author decides."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.factories import NOW, Factory
from tests.packages import document, make_package
from tests.pages import Reader
from training_platform.accounts.models import Person
from training_platform.assessment import sittings
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import Exercise, ModulePackage
from training_platform.db import db
from training_platform.learning import moving
from training_platform.learning import service as learning
from training_platform.learning.models import Enrolment
from training_platform.studio import publishing
from training_platform.studio.rules.workflow import Effect

SLUG = "essai-m90"


def two_lessons(**changes: object) -> ModulePackage:
    """Return the trial module with a second lesson."""
    more = document("M90", **changes)
    second = {"name": {"fr": "02-suite", "en": "02-more"}, "text": {"fr": "# Suite\n\nTexte.", "en": "# More\n\nText."}}
    return ModulePackage.model_validate(more | {"lessons": [*more["lessons"], second]})


@pytest.fixture
def nurse(make: Factory) -> Person:
    """Return somebody who has read the first of two lessons and answered its exercise."""
    catalogue.publish(two_lessons(), NOW)
    person = make.person(role="R10")
    enrolment = learning.open_enrolment(person.id, catalogue.live_by_slug(SLUG), NOW)
    learning.finish_lesson(enrolment, 1, NOW)
    learning.practise(enrolment, "tri", "t1", {"choices": ["b"]}, NOW)
    learning.practise(enrolment, "tri", "t2", {"choices": ["c"]}, NOW)
    make.save()
    return person


def publish(package: ModulePackage, effect: Effect, now: datetime = NOW) -> int:
    return publishing.settle(catalogue.publish(package, now), None, effect, now).moved


def place(person: Person) -> Enrolment:
    return learning.enrolment_at(person.id, SLUG, NOW)


def test_a_minor_edit_restarts_nobody(nurse: Person, make: Factory) -> None:
    done = make.person(role="R10")
    first = learning.open_enrolment(done.id, catalogue.live_by_slug(SLUG), NOW)
    sittings.complete_module(done.id, first.version_id, NOW)
    assert publish(two_lessons(minutes=16), "minor") == 2
    enrolment = place(nurse)
    assert (enrolment.version.number, enrolment.lessons_read, enrolment.lesson) == (2, [1], 2)
    assert set(learning.answers_of(enrolment)["tri"]) == {"t1", "t2"}
    assert not enrolment.to_tell
    assert place(done).completed_at == NOW
    assert place(done).version.number == 2


def test_read_marks_follow_a_lesson_that_moved(nurse: Person) -> None:
    whole = two_lessons().model_dump(by_alias=True)
    publish(ModulePackage.model_validate(whole | {"lessons": list(reversed(whole["lessons"]))}), "minor")
    enrolment = place(nurse)
    assert (enrolment.lessons_read, enrolment.lesson) == ([2], 1)


def test_a_major_change_lets_those_in_the_middle_finish_theirs(nurse: Person, make: Factory) -> None:
    assert publish(two_lessons(minutes=16), "finish") == 0
    assert place(nurse).version.number == 1
    assert place(make.person()).version.number == 2


def test_a_major_change_moves_them_with_a_note_to_put_away(nurse: Person, make: Factory, reader: Reader) -> None:
    whole = two_lessons().model_dump(by_alias=True)
    first = whole["lessons"][0] | {"name": {"fr": "01-neuve", "en": "01-new"}}
    first["text"] = {k: v + "\n\nEncore." for k, v in first["text"].items()}
    assert publish(ModulePackage.model_validate(whole | {"lessons": [first, whole["lessons"][1]]}), "move") == 1
    make.save()
    assert (place(nurse).version.number, place(nurse).lessons_read, place(nurse).lesson) == (2, [], 2)
    reader.sign_in(nurse)
    page = reader.get(f"/modules/{SLUG}/lessons/1")
    assert "Ce module a une nouvelle version" in page.text
    assert "la version 1" in page.text
    assert "nouvelle version" not in reader.post(f"/modules/{SLUG}/told").text
    db.session.expire_all()
    assert not place(nurse).to_tell


def test_answers_that_no_longer_fit_are_forgotten_and_the_page_still_shows(
    nurse: Person, make: Factory, reader: Reader
) -> None:
    whole = two_lessons().model_dump(by_alias=True)
    quiz = whole["exercises"][0]
    quiz["questions"][1]["options"] = quiz["questions"][1]["options"][:2]
    publish(ModulePackage.model_validate(whole), "minor")
    make.save()
    assert set(learning.answers_of(place(nurse))["tri"]) == {"t1"}
    reader.sign_in(nurse).get(f"/modules/{SLUG}/lessons/1")


@pytest.mark.parametrize(("effect", "still_open"), [("minor", True), ("move", False)])
def test_final_questions_begun_go_on_after_a_minor_edit_only(nurse: Person, effect: Effect, still_open: bool) -> None:
    sitting = sittings.open_quiz(nurse.id, place(nurse).version_id, NOW)
    assert sitting is not None
    publish(two_lessons(minutes=16), effect)
    again = sittings.open_quiz(nurse.id, place(nurse).version_id, NOW)
    assert again is not None
    assert (again.id == sitting.id) is still_open


def test_whoever_is_in_both_versions_keeps_both(nurse: Person) -> None:
    version = catalogue.publish(two_lessons(minutes=16), NOW)
    db.session.add(Enrolment(person_id=nurse.id, version_id=version.id, started_at=NOW, last_at=NOW, lessons_read=[]))
    db.session.flush()
    assert moving.move(version, completed=True, tell=False) == 0


def test_what_fits_an_exercise() -> None:
    quiz, simulation = (Exercise.model_validate(e) for e in document("M90")["exercises"])
    assert moving.still_fits(quiz, "t1", {"unknown": True})
    assert not moving.still_fits(quiz, "gone", {"choices": ["a"]})
    assert moving.still_fits(simulation, "d1", {"choice": "a", "reason": "parce que"})
    assert not moving.still_fits(simulation, "d1", {"choice": "z"})


def test_lessons_are_matched_by_name_then_by_text() -> None:
    old, new = make_package().lessons, two_lessons().lessons
    assert moving.lesson_places(new, old) == {1: 1}
    assert moving.lesson_places(old, list(reversed(new))) == {1: 2}
