"""The studio: only officers of the right unit, nothing lost on errors, conflicts said, versions published."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from sqlalchemy import func, select

from tests.factories import NOW, Factory
from tests.packages import make_package
from tests.pages import Page, Reader
from training_platform.accounts.models import Person
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.models import Module, ModuleVersion
from training_platform.db import db

ADDRESS = "/studio/essai-m90"


@pytest.fixture
def officer(make: Factory, reader: Reader) -> Person:
    """Publish the trial module and sign a training officer in."""
    catalogue.publish(make_package("M90"), NOW)
    person = make.person()
    make.right(person, "training_officer", make.unit())
    make.save()
    reader.sign_in(person)
    return person


def fields(page: Page, **changes: str) -> dict[str, Any]:
    """Return the form as the browser would send it, changed."""
    sent: dict[str, Any] = {}
    for element in page.tree.iter():
        name, tag = element.get("name"), element.tag.rsplit("}", 1)[-1]
        if name and tag == "input" and name != "q":
            sent[name] = element.get("value", "")
        elif name and tag == "textarea":
            sent[name] = "".join(element.itertext()).removeprefix("\n")
    return sent | changes


def test_a_draft_is_invisible_until_published(officer: Person, reader: Reader) -> None:
    assert "Module d'essai M90" in reader.get("/studio/").text
    page = reader.get(ADDRESS)
    saved = reader.post(ADDRESS, fields(page, title_fr="Titre changé"))
    assert "Brouillon enregistré" in saved.text
    assert "Titre changé" not in reader.get("/modules/essai-m90").text
    preview = reader.get(f"{ADDRESS}/preview")
    assert "Titre changé" in preview.h1
    assert 'id="l1-note-1"' in preview.html
    published = reader.post(f"{ADDRESS}/publish")
    assert published.h1 == "Titre changé"
    assert "Version 2" in published.text
    assert db.session.scalar(select(func.count()).select_from(ModuleVersion)) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title_en": " "}, "nécessaire dans les deux langues"),
        ({"minutes": "beaucoup"}, "entre 1 et 600"),
        ({"minutes": "601"}, "entre 1 et 600"),
        ({"lesson_1_fr": "sans titre"}, "La leçon commence par un titre"),
        ({"questions": "questions: [\n"}, "YAML illisible à la ligne"),
        ({"questions": "questions: [{id: x}]"}, "questions.0"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    officer: Person, reader: Reader, change: dict[str, str], said: str
) -> None:
    sent = fields(reader.get(ADDRESS), summary_fr="Mon résumé tout neuf", **change)
    page = reader.post(ADDRESS, sent, status=422)
    assert said in page.text
    assert "Mon résumé tout neuf" in page.html
    live = catalogue.live_by_slug("essai-m90")
    assert catalogue.draft_of(live.module_id) is None


def test_two_officers_do_not_overwrite_each_other(officer: Person, reader: Reader) -> None:
    page = reader.get(ADDRESS)
    reader.post(ADDRESS, fields(page, title_fr="Le premier"))
    late = reader.post(ADDRESS, fields(page, title_fr="Le second"), status=422)
    assert "Quelqu'un a enregistré ce module entre-temps" in late.text
    assert "Le second" in late.html
    assert "Le premier" in reader.get(ADDRESS).html


def test_a_draft_with_faults_is_kept_but_not_published(officer: Person, reader: Reader) -> None:
    page = reader.get(ADDRESS)
    lesson = fields(page)["lesson_1_fr"] + "\n\nEn 2031, 99 % des services.\n"
    reader.post(ADDRESS, fields(page, lesson_1_fr=lesson))
    refused = reader.post(f"{ADDRESS}/publish", status=422)
    assert refused.h1 == "À corriger avant de publier"
    assert "Phrase chiffrée sans note" in refused.text
    assert "99 % des services" in reader.get(ADDRESS).html
    assert catalogue.live_by_slug("essai-m90").number == 1


def test_questions_are_edited_with_the_module(officer: Person, reader: Reader) -> None:
    sent = fields(reader.get(ADDRESS))
    bank = yaml.safe_load(sent["questions"])
    bank["questions"][0]["ask"]["fr"] = "Une question neuve ?"
    reader.post(ADDRESS, sent | {"questions": yaml.safe_dump(bank, allow_unicode=True)})
    reader.post(f"{ADDRESS}/publish")
    package = catalogue.package_of(catalogue.live_by_slug("essai-m90").version_id)
    assert package.questions[0].ask.fr == "Une question neuve ?"


def test_nothing_to_publish_is_said(officer: Person, reader: Reader) -> None:
    assert "pas de brouillon" in reader.post(f"{ADDRESS}/publish", status=422).text


def test_only_officers_enter_and_only_their_own_modules(officer: Person, make: Factory, reader: Reader) -> None:
    stranger = make.person()
    elsewhere = make.unit()
    module = db.session.scalars(select(Module)).one()
    module.unit_id = elsewhere.id
    make.save()
    assert reader.get(ADDRESS, status=403).h1 == "Accès réservé"
    reader.sign_in(stranger)
    for address in ("/studio/", ADDRESS, f"{ADDRESS}/preview"):
        reader.get(address, status=403)
    assert "Atelier" not in reader.get("/").text
