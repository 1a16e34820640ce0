"""Tests of the main navigation: which entry a page belongs to."""

from __future__ import annotations

import pytest

from tests.factories import NOW, Factory
from tests.packages import make_package
from tests.pages import Page, Reader, X
from training_platform.catalogue import service as catalogue


@pytest.mark.parametrize(
    ("address", "label", "said"),
    [
        ("/modules/", "Catalogue", "page"),
        ("/labs/", "Catalogue", "true"),
        ("/cases/", "Catalogue", "true"),
        ("/search?q=relire", "Catalogue", "true"),
        ("/reviews/", "Mon parcours", "true"),
        ("/portfolio/", "Mes niveaux", "true"),
        ("/certificates/", "Certifications", "true"),
    ],
)
def test_a_page_shows_the_section_it_belongs_to(
    make: Factory, reader: Reader, address: str, label: str, said: str
) -> None:
    person = make.person()
    make.save()
    reader.sign_in(person)
    assert _marked(reader.get(address)) == [(label, said)]


def test_the_final_questions_of_a_module_belong_to_the_catalogue(make: Factory, reader: Reader) -> None:
    catalogue.publish(make_package(), NOW)
    slug = catalogue.live_modules()[0].slug
    person = make.person()
    make.save()
    reader.sign_in(person)
    reader.post(f"/modules/{slug}/start")
    page = reader.get(f"/modules/{slug}/quiz")
    assert page.h1 == "Questions finales"
    assert _marked(page) == [("Catalogue", "true")]


def test_who_is_not_signed_in_finds_the_way_in(reader: Reader) -> None:
    assert "/sign-in" in reader.get("/modules/").links()
    assert _marked(reader.get("/sign-in")) == [("Me connecter", "page")]


def test_a_page_of_no_section_marks_none(reader: Reader) -> None:
    assert not _marked(reader.get("/about"))


def _marked(page: Page) -> list[tuple[str, str]]:
    """Return the entries of the menu that are marked, with how."""
    menu = next(page.tree.iter(f"{X}nav"))
    return [(link.text or "", link.get("aria-current", "")) for link in menu.iter(f"{X}a") if link.get("aria-current")]


def test_changing_language_on_a_page_that_answers_a_form_leads_back_to_the_form(make: Factory, reader: Reader) -> None:
    person = make.person(role="R10", unit=make.unit())
    make.save()
    reader.sign_in(person)
    refused = reader.raw(
        "POST",
        "/portfolio/42/withdraw",
        data={"csrf_token": reader.get("/portfolio/").csrf()},
        headers={"Referer": "http://localhost/portfolio/?a=1"},
    )
    assert 'name="next" value="/portfolio/?a=1"' in refused.get_data(as_text=True)
