"""Exams in Chromium: an answer saved at once, a lost connection, the clock, a certificate at the end of T6."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.doing import fault_free, fill, follow, sign_in
from tests.certification.journey import CONTENT, Journey, bank_is_ready
from tests.exams.making import QUIZ, TEXT, hall, publish, sit_all, track
from tests.factories import Factory
from training_platform.catalogue.format import BankQuestion
from training_platform.catalogue.models import Question
from training_platform.certification import enrolment
from training_platform.db import db
from training_platform.exams import service
from training_platform.exams.models import ExamItem

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def saved(page: Page, words: str = "Enregistré") -> None:
    page.locator("[data-save-state]", has_text=words).wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_passed_exam_leads_to_the_certificate(open_page: Open, make: Factory, scheme: str) -> None:
    publish()
    people = hall(make)
    exam_id = sit_all(people)
    make.save()
    page = open_page(PHONE, color_scheme=scheme)
    sign_in(page, people.candidate)
    page.goto(f"/exams/{exam_id}")
    assert "Réussi" in page.locator("main").inner_text()
    assert page.get_by_role("link", name="Voir où en est mon certificat").is_visible()
    fault_free(page)


def test_answers_survive_a_lost_connection_and_another_device(open_page: Open, make: Factory) -> None:
    publish()
    people = hall(make)
    exam_id = service.open_exam(people.candidate.id, track([QUIZ, TEXT]), "award", datetime.now(UTC))
    make.save()
    page = open_page(PHONE)
    sign_in(page, people.candidate)
    page.goto(f"/exams/{exam_id}")
    fault_free(page)
    page.get_by_label(re.compile("seul, sans aide")).check()
    follow(page.get_by_role("button", name="Je m'y engage"))
    follow(page.get_by_role("button", name=re.compile("Commencer : Quiz")))
    fault_free(page)
    assert re.match(r"Il reste (30:00|29:\d\d)", page.locator("[data-left-shown]").inner_text())
    page.locator("input[value=b]").check()
    saved(page)
    assert page.locator("[data-answers]").inner_text() == "1"
    page.context.set_offline(True)
    page.locator("input[value=c]").check()
    saved(page, "En attente de connexion")
    page.context.set_offline(False)
    saved(page, "Enregistré")
    other = open_page(DESKTOP)
    sign_in(other, people.candidate)
    other.goto(f"/exams/{exam_id}/quiz")
    assert other.locator("input[value=c]").is_checked()
    fault_free(other)
    other.locator("input[value=b]").check()
    saved(other)
    follow(other.locator("[data-hand-in] button"))
    assert "C'est rendu" in other.locator("main").inner_text()
    follow(other.get_by_role("button", name=re.compile("Commencer : Note")))
    fault_free(other)
    other.get_by_label("Votre texte").fill("Voici une note de plus de cinq mots.")
    saved(other)
    assert other.locator("[data-words]").inner_text() == "8"
    follow(other.get_by_role("button", name="Rendre le texte"))
    for examiner in (people.first, people.second):
        theirs = open_page(DESKTOP)
        sign_in(theirs, examiner)
        theirs.goto("/exams/marking/")
        fault_free(theirs)
        follow(theirs.get_by_role("link", name=re.compile("Note, candidat")))
        fault_free(theirs)
        for criterion in ("facts", "exit"):
            theirs.locator(f"#points-{criterion}-3").check()
        theirs.get_by_label("Ce que le candidat lira").fill("Les faits y sont, la sortie aussi.")
        follow(theirs.get_by_role("button", name="Rendre mes points"))
    other.goto(f"/exams/{exam_id}")
    assert "Les faits y sont" in other.locator("main").inner_text()
    fault_free(other)


@pytest.mark.slow
def test_the_student_director_sits_the_quiz_of_t6_and_receives_the_certificate(
    open_page: Open, shipped: Factory
) -> None:
    assert bank_is_ready()
    journey = Journey.begin(shipped)
    enrolment.enrol(journey.director.id, CONTENT, "T6", datetime.now(UTC))
    journey.take_modules()
    journey.prove_at_work()
    shipped.save()
    page = open_page(DESKTOP)
    sign_in(page, journey.director)
    page.goto("/certifications/T6")
    fault_free(page)
    follow(page.get_by_role("button", name="Passer les épreuves"))
    page.get_by_label(re.compile("seul, sans aide")).check()
    follow(page.get_by_role("button", name="Je m'y engage"))
    follow(page.get_by_role("button", name=re.compile("Commencer : Questionnaire")))
    items = list(db.session.scalars(select(ExamItem).order_by(ExamItem.place)))
    for item in items:
        question = BankQuestion.model_validate(db.session.get_one(Question, item.question_id).document)
        form = page.locator("form.question")
        fill(form, question, f"q{item.place}")
        follow(form.get_by_role("button", name="Répondre"))
    db.session.rollback()
    follow(page.locator("[data-hand-in] button"))
    journey.rest_of_exam()
    shipped.save()
    page.goto("/certifications/T6")
    assert "votre certificat est délivré" in page.locator("main").inner_text()
    fault_free(page)
    follow(page.get_by_role("link", name="Voir mon certificat"))
    fault_free(page)
