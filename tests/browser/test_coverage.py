"""A training officer looks for what is missing, starts a draft, and reads what works."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.conftest import DESKTOP, PHONE, Open
from tests.browser.doing import fault_free, follow, sign_in
from tests.coverage.test_service import read, staff
from tests.factories import Factory
from tests.item_analysis.given import answered
from tests.packages import make_package
from training_platform.catalogue import service as catalogue
from training_platform.item_analysis import calibration

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("device", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_from_the_map_to_a_draft_and_to_what_works(
    open_page: Open, make: Factory, device: dict[str, object], scheme: str
) -> None:
    version = catalogue.publish(make_package("M90"), datetime.now(UTC) - timedelta(days=400))
    unit = make.unit()
    officer = make.person()
    make.right(officer, "training_officer", unit)
    read(staff(make, unit, 7), "essai-m90", right_before=1, right_after=4)
    answered(make, version.id, 210, right=(0.9, 0.4))
    calibration.run("rasch", datetime.now(UTC))
    make.save()
    page = open_page(device, color_scheme=scheme)
    sign_in(page, officer)
    page.goto("/studio/")
    follow(page.get_by_role("link", name="Carte de couverture", exact=True))
    fault_free(page)
    page.locator("summary").click()
    fault_free(page)
    follow(page.get_by_role("link", name="Quoi écrire ensuite", exact=True))
    fault_free(page)
    follow(page.get_by_role("button", name="Commencer ce brouillon").first)
    assert "Brouillon commencé" in page.locator("main").inner_text()
    page.goto("/coverage/works")
    fault_free(page)
    follow(page.get_by_role("link", name="Module d'essai M90"))
    fault_free(page)
    follow(page.get_by_role("link", name="Comment les questions se comportent"))
    fault_free(page)
    follow(page.locator("main table a").first)
    fault_free(page)


def test_the_opinion_form_is_fault_free_on_a_phone(open_page: Open, make: Factory) -> None:
    catalogue.publish(make_package("M90"), datetime.now(UTC) - timedelta(days=9))
    (reader,) = staff(make, make.unit(), 1)
    read([reader], "essai-m90", right_before=1, right_after=4)
    make.save()
    page = open_page(PHONE)
    sign_in(page, reader)
    page.goto("/modules/essai-m90/rating/")
    fault_free(page)
    page.get_by_label("5 · très bien").check()
    follow(page.get_by_role("button", name="Envoyer mon avis"))
    assert "sans votre nom" in page.locator("main").inner_text()
