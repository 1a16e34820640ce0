"""The journeys that the product exists for, in Chromium, with axe at every page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.doing import answer_final_questions, fault_free, follow, sign_in
from tests.factories import Factory

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
WORDS = {
    "fr": {
        "job": "infirmière de nuit aux urgences, je fais les soins, les perfusions et les transmissions",
        "describe": "Décrire mon poste",
        "my job": "Mon poste",
        "find": "Trouver mon métier",
        "confirm": "Confirmer",
        "see": "Voir mon parcours",
        "start": "Commencer",
        "done": "Module terminé",
        "updated": "Voir mon parcours mis à jour",
        "next": "Prochain arrêt",
    },
    "en": {
        "job": "night nurse in the emergency department, I give care, infusions and handovers",
        "describe": "Describe my job",
        "my job": "My job",
        "find": "Find my role",
        "confirm": "Confirm",
        "see": "See my path",
        "start": "Start",
        "done": "Module completed",
        "updated": "See my updated path",
        "next": "Next stop",
    },
}


@pytest.mark.parametrize(("language", "device"), [("fr", PHONE), ("en", DESKTOP)], ids=["fr-phone", "en-desktop"])
def test_a_new_nurse_completes_a_module_and_sees_the_path_change(
    open_page: Open, shipped: Factory, language: str, device: dict[str, object]
) -> None:
    nurse, words = shipped.person(language=language), WORDS[language]
    page = open_page(device)
    sign_in(page, nurse)
    fault_free(page)
    follow(page.get_by_role("link", name=words["describe"]))
    fault_free(page)
    page.get_by_label(words["my job"]).fill(words["job"])
    follow(page.get_by_role("button", name=words["find"]))
    fault_free(page)
    page.locator("input[value=R10]").check()
    follow(page.get_by_role("button", name=words["confirm"]))
    fault_free(page)
    page.locator("select").first.select_option("0")
    follow(page.get_by_role("button", name=words["see"]))
    fault_free(page)
    assert page.locator(".stop-next").count() == 1
    first = page.locator(".stop-next .stop-title").inner_text()
    minutes = page.locator("#path .lead").inner_text()
    follow(page.locator(".stop-next").get_by_role("button", name=re.compile(words["start"])))
    read_all_lessons(page)
    fault_free(page)
    answer_final_questions(page)
    assert page.locator("h1").inner_text() == words["done"]
    fault_free(page)
    follow(page.get_by_role("link", name=words["updated"]))
    assert first in page.locator(".stop-done").first.inner_text()
    assert page.locator(".stop-next .stop-title").inner_text() != first
    assert page.locator("#path .lead").inner_text() != minutes
    fault_free(page)


def read_all_lessons(page: Page) -> None:
    """Go through the lessons to the final questions; every lesson without a fault, its exercises in place."""
    while "/lessons/" in page.url:
        fault_free(page)
        follow(page.locator(".lesson-next form button"))
    page.locator("form.question").wait_for()


def test_an_answer_given_without_connection_is_kept_and_sent_later(open_page: Open, shipped: Factory) -> None:
    nurse = shipped.person(role="R10")
    page = open_page(DESKTOP)
    sign_in(page, nurse)
    page.goto("/path/")
    follow(page.locator(".stop-next form button").first)
    page.goto(re.sub(r"/lessons/.*", "/quiz", page.url))
    field = page.locator("form.question input, form.question select").first
    page.context.set_offline(True)
    if field.get_attribute("type") == "radio":
        field.check()
        page.locator("form.question button").first.click()
    else:
        page.locator("form.question button").nth(1).click()
    page.get_by_text("En attente de connexion").wait_for()
    page.context.set_offline(False)
    page.locator(".answered").wait_for(timeout=20_000)


def test_reading_and_answering_with_the_keyboard_only(open_page: Open, shipped: Factory) -> None:
    nurse = shipped.person(role="R10")
    page = open_page(DESKTOP)
    sign_in(page, nurse)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    reach(page, "main form button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/lessons/1*")
    page.goto(re.sub(r"/lessons/.*", "/quiz", page.url))
    reach(page, "form.question button[name=unknown]")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "no visible focus"
    page.keyboard.press("Enter")
    page.locator(".answered").wait_for()
    assert "answered" in page.evaluate("document.activeElement.className"), "the feedback does not take the focus"


def reach(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with Tab")


def test_a_placement_in_the_browser_ends_with_what_it_found(open_page: Open, shipped: Factory) -> None:
    nurse = shipped.person(role="R10")
    page = open_page(PHONE)
    sign_in(page, nurse)
    page.goto("/placement/")
    follow(page.locator("main form button"))
    fault_free(page)
    for number in range(20):
        if "/result" in page.url:
            break
        asked = page.locator("form.question").get_attribute("action")
        page.locator("form.question button[name=unknown]").click()
        page.wait_for_function(
            "asked => !document.querySelector(`form.question[action='${asked}']`)", arg=asked, timeout=20_000
        )
        assert number < 20
    page.wait_for_url("**/result")
    assert "Ce que nous avons trouvé" in page.locator("h1").inner_text()
    fault_free(page)


def test_an_obligation_is_set_and_withdrawn(open_page: Open, shipped: Factory) -> None:
    officer = shipped.person()
    shipped.right(officer, "hr", shipped.unit("nation"))
    shipped.save()
    page = open_page(DESKTOP)
    sign_in(page, officer)
    page.goto("/duties/")
    fault_free(page)
    page.locator("#name_fr").fill("Exercice de printemps")
    follow(page.locator("main form button").last)
    assert page.locator("#modules-error").is_visible()
    fault_free(page)
    page.locator("#modules input[value=M27]").check()
    follow(page.locator("main form button").last)
    assert "Exercice de printemps" in page.locator("main").inner_text()
    fault_free(page)
    follow(page.get_by_role("button", name="Retirer").first)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_fault_free_in_both_schemes(open_page: Open, shipped: Factory, scheme: str) -> None:
    nurse = shipped.person(role="R10", language="en")
    page = open_page(PHONE, color_scheme=scheme)
    sign_in(page, nurse)
    for address in (
        "/",
        "/about",
        "/path/",
        "/path/decisions",
        "/path/goals",
        "/path/calendar",
        "/path/why/rester-maitre",
        "/path/why/face-a-google-et-aux-gafam",
        "/placement/",
        "/levels",
        "/levels/DAT1",
        "/self-rating",
        "/job",
        "/profile",
        "/modules/",
        "/search?q=colis",
        "/certifications/",
        "/certifications/T1",
        "/framework/",
        "/framework/roles",
        "/framework/roles/R10",
        "/framework/competencies/DAT1",
        "/nowhere",
    ):
        page.goto(address)
        fault_free(page)
