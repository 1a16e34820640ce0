"""Where the focus goes in Chromium when something is wrong, and how one goes on by keyboard."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.doing import fault_free, follow, sign_in
from tests.exams.making import TEXT, hall, opened, publish, start, track
from tests.factories import Factory
from training_platform.exams import parts

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def test_an_error_without_summary_takes_the_focus_to_its_field(open_page: Open, make: Factory) -> None:
    person = make.person()
    make.save()
    page = open_page(PHONE)
    sign_in(page, person)
    page.goto("/job")
    page.get_by_label("Mon poste").fill("x")
    follow(page.get_by_role("button", name="Trouver mon métier"))
    assert focused(page) == "text"
    fault_free(page)


def test_the_summary_of_errors_leads_into_a_group_of_choices(open_page: Open, make: Factory) -> None:
    publish()
    people = hall(make)
    now = datetime.now(UTC)
    exam_id = opened(people.candidate, track([TEXT]), now)
    start(people.candidate, exam_id, "note", now)
    row = parts.part_row(people.candidate.id, exam_id, "note", now)
    parts.save_text(row, "Ma note a bien plus de cinq mots.", now)
    parts.hand_in(people.candidate.id, exam_id, "note", {}, now)
    make.save()
    page = open_page(DESKTOP)
    sign_in(page, people.first)
    page.goto(f"/exams/marking/{row.id}")
    page.get_by_label("Ce que le candidat lira").fill("Les faits y sont, la sortie aussi.")
    follow(page.get_by_role("button", name="Rendre mes points"))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert re.fullmatch(r"points-\w+-0", focused(page))
    fault_free(page)
