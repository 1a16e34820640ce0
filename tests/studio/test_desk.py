"""The desk's pages: saving by script, preview, insertions, pictures, proposals, new modules, bad input."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.catalogue.test_pictures import GOOD, photo
from tests.factories import NOW, Factory
from tests.packages import make_package
from tests.pages import Page, Reader
from tests.studio.forms import fields
from training_platform.accounts.models import Person
from training_platform.catalogue import service as catalogue
from training_platform.studio import service

ADDRESS = "/studio/essai-m90"
ALTERNATIVES = {"alt_fr": "Une salle de garde vide", "alt_en": "An empty staff room"}


@pytest.fixture
def officer(make: Factory, reader: Reader) -> Person:
    """Publish the trial module and sign a training officer in."""
    catalogue.publish(make_package("M90"), NOW)
    person = make.person()
    make.right(person, "training_officer", make.unit())
    make.save()
    reader.sign_in(person)
    return person


def save(reader: Reader, sent: dict[str, Any], address: str = ADDRESS, status: int = 200) -> Any:
    """Save as the editor's script does; return the JSON."""
    headers = {"Accept": "application/json"}
    answer = reader.raw("POST", address, data={**sent, "csrf_token": reader.token()}, headers=headers)
    assert answer.status_code == status, answer.get_data(as_text=True)[:500]
    return answer.get_json()


def test_the_script_hears_what_was_saved_brought_in_and_refused(officer: Person, reader: Reader) -> None:
    sent = fields(reader.get(ADDRESS))
    first = save(reader, sent | {"title_fr": "Le premier"})
    assert (first["state"], first["fields"], first["errors"]) == ("saved", {}, {})
    second = save(reader, sent | {"audience_fr": "Tous"})
    assert second["fields"] == {"title_fr": "Le premier"}
    assert "entre-temps" in second["said"]
    partial = save(reader, sent | {"base": str(second["base"]), "minutes": "x", "title_fr": "Gardé quand même"})
    assert partial["state"] == "partial"
    assert "entre 1 et 600" in partial["errors"]["minutes"]
    assert fields(reader.get(ADDRESS))["title_fr"] == "Gardé quand même"
    conflict = save(reader, sent | {"title_fr": "Autre chose"})
    assert conflict["state"] == "conflict"
    assert (conflict["conflicts"][0]["mine"], conflict["conflicts"][0]["theirs"]) == ("Autre chose", "Gardé quand même")
    assert conflict["conflicts"][0]["label"] == "Titre (français)"


def test_a_huge_field_is_refused_with_the_remedy_and_the_rest_is_saved(officer: Person, reader: Reader) -> None:
    answer = save(reader, fields(reader.get(ADDRESS), title_fr="Sauvé", lesson_essai_fr="# x\n" + "mot " * 6000))
    assert "Répartissez-le" in answer["errors"]["lesson_essai_fr"]
    now = fields(reader.get(ADDRESS))
    assert now["title_fr"] == "Sauvé"
    assert "La leçon d'essai" in now["lesson_essai_fr"]


def test_the_pulse_lends_a_token_and_names_colleagues(officer: Person, reader: Reader, make: Factory, app: Any) -> None:
    colleague = make.person()
    make.right(colleague, "training_officer", make.unit())
    make.save()
    Reader(app).sign_in(colleague).get(ADDRESS)
    page = reader.get(ADDRESS)
    assert f"{colleague.name} écrit aussi dans ce module." in page.text
    answer = reader.raw("GET", f"{ADDRESS}/pulse?editor={fields(page)['editor']}").get_json()
    assert colleague.name in answer["people"]
    assert answer["person"] == str(officer.id)


def test_the_preview_is_the_readers_page(officer: Person, reader: Reader) -> None:
    read = reader.get("/modules/essai-m90/lessons/1")
    preview = reader.get(f"{ADDRESS}/preview/lessons/1")
    assert preview.h1 == read.h1
    assert prose(preview) == prose(read)
    assert "frame-ancestors 'self'" in preview.response.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in read.response.headers["Content-Security-Policy"]


def prose(page: Page) -> list[str]:
    """Return the rendered runs of text of a lesson's page."""
    return [piece.split("</div>\n", 1)[0] for piece in page.html.split('<div class="prose">')[1:]]


def test_the_preview_shows_what_is_being_typed_in_either_language_and_keeps_nothing(
    officer: Person, reader: Reader
) -> None:
    page = reader.post(
        f"{ADDRESS}/preview/lessons/1", {"language": "en", "text": "# Typed\n\nA <script>alert(1)</script> word."}
    )
    assert page.h1 == "Typed"
    assert "<script>alert" not in page.html
    assert "La leçon d'essai" in reader.get(f"{ADDRESS}/preview/lessons/1").text
    reader.post(f"{ADDRESS}/preview/lessons/9", {"text": "# x"}, status=404)


