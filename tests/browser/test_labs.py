"""The labs in Chromium: by keyboard alone, on a phone inside a lesson, by turns, without a script, and under axe."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.doing import fault_free, follow, sign_in
from tests.factories import Factory
from tests.labs.shipped import lab, modules
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.lab_format import QualityLab
from training_platform.labs.rules import quality

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser
THRESHOLD = "/labs/atelier-performance/seuil-sepsis"
QUALITY = lab(QualityLab)


@pytest.fixture
def with_labs(make: Factory) -> Factory:
    """Publish the modules that have a lab."""
    for module in modules():
        catalogue.publish(module, datetime.now(UTC))
    make.save()
    return make


def summary(page: Page, text: str) -> None:
    """Wait until the summary says something."""
    page.locator("[data-lab-summary]").filter(has_text=re.compile(text)).wait_for()


def test_a_threshold_is_found_and_concluded_by_keyboard_alone(open_page: Open, with_labs: Factory) -> None:
    page = open_page(DESKTOP)
    sign_in(page, with_labs.person())
    page.goto(THRESHOLD)
    assert not page.locator("[data-lab-button]").is_visible()
    page.locator("input[type=range]").focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    summary(page, "Seuil 50")
    assert page.locator("output").inner_text() == "50"
    assert "Seuil 50" in (page.locator("[data-lab-said]").text_content() or "").replace("\u00a0", " ")
    assert page.evaluate("document.activeElement.type") == "range"
    while page.evaluate("document.activeElement.inputMode") != "decimal":
        page.keyboard.press("Tab")
    page.keyboard.type("1,2")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".answered-good").wait_for()
    assert page.evaluate("document.activeElement.classList.contains('answered')")
    fault_free(page)
    page.goto(THRESHOLD)
    summary(page, "Seuil 50")
    assert page.locator(".answered-good").count() == 1


def test_errors_are_hunted_on_a_phone_inside_the_lesson(open_page: Open, with_labs: Factory) -> None:
    page = open_page(PHONE)
    sign_in(page, with_labs.person())
    page.goto("/modules/batir-le-plan-qualite-des-donnees-d-un-service")
    follow(page.locator("main form[action$='/start'] button"))
    file = quality.lines(QUALITY)
    before = page.locator("[data-lab-summary]").inner_text()
    for count, index in enumerate(quality.wrong(file), 1):
        box = page.locator(f"#lab-{QUALITY.id}-s{index + 1}")
        box.check()
        summary(page, f"{count}\\s(séjour|séjours) vérifié")
        assert page.evaluate("document.activeElement.id") == f"lab-{QUALITY.id}-s{index + 1}"
    assert page.locator("[data-lab-summary]").inner_text() != before
    mean = quality.mean_length(quality.now(file, range(len(file))))
    form = page.locator(f"#lab-{QUALITY.id}-conclude")
    form.locator("input[name=ask-errors]").fill("sept")
    form.locator("input[name=ask-mean]").fill(str(mean))
    form.get_by_role("button").click()
    page.locator(".field-bad").wait_for()
    form.locator("input[name=ask-errors]").fill("7")
    form.get_by_role("button").click()
    page.locator(".lab .answered-good").wait_for()
    assert "/lessons/1" in page.url
    fault_free(page)


def test_clauses_are_negotiated_turn_by_turn(open_page: Open, with_labs: Factory) -> None:
    page = open_page(PHONE)
    sign_in(page, with_labs.person(language="en"))
    page.goto("/labs/face-a-google-et-aux-gafam/negocier-l-offre")
    for clause, value in (("purpose", "1"), ("hosting", "1"), ("exclusive", "2"), ("exit", "1"), ("price", "1")):
        page.locator(f"select[name={clause}]").select_option(value)
    page.get_by_role("button", name="turn 1 of 4").click()
    page.get_by_role("button", name="turn 2 of 4").wait_for()
    summary(page, "Its last answer")
    for clause, value in (("exclusive", "1"), ("term", "1"), ("name", "1")):
        page.locator(f"select[name={clause}]").select_option(value)
    page.get_by_role("button", name="turn 2 of 4").click()
    summary(page, "Agreed")
    assert page.locator("[name=turn]").count() == 0
    fault_free(page)


def test_every_lab_is_without_fault_and_works_without_a_script(open_page: Open, with_labs: Factory) -> None:
    person = with_labs.person()
    pages = {width: open_page(device) for width, device in (("phone", PHONE), ("desktop", DESKTOP))}
    still = open_page(DESKTOP, java_script_enabled=False, color_scheme="dark")
    for page in (*pages.values(), still):
        sign_in(page, person)
    for module in modules():
        for shipped in module.labs:
            address = f"/labs/{module.slug}/{shipped.id}"
            for page in pages.values():
                page.goto(address)
                fault_free(page)
            still.goto(address)
            follow(still.locator("[data-lab-button] button"))
            assert "moved=1" in still.url
            assert still.locator(".lab-picture svg").count() >= 1
