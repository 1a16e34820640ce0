"""The pages of coverage, what to write next and what works."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.coverage.test_service import read, staff
from tests.factories import NOW, Factory
from tests.packages import make_package
from tests.pages import Reader
from training_platform.accounts.models import Person
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.models import Module
from training_platform.db import db

PAGES = ("/coverage/", "/coverage/next", "/coverage/works")


@pytest.fixture
def officer(make: Factory, reader: Reader) -> Person:
    """Publish the trial module and sign a training officer in; six nurses work in the unit."""
    catalogue.publish(make_package("M90"), NOW - timedelta(days=9))
    unit = make.unit()
    person = make.person()
    make.right(person, "training_officer", unit)
    nurses = staff(make, unit, 6)
    read(nurses, "essai-m90", right_before=1, right_after=4)
    make.save()
    reader.sign_in(person)
    return person


def test_the_studio_leads_to_the_map_and_the_map_has_a_number_in_each_cell(officer: Person, reader: Reader) -> None:
    assert "/coverage/" in reader.get("/studio/").links()
    page = reader.get("/coverage/")
    assert "6 personnes" in page.text
    assert page.html.count('class="heat-') >= 40 * 5
    assert "Mal couverts" in page.text
    officer.language = "en"
    db.session.commit()
    for address in PAGES:
        assert "é" not in reader.get(address).h1


def test_a_small_group_is_not_shown(officer: Person, reader: Reader) -> None:
    for address in ("/coverage/", "/coverage/next"):
        page = reader.get(f"{address}?family=LOGI")
        assert "Trop peu de personnes" in page.text
        assert "(moins de 5)" in page.text.replace("\xa0", " ")
        assert 'class="heat-4"' not in page.html


def test_a_draft_is_started_from_the_list(officer: Person, reader: Reader) -> None:
    page = reader.get("/coverage/next")
    assert "Commencer ce brouillon" in page.text
    editor = reader.post("/coverage/next", {"competency": "SEC3", "level": "0"})
    assert "Brouillon commencé" in editor.text
    module = db.session.scalars(select(Module).where(Module.code == "L01")).one()
    assert module.unit_id is not None
    assert f"/studio/{module.slug}" in editor.html


def test_what_works_shows_numbers_with_what_to_do(officer: Person, reader: Reader) -> None:
    assert "6" in reader.get("/coverage/works").text
    page = reader.get("/coverage/works/essai-m90")
    assert page.h1 == "Ce qui marche dans « Module d'essai M90 »"
    for said in ("6 personnes l'ont commencé", "10 min", "Remarque", "Mesuré par les seules réponses"):
        assert said in page.text


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"competency": "NONE", "level": "0"}, 422),
        ({"competency": "DAT1", "level": "7"}, 422),
        ({"competency": "DAT1"}, 422),
        ({"competency": "DAT1", "level": "x"}, 422),
        ({"competency": "DAT1", "level": "0", "unit": "999999"}, 403),
    ],
)
def test_a_draft_for_nothing_or_elsewhere_is_refused(
    officer: Person, reader: Reader, fields: dict[str, str], status: int
) -> None:
    reader.post("/coverage/next", fields, status=status)
    assert db.session.scalars(select(Module.code)).all() == ["M90"]


def test_only_officers_enter(officer: Person, make: Factory, reader: Reader) -> None:
    module = db.session.scalars(select(Module)).one()
    module.unit_id = make.unit().id
    make.save()
    reader.get("/coverage/works/essai-m90", status=403)
    reader.get("/coverage/works/nothing", status=404)
    reader.get("/coverage/?unit=999999", status=403)
    reader.sign_in(make.person())
    make.save()
    for address in (*PAGES, "/coverage/works/essai-m90"):
        reader.get(address, status=403)
    reader.post("/coverage/next", {"competency": "DAT1", "level": "0"}, status=403)
    assert Reader(reader.app).get("/coverage/").h1 == "Connexion"
