"""The studio: only officers of the right unit, nothing lost on errors, two authors merged, versions published."""

from __future__ import annotations

from html import escape

import pytest
from sqlalchemy import func, select

from tests.factories import NOW, Factory
from tests.packages import make_package
from tests.pages import Reader
from tests.studio.forms import fields
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


def test_a_draft_is_invisible_until_published(officer: Person, reader: Reader) -> None:
    page = reader.get("/studio/")
    assert "Module d'essai M90" in page.text
    assert "/studio/import" in page.links()
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
        ({"minutes": "beaucoup"}, "entre 1 et 600"),
        ({"minutes": "601"}, "entre 1 et 600"),
        ({"requires": "M01, M99"}, "Aucun module n'a le code M01, M99"),
        ({"step_1_from": "3", "step_1_to": "2"}, "le second au-dessus du premier"),
        ({"lesson_essai_fr": "# Long\n" + "mot " * 5001}, "20000 au plus tiennent dans une leçon"),
        ({"exercises": "exercises: [\n"}, "YAML illisible"),
        ({"exercises": "exercises:\n- id: x\n  kind: quizz\n"}, "Ligne 3"),
        ({"exercises": "exercises: &a [*a]\n"}, "alias YAML"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    officer: Person, reader: Reader, change: dict[str, str], said: str
) -> None:
    sent = fields(reader.get(ADDRESS), summary_fr="Mon résumé tout neuf", **change)
    page = reader.post(ADDRESS, sent, status=422)
    assert said in page.text
    assert "Mon résumé tout neuf" in page.html
    assert all(escape(value.strip()[:500]) in page.html for value in change.values())
    live = catalogue.live_by_slug("essai-m90")
    assert catalogue.draft_of(live.module_id) is None


def test_what_is_not_written_yet_may_be_missing_in_a_draft_and_not_in_a_version(
    officer: Person, reader: Reader
) -> None:
    reader.post(ADDRESS, fields(reader.get(ADDRESS), title_en="", lesson_essai_en=""))
    page = reader.get(ADDRESS)
    assert "à traduire en anglais" in page.text
    refused = reader.post(f"{ADDRESS}/publish", status=422)
    assert "Ce texte manque" in refused.text
    assert f"{ADDRESS}#title_en" in refused.links()
    assert f"{ADDRESS}#lesson_essai_en" in refused.links()


def test_a_draft_with_faults_is_kept_but_not_published_and_each_fault_leads_to_its_field(
    officer: Person, reader: Reader
) -> None:
    page = reader.get(ADDRESS)
    lesson = fields(page)["lesson_essai_fr"] + "\n\nEn 2031, 99 % des services.\n"
    reader.post(ADDRESS, fields(page, lesson_essai_fr=lesson))
    refused = reader.post(f"{ADDRESS}/publish", status=422)
    assert refused.h1 == "À corriger avant de publier"
    assert "Phrase chiffrée sans note" in refused.text
    assert f"{ADDRESS}#lesson_essai_fr" in refused.links()
    assert "99 % des services" in reader.get(ADDRESS).html
    assert catalogue.live_by_slug("essai-m90").number == 1


def test_lessons_are_added_moved_taken_out_and_brought_back(officer: Person, reader: Reader) -> None:
    page = reader.post(ADDRESS, fields(reader.get(ADDRESS), do="add"))
    assert "lesson_lecon-2_fr" in fields(page)
    page = reader.post(ADDRESS, fields(page, do="up:lecon-2"))
    assert page.text.index("Nouvelle leçon") < page.text.index("La leçon d'essai")
    assert fields(page)["objective_1_met_lesson:02"] == "1"
    page = reader.post(ADDRESS, fields(page, do="remove:essai"))
    assert "La leçon d'essai" not in page.text
    undo = {"revision": "", "base": "", "next": ""}
    for element in page.tree.iter():
        if element.get("name") in undo:
            undo.setdefault(element.get("name", ""), "")
            undo[element.get("name", "")] = element.get("value", "") or undo[element.get("name", "")]
    restored = reader.post(f"{ADDRESS}/restore", undo)
    assert "La leçon d'essai" in restored.text
    assert "C'est revenu" in restored.text


def test_two_officers_keep_both_their_changes(officer: Person, make: Factory, reader: Reader) -> None:
    page = reader.get(ADDRESS)
    reader.post(ADDRESS, fields(page, title_fr="Le premier"))
    late = reader.post(ADDRESS, fields(page, summary_fr="Le second"))
    assert "Brouillon enregistré" in late.text
    again = fields(reader.get(ADDRESS))
    assert (again["title_fr"], again["summary_fr"]) == ("Le premier", "Le second")


def test_the_same_words_changed_twice_are_never_overwritten_silently(officer: Person, reader: Reader) -> None:
    page = reader.get(ADDRESS)
    reader.post(ADDRESS, fields(page, title_fr="Le premier"))
    late = reader.post(ADDRESS, fields(page, title_fr="Le second"), status=422)
    assert "Deux personnes ont changé les mêmes mots" in late.text
    assert "Le premier" in late.text
    assert "Le second" in late.text
    assert fields(late)["title_fr"] == "Le second"
    assert fields(reader.get(ADDRESS))["title_fr"] == "Le premier"
    reader.post(ADDRESS, fields(late))
    assert fields(reader.get(ADDRESS))["title_fr"] == "Le second"


def test_nothing_to_publish_is_said(officer: Person, reader: Reader) -> None:
    assert "pas de brouillon" in reader.post(f"{ADDRESS}/publish", status=422).text


def test_a_module_archived_while_edited_says_so_and_keeps_the_text_with_the_author(
    officer: Person, reader: Reader
) -> None:
    sent = fields(reader.get(ADDRESS), title_fr="Trop tard")
    db.session.scalars(select(Module)).one().archived = True
    db.session.commit()
    assert "reste sur cet ordinateur" in reader.post(ADDRESS, sent, status=404).text


def test_only_officers_enter_and_only_their_own_modules(officer: Person, make: Factory, reader: Reader) -> None:
    stranger = make.person()
    elsewhere = make.unit()
    module = db.session.scalars(select(Module)).one()
    module.unit_id = elsewhere.id
    make.save()
    pages = (
        ADDRESS,
        f"{ADDRESS}/preview",
        f"{ADDRESS}/preview/lessons/1",
        f"{ADDRESS}/questions",
        f"{ADDRESS}/meaning",
    )
    for address in (*pages, f"{ADDRESS}/questions/bank/m90-dat1-0-0", f"{ADDRESS}/insertions/fact", f"{ADDRESS}/pulse"):
        assert reader.get(address, status=403).h1 == "Accès réservé"
    for action in ("", "/restore", "/accept", "/paste", "/pictures", "/questions", "/publish"):
        reader.post(f"{ADDRESS}{action}", {"do": "save"}, status=403)
    reader.sign_in(stranger)
    for address in ("/studio/", "/studio/modules/new", *pages):
        reader.get(address, status=403)
    assert "Atelier" not in reader.get("/").text
