"""The portfolio through its pages: writing, sending, deciding, and what is refused at the field."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

from tests.factories import NOW, Factory
from tests.pages import Page, Reader
from tests.portfolio.files import pdf, picture
from tests.portfolio.making import REASON, WORDS, Ward, draft, handed_in, make_ward
from training_platform.assessment.models import Evidence
from training_platform.db import db
from training_platform.portfolio import writing
from training_platform.portfolio.files import CleanFile
from training_platform.portfolio.models import Proof, ProofDecision, ProofFile


@pytest.fixture
def ward(make: Factory) -> Ward:
    return make_ward(make)


def fields(**changes: Any) -> dict[str, Any]:
    """Return the fields of a whole form, some changed."""
    whole = {"title": "Fiche de reprise", "description": WORDS, "competency-1": "ALG4", "level-1": "3"}
    return {**whole, "anonymous": "yes", "act": "submit", **changes}


def upload(name: str, content: bytes) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def saved(make: Factory, proof: int) -> int:
    make.save()
    return proof


def test_from_the_form_to_two_opinions(ward: Ward, reader: Reader) -> None:
    nurse = reader.sign_in(ward.nurse)
    form = nurse.get("/portfolio/new?competency=ALG4&level=3")
    assert re.search(r'value="ALG4" selected', form.html)
    page = nurse.post("/portfolio/new", fields(files=[upload("fiche.pdf", pdf()), upload("photo.png", picture())]))
    assert page.h1 == "Fiche de reprise"
    assert "chez votre cadre" in page.text
    assert "« fiche.pdf »" in page.text.replace("\xa0", " ")
    proof = db.session.scalar(select(Proof.id))

    manager = Reader(reader.app).sign_in(ward.manager)
    assert "1 preuve de terrain attend votre avis" in manager.get("/").text.replace("\xa0", " ")
    assert ward.nurse.name in manager.get("/portfolio/to-validate").text
    assert "Vous décidez en tant que cadre" in manager.get(f"/portfolio/{proof}").text
    again = manager.post(f"/portfolio/{proof}/versions/1/validated", {"reason": "ok"}, status=422)
    assert "Écrivez votre raison" in again.text
    wrong = manager.post(f"/portfolio/{proof}/versions/1/validated", {"reason": REASON, "second": "x@y.z"}, status=422)
    assert REASON in wrong.html
    assert "Personne n'est connu à cette adresse" in wrong.text
    decided = manager.post(f"/portfolio/{proof}/versions/1/validated", {"reason": REASON})
    assert "second avis attendu" in decided.text
    assert "Vous avez déjà décidé" in decided.text

    officer = Reader(reader.app).sign_in(ward.officer)
    officer.post(f"/portfolio/{proof}/comments", {"comment": "Qui l'a relue ?"})
    assert "Qui l'a relue ?" in nurse.get(f"/portfolio/{proof}").text.replace("\N{NARROW NO-BREAK SPACE}", " ")
    officer.post(f"/portfolio/{proof}/versions/1/validated", {"reason": REASON})
    assert "acceptée" in nurse.get("/portfolio/").text
    assert "Validation par un second évaluateur, niveau 3" in nurse.get("/levels/ALG4").text


def test_a_refused_proof_is_taken_up_again(ward: Ward, reader: Reader, make: Factory) -> None:
    proof = saved(make, handed_in(ward))
    manager = Reader(reader.app).sign_in(ward.manager)
    manager.post(f"/portfolio/{proof}/versions/1/refused", {"reason": "Il manque la date de l'essai."})
    nurse = reader.sign_in(ward.nurse)
    assert "Il manque la date" in nurse.get(f"/portfolio/{proof}").text
    form = nurse.post(f"/portfolio/{proof}/revise")
    assert WORDS.split("'")[1] in form.html
    sent = nurse.post(f"/portfolio/{proof}/edit", fields(description=WORDS + " Le 3 novembre."))
    assert "version 2" in sent.text
    assert "Versions précédentes" in sent.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": " "}, "Donnez un titre"),
        ({"title": "t" * 121}, "121 caractères, 120 au plus"),
        ({"description": "d" * 20_001}, "20 001 caractères, 20 000 au plus"),
        ({"description": "court"}, "Décrivez ce que vous avez fait"),
        ({"competency-1": ""}, "Dites à quoi sert cette preuve"),
        ({"level-1": ""}, "Choisissez le niveau"),
        ({"level-1": "5"}, "Choisissez le niveau"),
        ({"competency-2": "ALG4", "level-2": "3"}, "déjà dans la liste"),
        ({"anonymous": ""}, "aucun patient ni collègue ne doit y être reconnaissable"),
        ({"files": [upload("virus.exe", b"MZ")]}, "Le nom de ce fichier n'est pas sûr"),
        ({"files": [upload("photo.pdf", picture())]}, "Exportez-le en PDF"),
        ({"files": [upload("a.pdf", pdf(b"<</S /JavaScript>>"))]}, "Imprimez-le en PDF"),
        ({"files": [upload(f"{n}.pdf", pdf()) for n in range(4)]}, "3 fichiers au plus"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    ward: Ward, reader: Reader, changes: dict[str, Any], said: str
) -> None:
    page = reader.sign_in(ward.nurse).post("/portfolio/new", fields(**changes), status=422)
    assert said in page.text
    assert "À corriger avant de continuer" in page.text
    if "description" not in changes:
        assert "essayée avec l" in page.html
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Proof)) == 0


def send(reader: Reader, content: bytes, status: int) -> Page:
    """Send a large file from memory (the client of Werkzeug would leave a temporary file open)."""
    whole = fields(csrf_token=reader.token(), files=FileStorage(io.BytesIO(content), "a.pdf"))
    body, length, boundary = stream_encode_multipart(whole, use_tempfile=False)
    answer = reader.raw(
        "POST",
        "/portfolio/new",
        input_stream=body,
        content_length=length,
        content_type=f"multipart/form-data; boundary={boundary}",
    )
    assert answer.status_code == status
    return Page(answer)


def test_what_is_too_large_is_refused(ward: Ward, reader: Reader) -> None:
    reader.sign_in(ward.nurse)
    too_large = send(reader, pdf(b"0" * 6 * 1024 * 1024), 422)
    assert "dépasse 5 Mo" in too_large.text
    assert "essayée avec l" in too_large.html
    assert "trop volumineux" in send(reader, b"0" * 17 * 1024 * 1024, 413).text


def test_without_a_manager_the_draft_stays(ward: Ward, reader: Reader) -> None:
    page = reader.sign_in(ward.stranger).post("/portfolio/new", fields())
    assert "Aucun cadre n'est encore désigné" in page.text
    assert db.session.scalar(select(Proof.state)) == "draft"


def test_a_file_leaves_only_as_an_attachment_and_only_to_those_who_assess(
    ward: Ward, reader: Reader, make: Factory
) -> None:
    file = CleanFile(name="été « 1 ».pdf", media_type="application/pdf", content=pdf())
    proof = saved(make, handed_in(ward, file))
    address = f"/portfolio/{proof}/files/{db.session.scalar(select(ProofFile.id))}"
    answer = Reader(reader.app).sign_in(ward.manager).raw("GET", address)
    assert answer.data == pdf()
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["Cache-Control"] == "no-store"
    for outsider in (ward.colleague, ward.stranger):
        Reader(reader.app).sign_in(outsider).get(address, status=404)
    assert reader.raw("GET", address).status_code == 302


def test_strangers_owners_and_late_assessors_are_told_why(ward: Ward, reader: Reader, make: Factory) -> None:
    proof = saved(make, handed_in(ward))
    decide = f"/portfolio/{proof}/versions/1/validated"
    own = reader.sign_in(ward.nurse)
    assert "Personne ne décide de sa propre preuve" in own.post(decide, {"reason": REASON}, status=403).text
    stranger = Reader(reader.app).sign_in(ward.stranger)
    assert "une structure sur laquelle" in stranger.post(decide, {"reason": REASON}, status=403).text
    own.post(f"/portfolio/{proof}/withdraw")
    manager = Reader(reader.app).sign_in(ward.manager)
    assert "elle est retirée" in manager.post(decide, {"reason": REASON}, status=422).text
    assert "est chez les évaluateurs" not in own.get(f"/portfolio/{proof}").text
    own.post(f"/portfolio/{proof}/revise")
    own.post(f"/portfolio/{proof}/edit", fields())
    assert "est chez les évaluateurs" in own.post(f"/portfolio/{proof}/edit", fields(), status=422).text


def test_each_is_told_by_mail_in_their_language(ward: Ward, reader: Reader, make: Factory) -> None:
    ward.nurse.language = "en"
    proof = saved(make, handed_in(ward))
    folder = reader.app.extensions["settings"].instance_folder / "mail"
    for old in folder.glob("*.eml") if folder.exists() else ():
        old.unlink()
    manager = Reader(reader.app).sign_in(ward.manager)
    for _ in range(2):
        manager.post(f"/portfolio/{proof}/versions/1/validated", {"reason": REASON, "second": ward.colleague.email})
    sent = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in folder.glob("*.eml")]
    assert {(m["To"], m["Subject"]) for m in sent} == {
        (ward.nurse.email, "Your proof has a first favourable opinion"),
        (ward.colleague.email, "Votre second avis est demandé sur une preuve"),
    }
    assert len(sent) == 2
    assert all(f"/portfolio/{proof}" in m.get_content() for m in sent)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_is_whole_in_both_languages(ward: Ward, reader: Reader, make: Factory, language: str) -> None:
    ward.nurse.language = ward.manager.language = language
    proofs = [handed_in(ward, track_id="T2") for _ in range(2)]
    proofs.append(writing.save(ward.nurse.id, None, draft(), NOW).id)
    make.save()
    pages: list[Page] = []
    for person, addresses in (
        (ward.nurse, ["/portfolio/", "/portfolio/new?track=T6", f"/portfolio/{proofs[2]}/edit"]),
        (ward.manager, ["/portfolio/to-validate", "/portfolio/"]),
    ):
        session = Reader(reader.app).sign_in(person)
        pages += [session.get(address) for address in addresses]
        pages += [session.get(f"/portfolio/{proof}") for proof in proofs[:2]]
    assert all(f'lang="{language}"' in page.html for page in pages)
    assert "Pilotage des données" in pages[1].text or "Steering data" in pages[1].text
    assert "Certification T" not in "".join(page.text for page in pages)


def test_two_managers_deciding_at_the_same_moment_are_both_heard_or_told(
    ward: Ward, reader: Reader, make: Factory
) -> None:
    """Whoever comes second becomes the second assessor, or learns that the proof changed; nothing is half done."""
    proof = saved(make, handed_in(ward))
    sessions = [Reader(reader.app).sign_in(person) for person in (ward.manager, ward.other_manager)]
    tokens = [session.token() for session in sessions]
    together = Barrier(2)

    def decide(n: int) -> int:
        together.wait()
        data = {"csrf_token": tokens[n], "reason": REASON}
        return sessions[n].raw("POST", f"/portfolio/{proof}/versions/1/validated", data=data).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(decide, range(2)))
    assert set(answers) <= {302, 422}
    kept = answers.count(302)
    db.session.rollback()
    places = set(db.session.scalars(select(ProofDecision.place)))
    assert places == set(range(1, kept + 1))
    assert db.session.scalar(select(Proof.state)) == {1: "validated_once", 2: "accepted"}[kept]
    counted = db.session.scalar(select(func.count()).select_from(Evidence))
    assert counted == kept
