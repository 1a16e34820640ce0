"""Two officers take a draft from writing to publication in the browser, with axe at every page."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.doing import fault_free, follow, sign_in
from tests.factories import NOW, Factory
from tests.packages import make_package
from training_platform.catalogue import service as catalogue
from training_platform.studio import drafts
from training_platform.studio.service import editable, working_copy

pytestmark = pytest.mark.browser
ADDRESS = "/studio/essai-m90"


def test_a_draft_is_submitted_commented_resolved_approved_and_published(open_page: Open, make: Factory) -> None:
    hospital = make.unit("establishment")
    catalogue.publish(make_package("M90"), NOW, unit_id=hospital.id)
    author, reviewer = make.person(), make.person(language="en")
    for officer in (author, reviewer):
        make.right(officer, "training_officer", hospital)
    edited = editable(author.id, "essai-m90")
    drafts.write(edited, working_copy(edited), make_package("M90", minutes=16), author.id, NOW)
    make.save()

    page = open_page(DESKTOP)
    sign_in(page, author)
    page.goto(f"{ADDRESS}/status")
    fault_free(page)
    page.get_by_label("À qui ?").select_option(label=reviewer.name)
    follow(page.get_by_role("button", name="Confier en relecture"))
    fault_free(page)

    other = open_page(PHONE, color_scheme="dark")
    sign_in(other, reviewer)
    other.goto("/studio/")
    fault_free(other)
    follow(other.locator(".waiting a").first)
    fault_free(other)
    first = other.locator(".paragraph details").first
    first.locator("summary").click()
    first.locator("textarea").fill("A shorter title, please.")
    follow(first.get_by_role("button", name="Send the comment"))
    assert "1 open comment" in re.sub(r"\s", " ", other.locator(".review-bar").inner_text())
    assert other.get_by_role("button", name="Approve").count() == 0
    fault_free(other)
    follow(other.get_by_role("button", name="Mark as resolved"))
    follow(other.get_by_role("button", name="Approve"))
    fault_free(other)

    page.goto("/studio/")
    follow(page.locator(".waiting a").first)
    follow(page.get_by_role("link", name="Voir ce qui change"))
    fault_free(page)
    assert page.locator("ins").inner_text().strip().endswith("]")
    page.goto(f"{ADDRESS}/publish")
    fault_free(page)
    page.get_by_label(re.compile("^Petite correction")).check()
    follow(page.get_by_role("button", name="Publier une nouvelle version"))
    assert "Version 2" in page.locator("main").inner_text()
    for part in ("status", "versions", "sharing"):
        page.goto(f"{ADDRESS}/{part}")
        fault_free(page)
    page.goto(f"{ADDRESS}/versions")
    page.get_by_text("Revenir à cette version").click()
    follow(page.get_by_role("button", name="Publier de nouveau la version 1"))
    assert "Version 3" in page.locator("main").inner_text()


def test_a_national_module_is_adopted_with_the_keyboard(open_page: Open, make: Factory) -> None:
    nation = make.unit("nation")
    hospital = make.unit("establishment", nation)
    catalogue.publish(make_package("M90"), NOW)
    officer = make.person()
    make.right(officer, "training_officer", hospital)
    make.save()
    page = open_page(PHONE)
    sign_in(page, officer)
    page.goto(ADDRESS)
    assert page.locator("h1").inner_text().startswith("Adopter")
    fault_free(page)
    page.locator("#unit").focus()
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "Module adopté" in page.locator("main").inner_text()
    fault_free(page)
    follow(page.get_by_role("link", name="Partager"))
    assert "Adapté de" in page.locator("main").inner_text()
    fault_free(page)
