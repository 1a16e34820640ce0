"""The time spent on a lesson, and the opinion of who finished a module."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import NOW, Factory
from tests.packages import make_package
from tests.pages import Reader
from training_platform.accounts.models import Person
from training_platform.assessment import sittings
from training_platform.catalogue import service as catalogue
from training_platform.db import db
from training_platform.learning import reading_time
from training_platform.learning import service as learning
from training_platform.learning.models import Enrolment, LessonTime, ModuleRating

ADDRESS = "/modules/essai-m90/rating/"


@pytest.fixture
def person(make: Factory, reader: Reader) -> Person:
    """Sign somebody in who has begun the trial module."""
    catalogue.publish(make_package("M90"), NOW)
    found = make.person(role="R10")
    learning.open_enrolment(found.id, catalogue.live_by_slug("essai-m90"), NOW)
    make.save()
    reader.sign_in(found)
    return found


def enrolment() -> Enrolment:
    return db.session.scalars(select(Enrolment)).one()


def test_time_adds_up_between_signs_and_absences_do_not_count(person: Person) -> None:
    for minutes in (0, 4, 9, 9, 120, 123):
        reading_time.sign(enrolment(), 1, NOW + timedelta(minutes=minutes))
    reading_time.sign(enrolment(), 1, NOW)
    row = db.session.scalars(select(LessonTime)).one()
    assert row.seconds == 60 * (4 + 5 + 3)
    assert row.last_at == NOW + timedelta(minutes=123)


def test_reading_leaves_signs_and_a_lesson_that_does_not_exist_none(person: Person, reader: Reader) -> None:
    reader.get("/modules/essai-m90/lessons/1")
    reader.get("/modules/essai-m90/lessons/9", status=404)
    reader.post("/modules/essai-m90/lessons/9/exercises/tri/t1", {"choice": "b"}, status=404)
    assert db.session.scalars(select(LessonTime.lesson)).all() == [1]


def finish(person: Person) -> None:
    sittings.complete_module(person.id, enrolment().version_id, NOW)
    db.session.commit()


def test_an_opinion_is_given_once_and_can_be_changed(person: Person, reader: Reader) -> None:
    finish(person)
    assert "/modules/essai-m90/rating/" in reader.get("/path/").links()
    reader.post(ADDRESS, {"score": "4", "remark": "  Très utile.  "})
    assert "Très utile." in reader.get(ADDRESS).html
    thanked = reader.post(ADDRESS, {"score": "2", "remark": ""})
    assert "sans votre nom" in thanked.text
    row = db.session.scalars(select(ModuleRating)).one()
    assert (row.score, row.remark) == (2, "")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"remark": "gardé"}, "Choisissez une réponse de 1 à 5"),
        ({"score": "6", "remark": "gardé"}, "Choisissez une réponse de 1 à 5"),
        ({"score": "beaucoup", "remark": "gardé"}, "Choisissez une réponse de 1 à 5"),
        ({"score": "3", "remark": "gardé" * 300}, "1 500 caractères, 1 000 au plus"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    person: Person, reader: Reader, fields: dict[str, str], said: str
) -> None:
    finish(person)
    assert "1 000 caractères au plus" in reader.get(ADDRESS).text
    page = reader.post(ADDRESS, fields, status=422)
    assert said in page.text
    assert "gardé" in page.html
    assert db.session.scalar(select(func.count()).select_from(ModuleRating)) == 0


def test_only_who_finished_has_an_opinion(person: Person, reader: Reader, make: Factory) -> None:
    assert "Terminez d'abord" in reader.get(ADDRESS, status=422).text
    reader.post(ADDRESS, {"score": "5"}, status=422)
    reader.get("/modules/nothing/rating/", status=404)
    assert db.session.scalar(select(func.count()).select_from(ModuleRating)) == 0


def test_hostile_remarks_are_shown_as_text(person: Person, reader: Reader) -> None:
    finish(person)
    reader.post(ADDRESS, {"score": "5", "remark": "<script>alert(1)</script>\x00"})
    page = reader.get(ADDRESS)
    assert "&lt;script&gt;" in page.html
    assert "<script>alert" not in page.html
