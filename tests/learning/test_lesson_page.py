"""The page of a lesson: the same text for all, links only to what its reader sees, few queries."""

from __future__ import annotations

from sqlalchemy import select

from tests.factories import NOW, Factory
from tests.packages import document, make_package
from tests.pages import Reader
from tests.studio.forms import queries_of
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage
from training_platform.catalogue.models import Module
from training_platform.db import db

LESSON = "/modules/essai-m90/lessons/1"


def test_a_lesson_leads_each_reader_to_the_modules_that_they_see(make: Factory, reader: Reader) -> None:
    north, south = make.unit(), make.unit()
    leading = document()
    for language, text in leading["lessons"][0]["text"].items():
        leading["lessons"][0]["text"][language] = text + "\n[L01](module:L01) [M91](module:M91)\n"
    catalogue.publish(ModulePackage.model_validate(leading), NOW)
    catalogue.publish(make_package("M91"), NOW)
    catalogue.publish(make_package("L01"), NOW, unit_id=north.id)
    northerner, southerner = make.person(role="R10", unit=north), make.person(role="R10", unit=south)
    make.save()

    def links() -> list[str]:
        return [
            link for link in reader.get(LESSON).links() if link in ("#", "/modules/essai-l01", "/modules/essai-m91")
        ]

    for _ in range(2):
        reader.sign_in(northerner)
        assert links() == ["/modules/essai-l01", "/modules/essai-m91"]
        reader.sign_in(southerner)
        assert links() == ["#", "/modules/essai-m91"]
    db.session.scalars(select(Module).where(Module.code == "L01")).one().archived = True
    make.save()
    reader.sign_in(northerner)
    assert links() == ["#", "/modules/essai-m91"]


def test_a_new_version_is_read_at_once_and_its_pictures_with_it(make: Factory, reader: Reader) -> None:
    def drawn(word: str) -> ModulePackage:
        page = document()
        page["images"] = {
            "a.svg": f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>{word}</text></svg>'
        }
        for language, text in page["lessons"][0]["text"].items():
            page["lessons"][0]["text"][language] = text + "\n![a](../img/a.svg)\n"
        return ModulePackage.model_validate(page)

    first, second = make.person(role="R10"), make.person(role="R10")
    catalogue.publish(drawn("avant"), NOW)
    make.save()
    reader.sign_in(first)
    assert "avant" in reader.get(LESSON).text
    catalogue.publish(drawn("après"), NOW)
    make.save()
    reader.sign_in(second)
    assert "après" in reader.get(LESSON).text


def test_a_lesson_read_again_needs_at_most_eight_queries(make: Factory, reader: Reader) -> None:
    catalogue.publish(make_package(), NOW)
    person = make.person(role="R10")
    make.save()
    reader.sign_in(person)
    reader.get(LESSON)
    queries = queries_of(lambda: reader.get(LESSON))
    assert len(queries) <= 8, "\n".join(queries)
