"""The student director completes T6 from enrolment to a certificate that anyone verifies, with the shipped content."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.certification.journey import Journey, bank_is_ready
from tests.factories import Factory
from tests.pages import Reader
from training_platform.awards import service as awards
from training_platform.catalogue import package
from training_platform.catalogue import service as catalogue

MODULES = Path(__file__).parents[2] / "content" / "modules"


@pytest.fixture
def journey(make: Factory) -> Journey:
    """Publish the shipped catalogue, and make the people of the journey."""
    for folder in sorted(MODULES.iterdir()):
        catalogue.publish(package.read_folder(folder), datetime.now(UTC))
    found = Journey.begin(make)
    make.save()
    return found


@pytest.mark.slow
def test_the_student_director_completes_t6(journey: Journey, make: Factory, reader: Reader) -> None:
    me = Reader(reader.app).sign_in(journey.director)
    page = me.post("/certifications/T6/enrol")
    assert "Vous êtes inscrit" in page.text
    refused = me.post("/certifications/T6/exam", status=422)
    assert "28 modules à faire" in refused.text

    journey.take_modules()
    make.save()
    assert "les épreuves sont ouvertes" in me.get("/certifications/T6").text

    journey.prove_at_work()
    make.save()
    page = me.get("/certifications/T6")
    assert "4 sur 4" in page.text
    assert "30 sur 30" in page.text

    assert bank_is_ready()
    page = me.post("/certifications/T6/exam")
    address = page.response.request.path
    me.post(f"{address}/conduct", {"honest": "1"})
    assert "question 1" in me.post(f"{address}/quiz/start").h1
    journey.answer_quiz()
    make.save()
    assert "C'est rendu" in me.post(f"{address}/quiz/hand-in").text
    me.post(f"{address}/executive_case/start")
    journey.play_cases()
    make.save()
    assert "C'est rendu" in me.post(f"{address}/executive_case/hand-in").text
    me.post(f"{address}/strategy_note/start")
    assert "C'est rendu" in me.post(f"{address}/strategy_note/hand-in", {"body": journey.note}).text

    assert "à venir" in me.get("/certifications/T6").text
    for examiner in journey.examiners:
        theirs = Reader(reader.app).sign_in(examiner)
        for link in sorted(set(re.findall(r"/exams/marking/\d+", theirs.get("/exams/marking/").html))):
            work = theirs.get(link)
            assert journey.director.name not in work.text
            points = dict.fromkeys(re.findall(r'name="(points-\w+)"', work.html), "4")
            comment = "Les faits sont justes, les personnes protégées, la sortie prévue."
            assert "Points gardés" in theirs.post(link, {**points, "comment": comment}).text
    assert "Réussi" in me.get(address).text

    page = me.get("/certifications/T6")
    assert "votre certificat est délivré" in page.text
    number = awards.held(journey.director.id, datetime.now(UTC))["T6"].number
    assert f"/certificates/{number}" in page.links()
    me.get("/certifications/T6")
    assert len(awards.history(journey.director.id, datetime.now(UTC))) == 1

    anyone = Reader(reader.app)
    verified = anyone.get(f"/verify/{number}")
    assert "Pilotage des données et des algorithmes" in verified.text
    assert journey.director.name not in verified.text
    credential = me.raw("GET", f"/certificates/{number}/credential.json").get_json(force=True)
    assert "VerifiableCredential" in credential["type"]
