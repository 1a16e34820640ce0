"""The placement and the test of one module through the pages, and what may go wrong on the way."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import NOW, Factory
from tests.packages import document
from tests.pages import Page, Reader
from training_platform import framework
from training_platform.accounts.models import Person
from training_platform.assessment import item_parameters, sittings
from training_platform.assessment import service as assessment
from training_platform.assessment.models import Answer, Evidence, Sitting
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import BankQuestion, ModulePackage
from training_platform.catalogue.models import Question
from training_platform.db import db
from training_platform.placement import service
from training_platform.recommendations.situation import situation_of


def publish(code: str, minutes: int, steps: list[dict[str, object]], bank: list[dict[str, object]]) -> None:
    package = document(code, minutes=minutes, steps=steps)
    catalogue.publish(ModulePackage.model_validate({**package, "questions": bank}), NOW)


def questions(code: str, competency: str, level: int, number: int = 8) -> list[dict[str, object]]:
    """Questions of one step; the right option is always b."""
    return [
        {
            "id": f"{code.lower()}-q{competency}{level}-{n}",
            "step": {"c": competency, "from": level, "to": level + 1},
            "kind": "single",
            "discrimination": "high",
            "ask": {"fr": f"Question {n} ?", "en": f"Question {n}?"},
            "options": [
                {
                    "id": key,
                    "text": {"fr": f"option {key}", "en": f"option {key}"},
                    "correct": key == "b",
                    "why": {"fr": "raison", "en": "reason"},
                }
                for key in "abcd"
            ],
            "explanation": {"fr": "Voilà.", "en": "There."},
        }
        for n in range(number)
    ]


@pytest.fixture
def nurse(make: Factory) -> Person:
    """A nurse and two modules with full banks: DAT1 0→2, SEC3 0→1."""
    steps: list[dict[str, object]] = [{"c": "DAT1", "from": 0, "to": 2}]
    bank = questions("M90", "DAT1", 0) + questions("M90", "DAT1", 1)
    publish("M90", 40, steps, bank)
    publish("M94", 30, [{"c": "SEC3", "from": 0, "to": 1}], questions("M94", "SEC3", 0))
    person = make.person(role="R10", unit=make.unit())
    make.save()
    return person


FORM = re.compile(r'action="(/placement/\d+/\d+)"')


def answer_all(reader: Reader, page: Page, *, right: bool) -> tuple[Page, int]:
    """Answer until the result comes; return it and how many questions were put."""
    asked = 0
    while match := FORM.search(page.html):
        page = reader.post(match.group(1), {"choice": "b"} if right else {"unknown": "1"})
        asked += 1
    return page, asked


def test_somebody_who_knows_is_spared_the_training(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    assert "Vingt questions au plus" in reader.get("/placement/").text
    page, asked = answer_all(reader, reader.post("/placement/"), right=True)
    assert page.h1 == "Ce que nous avons trouvé"
    assert 3 <= asked <= service.MOST_QUESTIONS
    assert "Vous êtes dispensé de" in page.text
    assert "Sortent de votre parcours" in page.text
    assert "Vous y êtes" in page.text
    assert re.search(r"Niveau \d, probablement \d", page.text)
    assert 'class="change"' in page.html
    assert "essai M90" not in reader.get("/path/").text
    held = assessment.levels(nurse.id, list(framework.current().competencies), NOW + timedelta(hours=1))["DAT1"].held
    assert held >= 1


def test_somebody_who_does_not_know_keeps_the_path_and_may_contest(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    page, asked = answer_all(reader, reader.post("/placement/"), right=False)
    assert asked <= service.MOST_QUESTIONS
    assert "Votre parcours complet demande" in page.text
    assert "À apprendre" in page.text
    assert "essai M90" in reader.get("/path/").text
    sitting = db.session.scalar(select(Sitting.id))
    before = len(assessment.observations(nurse.id))
    assert before == asked
    again = reader.post(f"/placement/{sitting}/contest")
    assert "Vous avez contesté" in again.text
    db.session.rollback()
    assert assessment.observations(nurse.id) == []
    assert db.session.scalar(select(func.count()).select_from(Evidence)) == asked


def test_a_review_is_not_contested_here(nurse: Person, make: Factory, reader: Reader) -> None:
    sitting = Sitting(person_id=nurse.id, version_id=None, kind="review", questions=[], started_at=NOW)
    db.session.add(sitting)
    make.save()
    reader.sign_in(nurse).post(f"/placement/{sitting.id}/contest", status=404)
    db.session.expire_all()
    assert sitting.finished_at is None


def test_it_pauses_and_resumes_with_the_same_question_on_another_device(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    first = reader.post("/placement/")
    open_one = FORM.search(first.html)
    phone = Reader(reader.app).sign_in(nurse)
    assert "Reprendre" in phone.get("/placement/").text
    resumed = FORM.search(phone.post("/placement/").html)
    assert open_one
    assert resumed
    assert open_one.group(1) == resumed.group(1)
    phone.post(resumed.group(1), {"choice": "b"})
    reader.post(open_one.group(1), {"choice": "a"})
    assert db.session.scalar(select(func.count()).select_from(Answer)) == 1
    assert db.session.scalar(select(Answer.correct)) is True


def test_bad_answers_are_refused_and_lose_nothing(nurse: Person, make: Factory, reader: Reader) -> None:
    reader.sign_in(nurse)
    page = reader.post("/placement/")
    match = FORM.search(page.html)
    assert match
    address = match.group(1)
    assert "Choisissez une réponse" in reader.post(address, {}, status=422).text
    reader.post(address.rsplit("/", 1)[0] + "/999999", {"choice": "b"}, status=404)
    stranger = make.person(role="R10")
    make.save()
    Reader(reader.app).sign_in(stranger).post(address, {"choice": "b"}, status=404)
    sitting = address.split("/")[2]
    result = reader.post(f"/placement/{sitting}/stop")
    assert result.h1 == "Ce que nous avons trouvé"
    assert "/self-rating" in result.links()
    assert "Contester" not in result.text
    reader.post(address, {"choice": "b"}, status=404)
    assert db.session.scalar(select(func.count()).select_from(Answer)) == 0


def test_a_question_edited_during_the_series_is_still_answered_as_it_was_put(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    page = reader.post("/placement/")
    for code, competency in (("M90", "DAT1"), ("M94", "SEC3")):
        publish(code, 25, [{"c": competency, "from": 0, "to": 1}], questions(code, competency, 0, number=1))
    db.session.commit()
    page, _ = answer_all(reader, page, right=True)
    assert page.h1 == "Ce que nous avons trouvé"
    assert "Trop peu de questions encore" in page.text


def test_a_known_module_leaves_the_path_after_its_test(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    assert "testez-moi" in reader.get("/path/").text
    page, asked = answer_all(reader, reader.post("/placement/modules/essai-m94"), right=True)
    assert asked <= service.MOST_IN_A_TEST
    assert "Il n'est plus dans votre parcours" in page.text
    assert "essai M94" not in reader.get("/path/").text


def test_an_unknown_module_stays_after_its_test(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    page, _ = answer_all(reader, reader.post("/placement/modules/essai-m94"), right=False)
    assert "Il reste dans votre parcours" in page.text
    sitting = db.session.scalar(select(Sitting.id))
    quiz = Sitting(person_id=nurse.id, kind="quiz", version_id=None, questions=[], started_at=NOW)
    db.session.add(quiz)
    db.session.commit()
    assert sitting
    assert "se repassent" in reader.post(f"/placement/{quiz.id}/contest", status=422).text


def test_without_a_position_there_is_nothing_to_place(make: Factory, reader: Reader) -> None:
    person = make.person()
    make.save()
    reader.sign_in(person)
    assert "décrire mon poste" in reader.get("/placement/").text
    assert "Dites d'abord" in reader.post("/placement/", status=422).text


def test_pauses_count_for_a_minute_and_a_half_at_most(nurse: Person) -> None:
    situation = situation_of(nurse.id, framework.current(), NOW, 30)
    sitting = service.begin(nurse.id, "placement", NOW)
    moment = NOW
    for n in range(2):
        view = service.next_question(nurse.id, sitting.id, situation, moment)
        assert view.open_question
        moment += timedelta(hours=5) if n else timedelta(seconds=30)
        sittings.answer(nurse.id, sitting.id, view.open_question[0], {"unknown": True}, moment)
    view = sittings.sitting_of(nurse.id, sitting.id)
    assert service.active_minutes(view) == pytest.approx(0.5 + 1.5)


def test_right_options_of_the_bank_are_what_is_asked(nurse: Person) -> None:
    live = [one for one in catalogue.live_modules() if not one.planned]
    items = service.bank(live)
    assert len(items) == 24
    row = db.session.get_one(Question, items[0].id)
    assert item_parameters.item_of(BankQuestion.model_validate(row.document)).guessing == 0.25
