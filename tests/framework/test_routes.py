"""Pages of the framework, read in both languages."""

from __future__ import annotations

import pytest

from tests.pages import Reader


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    "address", ["/framework/", "/framework/roles", "/framework/roles/R01", "/framework/competencies/ALG2"]
)
def test_pages_of_the_framework_are_whole(reader: Reader, address: str, language: str) -> None:
    page = reader.get(address, headers={"Accept-Language": language})
    assert f'lang="{language}"' in page.html


def test_role_shows_targets_and_effect_on_tasks(reader: Reader) -> None:
    page = reader.get("/framework/roles/R05", headers={"Accept-Language": "fr"})
    assert page.h1 == "Biologiste médical"
    assert "validation technique de résultats simples" in page.text
    assert "niveau visé 3" in page.text


def test_unknown_role_is_a_page_that_says_so(reader: Reader) -> None:
    assert "n'existe pas" in reader.get("/framework/roles/R99", status=404, headers={"Accept-Language": "fr"}).text
