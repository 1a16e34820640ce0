"""Modules and questions out of the studio and in again, as an officer does it."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pypdf
import pytest
from sqlalchemy import select

from tests.factories import NOW, Factory
from tests.packages import make_package
from tests.pages import Reader
from tests.paper import needs_pango
from training_platform import framework
from training_platform.accounts.models import Person
from training_platform.catalogue import package as packages
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage, read_draft
from training_platform.catalogue.models import Module
from training_platform.db import db
from training_platform.learning.rendering import Prose
from training_platform.studio import printing

ADDRESS = "/studio/essai-m90/exchange"
GIFT = "::Nuit::Qui appeler ?{=L'interne#oui ~Personne}\n\n::Libre::Comment ?{}"


@pytest.fixture
def officer(make: Factory, reader: Reader) -> Person:
    """Publish the trial module and sign a training officer in."""
    catalogue.publish(make_package("M90"), NOW)
    person = make.person()
    make.right(person, "training_officer", make.unit())
    make.save()
    reader.sign_in(person)
    return person


def _draft() -> ModulePackage:
    db.session.rollback()
    draft = catalogue.draft_of(catalogue.live_by_slug("essai-m90").module_id)
    assert draft is not None
    return read_draft(draft.document)


def _file(content: bytes, name: str = "a.txt") -> dict[str, Any]:
    return {"file": (io.BytesIO(content), name)}


def test_questions_come_into_the_draft_with_a_report_and_learners_see_nothing(officer: Person, reader: Reader) -> None:
    before = len(make_package("M90").questions)
    page = reader.post(f"{ADDRESS}/questions", {**_file(GIFT.encode()), "language": "fr", "step": "DAT1-0"})
    assert "1 question ajoutée au brouillon, 1 laissée de côté" in page.text
    assert "réponse libre" in page.text
    questions = _draft().questions
    assert len(questions) == before + 1
    assert questions[-1].ask.fr == "Qui appeler ?"
    assert questions[-1].ask.en == ""
    assert (questions[-1].step.c, questions[-1].step.from_level) == ("DAT1", 0)
    live = catalogue.live_by_slug("essai-m90")
    assert len(catalogue.package_of(live.version_id).questions) == before
    reader.post(f"{ADDRESS}/questions", {**_file(GIFT.encode()), "language": "en", "step": "DAT1-0"})
    assert len({question.id for question in _draft().questions}) == before + 2, "ids stay different"


@pytest.mark.parametrize(
    ("content", "step", "said"),
    [
        (b"", "DAT1-0", "Choisissez un fichier"),
        (b"nothing", "DAT1-0", "accolades"),
        (b"<quiz", "DAT1-0", "XML lisible"),
        (GIFT.encode(), "ALG9-4", "palier"),
    ],
)
def test_a_bad_file_changes_nothing_and_says_why(
    officer: Person, reader: Reader, content: bytes, step: str, said: str
) -> None:
    sent = {**_file(content, "a.txt" if content else ""), "language": "fr", "step": step}
    response = reader.raw("POST", f"{ADDRESS}/questions", data={"csrf_token": reader.token(), **sent})
    assert said in response.get_data(as_text=True)
    assert response.status_code in (200, 422)
    db.session.rollback()
    assert catalogue.draft_of(catalogue.live_by_slug("essai-m90").module_id) is None


def test_questions_go_out_and_are_the_same_when_they_come_back(officer: Person, reader: Reader) -> None:
    reader.get(ADDRESS)
    exported = reader.raw("GET", f"{ADDRESS}/questions.xml").data
    reader.post(f"{ADDRESS}/questions", {**_file(exported, "q.xml"), "language": "fr", "step": "DAT1-0"})
    questions = _draft().questions
    half = len(questions) // 2
    assert [(q.ask, [o.text for o in q.options]) for q in questions[half:]] == [
        (q.ask, [o.text for o in q.options]) for q in questions[:half]
    ]
    assert "::" in reader.raw("GET", f"{ADDRESS}/questions.gift?language=en").get_data(as_text=True)


@needs_pango
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_module_prints_as_a_tagged_pdf(officer: Person, reader: Reader, language: str) -> None:
    answer = reader.raw("GET", f"{ADDRESS}/module.pdf?language={language}")
    document = pypdf.PdfReader(io.BytesIO(answer.data))
    root: Any = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == language
    text = " ".join(page.extract_text() for page in document.pages)
    assert {"fr": "La leçon d'essai", "en": "The trial lesson"}[language] in text
    assert {"fr": "Réponses aux exercices", "en": "Answers to the exercises"}[language] in text


def test_a_package_comes_back_as_a_draft_and_a_new_one_as_a_module_of_the_unit(officer: Person, reader: Reader) -> None:
    exported = reader.raw("GET", f"{ADDRESS}/module.zip").data
    reader.get("/studio/import")
    assert "brouillon" in reader.post("/studio/import", _file(exported, "m.zip")).text
    assert _draft() == make_package("M90")
    other = packages.write_zip(make_package("M91"))
    reader.post("/studio/import", _file(other, "m.zip"))
    db.session.rollback()
    module = db.session.scalars(select(Module).where(Module.slug.like("module-d-essai%"))).one()
    assert module.unit_id is not None
    assert module.code.startswith("L")


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x05\x06" + bytes(18)])
def test_a_broken_package_is_refused_with_its_reason(officer: Person, reader: Reader, content: bytes) -> None:
    page = reader.post("/studio/import", _file(content, "m.zip" if content else ""), status=422)
    assert "module" in page.text.lower()


def test_a_zip_bomb_is_refused(officer: Person, reader: Reader) -> None:
    packed = io.BytesIO()
    with ZipFile(packed, "w", compression=8) as archive:
        archive.writestr("bombe/module.yaml", b"a" * 60_000_000)
    page = reader.post("/studio/import", _file(packed.getvalue(), "m.zip"), status=422)
    assert "Rien n'a été repris" in page.text


def test_others_do_not_reach_the_exchange(make: Factory, reader: Reader) -> None:
    catalogue.publish(make_package("M90"), NOW)
    person = make.person()
    make.save()
    reader.sign_in(person)
    for place in ("", "/module.zip", "/module.pdf", "/questions.xml"):
        assert reader.raw("GET", f"{ADDRESS}{place}").status_code == 403
    assert reader.raw("GET", "/studio/import").status_code == 403


def test_figures_print_in_colours_of_their_own(officer: Person) -> None:
    folder = Path(__file__).parents[2] / "content" / "modules" / "performances-et-biais"
    package = packages.read_folder(folder)
    pages = "".join(
        str(block.html)
        for lesson in printing.lessons(package, framework.current().facts, "fr")
        for block in lesson.blocks
        if isinstance(block, Prose)
    )
    pictures = re.findall(r'<img src="data:image/svg\+xml;base64,([^"]+)" alt="([^"]+)"', pages)
    assert "<svg" not in pages
    assert pictures
    for data, alternative in pictures:
        assert ElementTree.fromstring(base64.b64decode(data)).tag.endswith("svg")
        assert len(alternative) > 20
