"""A governance case in Chromium, by keyboard, with axe at every page; and without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.doing import fault_free, follow, sign_in
from tests.factories import Factory

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
CASE = "/cases/trois-hopitaux-entrepot"
WORST = ("societe", "accepter", "confiance", "passer", "sortir", "pseudonyme")
WHY = "Parce que le refus d'un patient vaut partout, et que chaque projet garde sa finalité."


@pytest.mark.parametrize(("language", "device"), [("fr", PHONE), ("en", DESKTOP)], ids=["fr-phone", "en-desktop"])
def test_a_case_is_played_by_keyboard_to_its_debrief(
    open_page: Open, make: Factory, language: str, device: dict[str, object]
) -> None:
    person = make.person(language=language)
    make.save()
    page = open_page(device)
    sign_in(page, person)
    page.goto("/cases/")
    fault_free(page)
    page.goto(CASE)
    fault_free(page)
    follow(page.locator("form[action$='/plays'] button").first)
    for choice in WORST:
        _decide(page, choice)
    fault_free(page)
    assert page.locator(".case-map svg").count() == 1
    assert page.locator(".notice-bad li").count() == 1
    page.locator("input[name=met-exclusivite]").first.check()
    follow(page.locator("form[action$='/marks'] button"))
    assert page.locator("input[name=met-exclusivite]").first.is_checked()


def _decide(page: Page, choice: str) -> None:
    """Take one decision with the keyboard alone, then go on."""
    fault_free(page)
    page.locator(f"#choice-{choice}").focus()
    page.keyboard.press("Space")
    if page.locator("#reason").count():
        page.locator("#reason").focus()
        page.keyboard.type(WHY)
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.tagName") != "BUTTON":
        page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    fault_free(page)
    follow(page.locator("main a.button"))


def test_it_works_without_scripts_and_resumes_in_another_browser(open_page: Open, make: Factory) -> None:
    person = make.person()
    make.save()
    page = open_page(DESKTOP, java_script_enabled=False)
    sign_in(page, person)
    page.goto(CASE)
    follow(page.locator("form[action$='/plays'] button").first)
    follow(page.get_by_role("button", name="Décider"))
    assert page.locator("#choice-error").count() == 1
    page.locator("#choice-commun").check()
    follow(page.get_by_role("button", name="Décider"))
    other = open_page(PHONE)
    sign_in(other, person)
    other.goto(CASE)
    follow(other.get_by_role("button", name="Reprendre à la décision 2").first)
    assert other.locator("h1").inner_text().startswith("Décision 2")
