"""The pages of the labs: for signed-in people, without a script, with every bad input said and nothing lost."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.factories import NOW, Factory
from tests.labs.shipped import modules
from tests.pages import Reader
from training_platform.accounts.models import Person
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.models import ModuleVersion
from training_platform.db import db
from training_platform.labs.models import LabAttempt

ADDRESS = "/labs/atelier-performance/seuil-sepsis"
RIGHT = {"threshold": "50", "moved": "1", "ask-alerts": "1,2", "ask-group": "oldest"}


@pytest.fixture
def person(make: Factory, reader: Reader) -> Person:
    """Publish the modules with labs and sign somebody in."""
    for module in modules():
        catalogue.publish(module, NOW)
    someone = make.person()
    make.save()
    reader.sign_in(someone)
    return someone


def attempts() -> list[LabAttempt]:
    db.session.rollback()
    return list(db.session.scalars(select(LabAttempt)))


def test_every_lab_has_a_page_in_both_languages_and_a_line_in_the_list(person: Person, reader: Reader) -> None:
    for language in ("fr", "en"):
        person.language = language
        db.session.commit()
        listed = reader.get("/labs/")
        for module in modules():
            for lab in module.labs:
                address = f"/labs/{module.slug}/{lab.id}"
                assert address in listed.links()
                page = reader.get(address)
                assert page.h1 == " ".join(lab.title[language].replace("\u202f", " ").split()) or page.h1
                assert "À faire." in page.text if language == "fr" else "To do." in page.text
    assert "/labs/" in reader.get("/modules/").links()


def test_a_setting_is_in_the_address_and_the_page_needs_no_script(person: Person, reader: Reader) -> None:
    page = reader.get(f"{ADDRESS}?moved=1&threshold=50")
    assert "Seuil 50 : 41 sepsis trouvés sur 49" in page.text.replace("\u00a0", " ")
    fragment = reader.raw("GET", f"{ADDRESS}/view?threshold=50").get_data(as_text=True)
    assert 'id="lab-seuil-sepsis-view"' in fragment
    assert "<html" not in fragment


@pytest.mark.parametrize("threshold", ["", "abc", "-1", "1e3", "51", "999999999999", "<script>", "٥٠"])
def test_what_is_no_setting_is_the_setting_at_the_start(person: Person, reader: Reader, threshold: str) -> None:
    page = reader.get(ADDRESS, query_string={"moved": "1", "threshold": threshold})
    assert "Seuil 30 :" in page.text.replace("\u00a0", " ")


def test_a_right_conclusion_is_kept_once_and_shown_again(person: Person, reader: Reader) -> None:
    for _ in range(2):
        page = reader.post(f"{ADDRESS}/conclude", RIGHT)
        assert "Votre conclusion tient." in page.text
        assert "Source" in page.text
    [kept] = attempts()
    assert (kept.person_id, kept.correct, kept.setting) == (person.id, True, {"threshold": "50"})
    assert kept.given == {"alerts": "1,2", "group": "oldest"}
    again = reader.get(ADDRESS)
    assert "Votre conclusion tient." in again.text
    assert "Seuil 50 :" in again.text.replace("\u00a0", " ")
    cleared = reader.post(f"{ADDRESS}/again")
    assert "Votre conclusion tient." not in cleared.text
    assert attempts() == []


def test_a_wrong_conclusion_says_what_and_can_be_mended(person: Person, reader: Reader) -> None:
    page = reader.post(f"{ADDRESS}/conclude", RIGHT | {"threshold": "30", "ask-alerts": "12"})
    assert "Tout ne tient pas encore." in page.text
    assert "Remontez la ligne" in page.text
    assert 'value="12"' in page.html
    moved = reader.get(f"{ADDRESS}?moved=1&threshold=50").text.replace("\u00a0", " ")
    assert "Réglage vérifié : Seuil 30" in moved
    assert "Seuil 50 :" in moved
    assert "Votre conclusion tient." in reader.post(f"{ADDRESS}/conclude", RIGHT).text
    assert [attempt.correct for attempt in attempts()] == [True]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ask-alerts": ""}, "Écrivez un nombre"),
        ({"ask-alerts": "beaucoup"}, "Écrivez un nombre"),
        ({"ask-alerts": "nan"}, "Écrivez un nombre"),
        ({"ask-alerts": "1e400"}, "Écrivez un nombre"),
        ({"ask-group": ""}, "Choisissez une réponse"),
        ({"ask-group": "nobody"}, "Choisissez une réponse"),
    ],
)
def test_an_unreadable_conclusion_is_refused_beside_its_field_and_nothing_is_lost(
    person: Person, reader: Reader, change: dict[str, str], said: str
) -> None:
    page = reader.post(f"{ADDRESS}/conclude", RIGHT | change, status=422)
    assert said in page.text
    assert "Seuil 50 :" in page.text.replace("\u00a0", " ")
    if "ask-group" in change:
        assert 'value="1,2"' in page.html
    assert attempts() == []


def test_a_lab_stays_where_its_reader_began_when_the_module_changes(person: Person, reader: Reader) -> None:
    module = next(module for module in modules() if module.slug == "atelier-performance")
    before = catalogue.live_by_slug(module.slug).version_id
    catalogue.publish(module.model_copy(update={"labs": []}), NOW)
    db.session.commit()
    reader.get(ADDRESS, status=404)
    reader.get(f"{ADDRESS}?version={before}")
    db.session.get_one(ModuleVersion, before).state = "draft"
    db.session.commit()
    reader.get(f"{ADDRESS}?version={before}", status=404)


def test_unknown_labs_are_no_page_and_visitors_sign_in(person: Person, reader: Reader, app: object) -> None:
    for address in ("/labs/atelier-performance/nothing", "/labs/nothing/seuil-sepsis", f"{ADDRESS}?version=999999"):
        reader.get(address, status=404)
    visitor = Reader(reader.app)
    assert "/sign-in" in visitor.raw("GET", ADDRESS).headers["Location"]
    assert visitor.raw("POST", f"{ADDRESS}/conclude", data=RIGHT).status_code in (302, 400)
    assert visitor.get("/labs/").h1
    assert db.session.scalar(select(func.count()).select_from(LabAttempt)) == 0


def test_a_lesson_places_its_lab_and_shows_what_was_concluded(person: Person, reader: Reader) -> None:
    reader.post("/modules/atelier-performance/start")
    reader.post(f"{ADDRESS}/conclude", RIGHT)
    lesson = reader.get("/modules/atelier-performance/lessons/2")
    assert "Déplacez la ligne" in lesson.text
    assert "Votre conclusion tient." in lesson.text
    assert 'id="lab-seuil-sepsis-view"' not in reader.get("/modules/atelier-performance/lessons/1").html