def test_exercises_are_tried_in_the_preview(officer: Person, reader: Reader) -> None:
    base = f"{ADDRESS}/preview/lessons/1"
    assert "Choisissez une réponse" in reader.post(f"{base}/exercises/tri/t1", {}, status=422).text
    assert "C'est juste" in reader.post(f"{base}/exercises/tri/t1", {"choice": "b"}).text
    decided = reader.post(f"{base}/decisions/panne/d1", {"choice": "a", "reason": "parce que"})
    following = next(a for a in forms(decided) if "/decisions/panne/d2" in a)
    ended = reader.post(following, {"choice": "d"})
    assert "Bilan : 6 / 6" in ended.text
    long = reader.post(f"{base}/decisions/panne/d1", {"choice": "a", "reason": "r" * 501}, status=422)
    assert "501 caractères, 500 au plus" in long.text
    assert "r" * 501 in long.html
    reader.post(f"{base}/decisions/panne/d1?given=%7Bbroken", {"choice": "z"}, status=422)
    odd = json.dumps({"panne": {"d1": {"choice": ["a"]}}})
    reader.post(f"{base}/decisions/panne/d2?{urlencode({'given': odd})}", {"choice": "d"})
    reader.post(f"{base}/exercises/absent/t1", {}, status=404)
    assert reader.post(f"{base}/finish", {}).h1 == "La leçon d'essai"


def forms(page: Page) -> list[str]:
    """Return where the forms of a page lead."""
    return [element.get("action", "") for element in page.tree.iter() if element.tag.endswith("form")]


@pytest.mark.parametrize(
    ("kind", "query", "found"),
    [
        ("fact", "2024/1689 RÈGLEMENT", "[^AIA-01]"),
        ("exercise", "outage", "::exercise{panne}"),
        ("module", "", "Rien à insérer"),
        ("figure", "", "Rien à insérer"),
        ("lab", "zzz", "Rien ne correspond"),
    ],
)
def test_what_goes_into_a_lesson_is_found_by_words(
    officer: Person, reader: Reader, kind: str, query: str, found: str
) -> None:
    assert found in reader.get(f"{ADDRESS}/insertions/{kind}", query_string={"q": query}).text


def test_an_unknown_kind_of_insertion_is_no_page(officer: Person, reader: Reader) -> None:
    reader.get(f"{ADDRESS}/insertions/virus", status=404)


def paste(reader: Reader, html: str) -> Any:
    """Send HTML from a clipboard."""
    headers = {"X-CSRFToken": reader.token(), "Accept": "application/json", "Content-Type": "text/html"}
    return reader.raw("POST", f"{ADDRESS}/paste", data=html.encode(), headers=headers)


def test_pasted_html_comes_back_as_markdown_and_too_much_is_refused(officer: Person, reader: Reader) -> None:
    assert paste(reader, "<p>Un <b>gras</b><script>x</script></p>").get_json() == {"markdown": "Un **gras**"}
    refused = paste(reader, "x" * 1_000_001)
    assert refused.status_code == 422
    assert "plusieurs fois" in refused.get_json()["error"]


def upload(reader: Reader, data: bytes, name: str, **more: str) -> Any:
    """Send a picture as the script does."""
    picture = FileStorage(io.BytesIO(data), filename=name)
    form = {"csrf_token": reader.token(), "picture": picture, **ALTERNATIVES, **more}
    # Encoded here: the test client would leave the temporary file of a large body open.
    boundary, body = encode_multipart(form)
    headers = {"Accept": "application/json", "Content-Type": f"multipart/form-data; boundary={boundary}"}
    return reader.raw("POST", f"{ADDRESS}/pictures", data=body, headers=headers)


def test_a_picture_is_kept_small_served_to_authors_and_taken_out_when_unused(officer: Person, reader: Reader) -> None:
    answer = upload(reader, photo(60, 40), "Salle de garde.JPG").get_json()
    assert answer == {
        "name": "salle-de-garde.webp",
        "markdown": {
            "fr": "![Une salle de garde vide](../img/salle-de-garde.webp)",
            "en": "![An empty staff room](../img/salle-de-garde.webp)",
        },
    }
    assert upload(reader, GOOD.encode(), "plan.svg").get_json()["name"] == "plan.svg"
    shown = reader.raw("GET", f"{ADDRESS}/pictures/salle-de-garde.webp")
    assert (shown.mimetype, shown.data[:4]) == ("image/webp", b"RIFF")
    sent = fields(reader.get(ADDRESS))
    save(reader, sent | {"lesson_essai_fr": sent["lesson_essai_fr"] + answer["markdown"]["fr"]})
    assert (
        "Une leçon montre cette image" in reader.post(f"{ADDRESS}/pictures/salle-de-garde.webp/remove", status=422).text
    )
    assert "plan.svg" not in reader.post(f"{ADDRESS}/pictures/plan.svg/remove").text
    assert f"{ADDRESS}/pictures/salle-de-garde.webp" in reader.get(f"{ADDRESS}/preview/lessons/1").html


