"""Pages at 320 px, which is also 1280 px at a zoom of 400 %: nothing scrolls sideways."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.awards.making import TRACK
from tests.browser.conftest import Open
from tests.browser.doing import fault_free, sign_in
from tests.factories import NOW, Factory
from tests.packages import make_package
from training_platform.awards import service as awards
from training_platform.catalogue import service as catalogue

pytestmark = pytest.mark.browser
NARROW = {"viewport": {"width": 320, "height": 640}, "is_mobile": True, "has_touch": True}


def test_the_widest_pages_fit_in_320_pixels(open_page: Open, make: Factory) -> None:
    catalogue.publish(make_package("M90"), NOW)
    unit = make.unit()
    officer = make.person(role="R27", unit=unit)
    make.right(officer, "training_officer", unit)
    award = awards.issue(officer.id, TRACK, unit.id, datetime.now(UTC))
    make.save()
    page = open_page(NARROW)
    sign_in(page, officer)
    for address in (
        f"/verify/{award.number}",
        f"/certificates/{award.number}",
        "/certifications/T6",
        "/certifications/report/",
        "/studio/essai-m90",
        "/coverage/",
        "/path/",
        "/duties/",
        "/exams/office/",
    ):
        page.goto(address)
        fault_free(page)
