"""Two journeys in Chromium, with axe at every page: a proof from refusal to a granted level, a review on a phone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.doing import fault_free, fill, follow, sign_in
from tests.factories import Factory
from tests.portfolio.files import pdf, picture
from tests.portfolio.making import REASON, WORDS, make_ward
from training_platform.assessment import sittings
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import BankQuestion
from training_platform.catalogue.models import Question
from training_platform.db import db
from training_platform.learning import service as learning

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def test_a_proof_is_refused_taken_up_again_and_grants_a_level(open_page: Open, make: Factory) -> None:
    ward = make_ward(make)
    nurse, manager, officer = (open_page(device) for device in (PHONE, DESKTOP, DESKTOP))
    for page, person in ((nurse, ward.nurse), (manager, ward.manager), (officer, ward.officer)):
        sign_in(page, person)
    nurse.goto("/levels/ALG4")
    fault_free(nurse)
    nurse.goto("/portfolio/new?competency=ALG4&level=3")
    fault_free(nurse)
    nurse.get_by_label("Titre").fill("Fiche de reprise")
    nurse.get_by_label("Joindre des fichiers").set_input_files(
        files={"name": "fiche.pdf", "mimeType": "application/pdf", "buffer": picture()}
    )
    follow(nurse.get_by_role("button", name="Envoyer à mon cadre"))
    fault_free(nurse)
    assert nurse.locator(".field-error").count() == 3, "the file, the description, the tick"
    nurse.get_by_label("Ce que vous avez fait").fill(WORDS)
    nurse.get_by_label("J'ai vérifié").check()
    nurse.get_by_label("Joindre des fichiers").set_input_files(
        files={"name": "fiche.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    )
    follow(nurse.get_by_role("button", name="Envoyer à mon cadre"))
    fault_free(nurse)
    address = nurse.url

    read_and(manager, "Refuser")
    nurse.goto(address)
    follow(nurse.get_by_role("button", name="Présenter une nouvelle version"))
    fault_free(nurse)
    nurse.get_by_label("Ce que vous avez fait").fill(WORDS + " Le 3 novembre.")
    nurse.get_by_label("J'ai vérifié").check()
    follow(nurse.get_by_role("button", name="Envoyer à mon cadre"))
    read_and(manager, "Valider")
    read_and(officer, "Valider")
    nurse.goto(address)
    fault_free(nurse)
    assert nurse.locator(".way-done").count() == 4
    with nurse.expect_download() as kept:
        nurse.get_by_role("link", name="fiche.pdf").first.click()
    assert kept.value.suggested_filename == "fiche.pdf"
    nurse.goto("/levels/ALG4")
    fault_free(nurse)
    assert "niveau accordé 3" in nurse.locator("main").inner_text()


def read_and(page: Page, decision: str) -> None:
    """Go from the home to the proof that waits, and decide."""
    page.goto("/")
    follow(page.get_by_role("link", name="preuve de terrain attend"))
    fault_free(page)
    follow(page.locator(".rows a").first)
    fault_free(page)
    page.get_by_label("Votre raison").fill(REASON)
    follow(page.get_by_role("button", name=decision))
    fault_free(page)


def test_a_review_on_a_phone_from_the_home_to_its_result(open_page: Open, shipped: Factory) -> None:
    nurse = shipped.person(role="R10")
    learnt = datetime.now(UTC) - timedelta(days=40)
    live = next(one for one in catalogue.live_modules() if one.code == "M25")
    sittings.complete_module(nurse.id, learning.open_enrolment(nurse.id, live, learnt).version_id, learnt)
    shipped.save()
    page = open_page(PHONE)
    sign_in(page, nurse)
    follow(page.get_by_role("link", name="révision"))
    fault_free(page)
    waiting = page.locator(".review-list > li").count()
    follow(page.locator(".review-list form button").first)
    fault_free(page)
    while page.locator("form.question").count():
        form = page.locator("form.question")
        key = (form.get_attribute("action") or "").rsplit("/", 1)[-1]
        question = BankQuestion.model_validate(db.session.get_one(Question, int(key)).document)
        db.session.rollback()
        fill(form, question, key)
        form.get_by_role("button", name="Répondre").click()
        page.locator(".answered").first.wait_for()
        fault_free(page)
        following = page.locator("#review a.button")
        if not following.count():
            break
        follow(following)
    assert page.locator("h1").inner_text() == "Vous vous en souvenez"
    page.goto("/reviews/")
    assert page.locator(".review-list > li").count() == waiting - 1
