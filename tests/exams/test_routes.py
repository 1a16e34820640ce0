"""The pages of exams as candidates, examiners and officers see them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.exams.making import CASE, LIBRARY, QUIZ, ROOM, TEXT, Hall, hall, publish, track
from tests.factories import Factory
from tests.pages import Page, Reader
from training_platform.cases import rules as case_rules
from training_platform.db import db
from training_platform.exams import cases as exam_cases
from training_platform.exams import service
from training_platform.exams.models import ExamItem, ExamPartRow

NOTE = "Ma note a bien plus de cinq mots et reste sous mon numéro."


@pytest.fixture
def people(make: Factory) -> Hall:
    """A candidate with an open exam, three examiners, an officer."""
    publish()
    people = hall(make)
    make.save()
    return people


def opened(people: Hall, make: Factory, *parts: dict[str, object]) -> str:
    """Open an exam of these parts and return its address."""
    exam_id = service.open_exam(people.candidate.id, track(list(parts) or None), "award", datetime.now(UTC))
    make.save()
    return f"/exams/{exam_id}"


def accept(reader: Reader, address: str) -> Page:
    return reader.post(f"{address}/conduct", {"honest": "1"})


def row_of(address: str, part_id: str) -> int:
    query = select(ExamPartRow.id).where(ExamPartRow.exam_id == int(address.split("/")[2]))
    return db.session.scalars(query.where(ExamPartRow.part_id == part_id)).one()


def test_a_candidate_accepts_then_answers_resumes_and_hands_in(people: Hall, make: Factory, reader: Reader) -> None:
    address = opened(people, make, QUIZ)
    reader.sign_in(people.candidate)
    page = reader.get(address)
    assert "ni caméra, ni micro" in page.text
    assert "Commencer" not in page.text
    assert "Cochez l'engagement" in reader.post(f"{address}/conduct").text
    assert "Commencer" in accept(reader, address).text
    page = reader.post(f"{address}/quiz/start")
    assert page.h1 == "Quiz, question 1 sur 6"
    assert re.search(r"Il reste (30|29) min", page.text)
    assert "Choisissez une réponse" in reader.post(f"{address}/quiz/1", status=422).text
    page = reader.post(f"{address}/quiz/1", {"choice": "b"})
    assert page.h1 == "Quiz, question 2 sur 6"
    assert "Réponses enregistrées : 1 sur 6" in page.text
    again = Reader(reader.app).sign_in(people.candidate).get(f"{address}/quiz?n=1")
    assert re.search(r'value="b" id="q1-b" checked', again.html)
    assert reader.post_json(f"{address}/quiz/2", {}, 200)["incomplete"]
    for place in range(1, 7):
        reader.post(f"{address}/quiz/{place}", {"choice": "b"})
    page = reader.post(f"{address}/quiz/hand-in")
    assert "C'est rendu" in page.text
    assert "Réussi, 100 %" in page.text
    assert "C'est rendu" in reader.post(f"{address}/quiz/hand-in").text
    assert "trop tard" in reader.post(f"{address}/quiz/1", {"choice": "a"}, status=422).text
    assert reader.get(f"{address}/quiz").h1.startswith("Épreuves")


def test_the_first_page_leads_back_to_an_exam_under_way(people: Hall, make: Factory, reader: Reader) -> None:
    address = opened(people, make, QUIZ)
    reader.sign_in(people.candidate)
    accept(reader, address)
    assert address not in reader.get("/").links()
    reader.post(f"{address}/quiz/start")
    assert address in reader.get("/").links()
    assert address not in Reader(reader.app).sign_in(people.first).get("/").links()
    end = db.session.scalars(select(ExamPartRow.ends_at)).one()
    late = datetime.now(UTC) - timedelta(minutes=40)
    db.session.execute(update(ExamPartRow).values(ends_at=late))
    make.save()
    assert address not in reader.get("/").links()
    db.session.execute(update(ExamPartRow).values(ends_at=end))
    make.save()
    reader.post(f"{address}/quiz/hand-in")
    assert address not in reader.get("/").links()


def test_a_script_saves_and_is_told_so_or_why_not(people: Hall, make: Factory, reader: Reader) -> None:
    address = opened(people, make, QUIZ)
    reader.sign_in(people.candidate)
    accept(reader, address)
    reader.post(f"{address}/quiz/start")
    headers = {"Accept": "application/json"}

    def save(place: int) -> tuple[int, dict[str, object]]:
        data = {"choice": "b", "csrf_token": reader.token()}
        answer = reader.raw("POST", f"{address}/quiz/{place}", data=data, headers=headers)
        return answer.status_code, answer.get_json()

    assert save(1) == (200, {"saved": True})
    assert save(99)[0] == 404
    late = datetime.now(UTC) - timedelta(minutes=40)
    db.session.execute(update(ExamPartRow).values(started_at=late, ends_at=late + timedelta(minutes=30)))
    make.save()
    status, said = save(2)
    assert status == 422
    assert "écoulé" in str(said["error"])
    assert reader.get(address).text.count("1 chance") == 0
    given = list(db.session.scalars(select(ExamItem.given).order_by(ExamItem.place)))
    assert given[0] == {"choices": ["b"]}
    assert given[1] is None


def test_an_order_a_match_and_a_number_come_back_as_they_were_given() -> None:
    from training_platform.exams.routes import _filled

    assert _filled({"order": ["x", "y"]}).to_dict() == {"order-x": "1", "order-y": "2"}
    assert _filled({"pairs": {"l": "r"}}).to_dict() == {"match-l": "r"}
    assert _filled({"number": 12.5}).to_dict() == {"number": "12.5"}
    assert _filled({"unknown": True}).to_dict() == {}
    assert _filled(None).to_dict() == {}


def test_a_text_is_saved_then_handed_in_and_marked_by_two(people: Hall, make: Factory, reader: Reader) -> None:
    address = opened(people, make, TEXT)
    reader.sign_in(people.candidate)
    accept(reader, address)
    reader.post(f"{address}/note/start")
    assert "Texte enregistré" in reader.post(f"{address}/note/text", {"body": "trop court"}).text
    page = reader.post(f"{address}/note/hand-in", {"body": "encore court"})
    assert "il en faut 5 au moins" in page.text
    assert "encore court" in reader.get(f"{address}/note").html, "kept, as the sentence says"
    page = reader.post(f"{address}/note/hand-in", {"body": NOTE})
    assert "Deux examinateurs notent" in page.text
    row = row_of(address, "note")
    marks = {"points-facts": "4", "points-exit": "3", "comment": "Une note claire et tenable."}
    for examiner in (people.first, people.second):
        reader.sign_in(examiner)
        page = reader.get("/exams/marking/")
        assert people.candidate.name not in page.text
        assert f"/exams/marking/{row}" in page.links()
        page = reader.get(f"/exams/marking/{row}")
        assert NOTE in page.text
        assert people.candidate.name not in page.text
        page = reader.post(f"/exams/marking/{row}", {"points-facts": "4"}, status=422)
        assert "Donnez de 0 à 4 points" in page.text
        assert "Points gardés" in reader.post(f"/exams/marking/{row}", marks).text
        assert "Vous avez déjà noté" in reader.get(f"/exams/marking/{row}", status=422).text
    page = reader.sign_in(people.candidate).get(address)
    assert "Réussi, 88 %" in page.text
    assert page.text.count("Une note claire") == 2
    assert people.first.name not in page.text


def test_a_text_too_long_to_keep_is_refused_whole_by_hand_and_by_script(
    people: Hall, make: Factory, reader: Reader
) -> None:
    address = opened(people, make, TEXT)
    reader.sign_in(people.candidate)
    accept(reader, address)
    assert "60 000 caractères au plus" in reader.post(f"{address}/note/start").text
    body = "mot " * 15_000 + "la fin"
    for act in ("text", "hand-in"):
        page = reader.post(f"{address}/note/{act}", {"body": body}, status=422)
        assert "Votre texte a 60 006 caractères" in page.text
        assert "la fin</textarea>" in page.html, "what was typed is kept"
    data = {"body": body, "csrf_token": reader.token()}
    answer = reader.raw("POST", f"{address}/note/text", data=data, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert "60 006" in re.sub(r"\s", " ", answer.get_json()["error"])


def test_a_case_is_played_decision_by_decision(people: Hall, make: Factory, reader: Reader) -> None:
    address = opened(people, make, CASE)
    reader.sign_in(people.candidate)
    accept(reader, address)
    page = reader.post(f"{address}/case/start")
    assert page.h1 == "Cas"
    row = db.session.get_one(ExamPartRow, row_of(address, "case"))
    turns = 0
    while (one := exam_cases.played(row, LIBRARY)[0]).play.open is not None:
        decision = one.play.open.id
        link = f"{address}/case/cases/{one.slug}/{decision}"
        assert "Choisissez une décision" in reader.post(link, {"reason": "r" * 30}, status=422).text
        choice = max(case_rules.offered(one.play), key=lambda choice: choice.score).id
        reader.post(link, {"choice": choice, "reason": "Les mesures du site le demandent clairement."})
        db.session.expire_all()
        turns += 1
    assert turns >= 3
    assert "Toutes les décisions" in reader.get(f"{address}/case").text
    assert "C'est rendu" in reader.post(f"{address}/case/hand-in").text
    page = reader.sign_in(people.first).get(f"/exams/marking/{row.id}")
    assert "Les mesures du site" in page.text


def test_the_result_says_what_lacks_and_an_appeal_goes_to_somebody_else(
    people: Hall, make: Factory, reader: Reader
) -> None:
    address = opened(people, make, ROOM)
    reader.sign_in(people.candidate)
    assert "En salle" in accept(reader, address).text
    row = row_of(address, "board")
    marks = {"points-facts": "0", "points-exit": "1", "comment": "Rien n'était préparé pour la sortie."}
    for examiner in (people.first, people.second):
        reader.sign_in(examiner).post(f"/exams/marking/{row}", {**marks, "faults": "no_exit"})
    reader.sign_in(people.candidate)
    page = reader.get(address)
    assert "Pas encore réussi, 12 %" in page.text
    assert "Faute éliminatoire : pas de sortie" in page.text
    reason = "La question posée ne figurait pas dans le dossier remis avant l'épreuve."
    short = reader.post(f"{address}/appeal", {"reason": "C'est injuste."}, status=422)
    assert "ce que vous contestez" in short.text
    assert "C'est injuste." in short.text, "what was typed is kept"
    assert "Votre recours est déposé" in reader.post(f"{address}/appeal", {"reason": reason}).text
    reader.sign_in(people.officer)
    page = reader.get("/exams/office/")
    assert reason in page.text
    assert people.candidate.name not in page.text
    appeal = re.search(r"/exams/office/appeals/(\d+)", page.html)
    assert appeal is not None
    short = reader.post(appeal.group(0), {"decision": "upheld", "answer": "Trop court."}, status=422)
    assert "motivez-la" in short.text
    assert "Trop court." in short.text
    assert 'value="upheld" checked' in short.html
    page = reader.post(appeal.group(0), {"decision": "upheld", "answer": reason})
    assert "La décision est rendue" in page.text
    assert "Épreuve annulée après recours" in reader.sign_in(people.candidate).get(address).text


def test_an_officer_grants_extra_time_and_sees_what_banks_lack(people: Hall, make: Factory, reader: Reader) -> None:
    reader.sign_in(people.officer)
    page = reader.get("/exams/office/")
    assert "l'épreuve ne s'ouvre pas" in page.text
    page = reader.post("/exams/office/extra-time", {"email": "nobody@example.org", "extra": "33"}, status=422)
    assert "Personne à cette adresse" in page.text
    asked = {"email": people.candidate.email, "extra": "33", "note": "n° 12"}
    long = reader.post("/exams/office/extra-time", asked | {"note": "n" * 401}, status=422)
    assert "401 caractères, 400 au plus" in long.text
    assert "n" * 401 in long.html
    page = reader.post("/exams/office/extra-time", asked)
    assert "+ 33 %" in page.text
    end = re.search(r"/exams/office/extra-time/\d+/end", page.html)
    assert end is not None
    address = opened(people, make)
    assert "33 %" in reader.sign_in(people.candidate).get(address).text
    assert "terminé" in reader.sign_in(people.officer).post(end.group(0)).text
    reader.post(end.group(0).replace("extra-time/", "extra-time/9"), status=404)


def test_pages_are_for_those_who_hold_the_right_and_say_so(people: Hall, make: Factory, reader: Reader) -> None:
    address = opened(people, make)
    reader.sign_in(people.candidate)
    assert "examinateur" in reader.get("/exams/marking/", status=403).text
    reader.get("/exams/office/", status=403)
    reader.sign_in(people.officer)
    reader.get(address, status=404)
    reader.get("/exams/marking/", status=403)
    make.right(people.candidate, "examiner", people.hospital)
    make.save()
    reader.sign_in(people.candidate)
    accept(reader, address)
    assert "sa propre épreuve" in reader.get(f"/exams/marking/{row_of(address, 'board')}", status=403).text
    reader.get("/exams/marking/9999", status=404)


def test_the_pages_exist_in_english(people: Hall, make: Factory, reader: Reader) -> None:
    people.candidate.language = people.first.language = people.officer.language = "en"
    address = opened(people, make)
    reader.sign_in(people.candidate)
    assert "no camera, no microphone" in reader.get(address).text
    accept(reader, address)
    assert reader.post(f"{address}/quiz/start").h1 == "Quiz, question 1 of 6"
    assert "Hand the text in" in reader.post(f"{address}/note/start").text
    assert reader.post(f"{address}/case/start").h1 == "Case"
    assert reader.sign_in(people.first).get("/exams/marking/").h1 == "Work to mark"
    assert "Hand my points in" in reader.get(f"/exams/marking/{row_of(address, 'board')}").text
    assert reader.sign_in(people.officer).get("/exams/office/").h1 == "Run the exams"
