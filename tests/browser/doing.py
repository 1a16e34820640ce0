"""What people do in the browser: sign in by link, answer any kind of question; and the look of axe at each page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from training_platform.accounts import service as accounts
from training_platform.accounts.models import Person
from training_platform.catalogue.format import BankQuestion
from training_platform.catalogue.models import Question
from training_platform.db import db

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


def follow(locator: Locator) -> None:
    """Click what leads to another page, and wait until that page is there."""
    with locator.page.expect_navigation():
        locator.click()


def sign_in(page: Page, person: Person) -> None:
    """Use a one-time link as its receiver does."""
    token = accounts.issue_link(person, "invitation", datetime.now(UTC))
    db.session.commit()
    page.goto(f"/link/{token}")
    follow(page.locator("main form button"))


def fault_free(page: Page) -> None:
    """Raise AssertionError on any axe violation of any impact, and on sideways scrolling."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} scrolls sideways by {wide} px"


def answer_final_questions(page: Page) -> None:
    """Answer every final question rightly, then see the result."""
    while page.locator("form.question").count():
        form = page.locator("form.question")
        key = int((form.get_attribute("action") or "").rsplit("/", 1)[-1])
        question = BankQuestion.model_validate(db.session.get_one(Question, key).document)
        fill(form, question, f"{key}")
        form.get_by_role("button").first.click()
        page.locator(".answered").wait_for()
        assert page.locator(".answered-good").count() == 1, question.id
        following = page.locator("#quiz a.button")
        if following.count():
            follow(following)
        else:
            break
    db.session.rollback()
    follow(page.locator("form[action$='/finish'] button"))


def fill(form: Locator, question: BankQuestion, key: str) -> None:
    """Give the right answer to a question of any kind."""
    if question.kind in ("single", "multiple"):
        for option in question.options:
            if option.correct:
                form.locator(f"[id='{key}-{option.id}']").check()
    elif question.kind == "order":
        for place, item in enumerate(question.items, 1):
            form.locator(f"[id='{key}-{item.id}']").select_option(str(place))
    elif question.kind == "match":
        for pair in question.pairs:
            form.locator(f"[id='{key}-{pair.id}']").select_option(pair.id)
    else:
        form.locator(f"[id='{key}-number']").fill(str(question.answer))