@pytest.mark.parametrize(
    ("data", "name", "more", "said"),
    [
        (b"x" * (11 << 20), "photo.png", {}, "pèse 11\xa0Mo"),
        (b"not a picture", "photo.png", {}, "n'est pas une image lisible"),
        (GOOD.replace("<title>", "<script/><title>").encode(), "plan.svg", {}, "exportez-le en PNG"),
        (b"<svg onload='alert(1)'/>", "photo.png", {}, "ne suit pas les règles"),
        (GOOD.encode(), "plan.svg", {"alt_en": "short"}, "Décrivez l'image dans les deux langues"),
        (b"", "", {}, "Choisissez une image"),
    ],
    ids=["heavy", "text", "script", "disguised", "no alternative", "nothing"],
)
def test_a_bad_picture_is_refused_with_the_remedy(
    officer: Person, reader: Reader, data: bytes, name: str, more: dict[str, str], said: str
) -> None:
    refused = upload(reader, data, name, **more)
    assert refused.status_code == 422
    assert said in refused.get_json()["error"]
    assert catalogue.draft_of(service.editable(officer.id, "essai-m90").module_id) is None


def test_twenty_megabytes_are_refused_before_they_are_read(officer: Person, reader: Reader) -> None:
    headers = {
        "X-CSRFToken": reader.token(),
        "Accept": "application/json",
        "Content-Type": "multipart/form-data; boundary=b",
    }
    refused = reader.raw("POST", f"{ADDRESS}/pictures", data=b"x" * (20 << 20), headers=headers)
    assert refused.status_code == 413
    assert "16\xa0Mo au plus" in refused.get_json()["error"]


def test_what_the_machine_proposes_is_accepted_by_a_button(officer: Person, reader: Reader) -> None:
    catalogue.publish(make_package("M91", steps=[{"c": "DAT1", "from": 1, "to": 2}]), NOW)
    from training_platform.db import db

    db.session.commit()
    page = reader.get("/studio/essai-m91/meaning")
    assert "Module d'essai M90 (M90)" in page.text
    assert "DAT1 1→2" in page.text
    after = reader.post("/studio/essai-m91/accept", {"proposal": "requires:M90"})
    assert fields(after)["requires"] == "M90"
    after = reader.post("/studio/essai-m91/accept", {"proposal": "step:DAT2:1"})
    assert fields(after)["step_2_c"] == "DAT2"
    assert "Rien à ajouter" in reader.get("/studio/essai-m91/meaning").text
    reader.post("/studio/essai-m91/accept", {"proposal": "step:DAT2:9"}, status=422)


def test_both_languages_can_be_said_level(officer: Person, reader: Reader) -> None:
    page = reader.post(ADDRESS, fields(reader.get(ADDRESS), title_fr="Module d'essai renommé M90"))
    assert "l'anglais est à revoir" in page.text
    assert "renommé" in page.text
    page = reader.post(ADDRESS, fields(page, do="level:title"))
    assert "l'anglais est à revoir" not in page.text


def test_a_module_is_begun_from_nothing(make: Factory, reader: Reader) -> None:
    person, unit, elsewhere = make.person(), make.unit(), make.unit()
    make.right(person, "training_officer", unit)
    make.save()
    reader.sign_in(person)
    page = reader.get("/studio/modules/new")
    assert elsewhere.name not in page.text
    sent = {"title_fr": "Premiers pas", "title_en": "", "domain": "DAT", "unit": str(elsewhere.id)}
    assert "une de vos structures" in reader.post("/studio/modules/new", sent, status=422).text
    refused = reader.post("/studio/modules/new", sent | {"title_fr": " ", "domain": "X"}, status=422)
    assert "Donnez un titre" in refused.text
    long = reader.post("/studio/modules/new", sent | {"unit": str(unit.id), "title_en": "t" * 201}, status=422)
    assert "201 caractères, 200 au plus" in long.text
    editor = reader.post("/studio/modules/new", sent | {"unit": str(unit.id)})
    assert editor.h1 == "Modifier : Premiers pas"
    editor = reader.post("/studio/premiers-pas", fields(editor, do="add"))
    assert "Leçon 1" in editor.text
    refused = reader.post("/studio/premiers-pas/publish", status=422)
    assert "/studio/premiers-pas#title_en" in refused.links()
