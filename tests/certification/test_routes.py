"""The pages of certification and of cohorts, as their readers see them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from tests.certification.test_service import older_enrolment
from tests.exams import making
from tests.factories import NOW, Factory
from tests.packages import make_package
from tests.pages import Reader
from training_platform.accounts.models import Person
from training_platform.awards import service as awards
from training_platform.awards.rules import months_after
from training_platform.catalogue import service as catalogue
from training_platform.certification import cohorts, enrolment, issuing
from training_platform.certification.models import TrackEnrolment
from training_platform.db import db
from training_platform.exams.models import Exam, ExamPartRow
from training_platform.tracks import service as tracks

CONTENT = Path(__file__).parents[2] / "content"


@pytest.fixture
def director(make: Factory) -> Person:
    """A student director, and one module of T6."""
    catalogue.publish(make_package("M06", steps=[{"c": "DAT1", "from": 0, "to": 2}], requires=[]), NOW)
    person = make.person(role="R44", unit=make.unit())
    make.save()
    return person


def test_from_the_list_to_enrolment_pause_and_leaving(director: Person, reader: Reader) -> None:
    reader.sign_in(director)
    links = reader.get("/certifications/").links()
    assert {"/certifications/T6", "/certificates/"} <= set(links)
    assert "/certifications/report/" not in links
    page = reader.get("/certifications/T6")
    assert "M'inscrire" in page.text
    assert "On en sait trop peu" in page.text
    page = reader.post("/certifications/T6/enrol")
    assert "Vous êtes inscrit" in page.text
    assert "Faire ce module" in page.text
    assert "déjà inscrit" in reader.post("/certifications/T6/enrol").text
    assert "En pause" in reader.post("/certifications/T6/pause").text
    assert "C'est reparti" in reader.post("/certifications/T6/resume").text
    assert "restent acquis" in reader.post("/certifications/T6/leave").text
    assert "Inscrivez-vous depuis sa page" in reader.post("/certifications/T6/pause", status=422).text


def test_every_track_has_its_page_in_both_languages(make: Factory, reader: Reader) -> None:
    for language, word in (("fr", "Ce qu'il faut faire maintenant"), ("en", "What to do now")):
        person = make.person(language=language)
        make.save()
        reader.sign_in(person)
        for n in range(1, 7):
            assert word in reader.get(f"/certifications/T{n}").text
    assert reader.get("/certifications/T9", status=404).h1


def test_the_new_version_is_shown_with_what_changes_and_taken_by_choice(
    director: Person, make: Factory, reader: Reader
) -> None:
    older_enrolment(director)
    make.save()
    reader.sign_in(director)
    assert "Voir ce qui change" in reader.get("/certifications/T6").text
    page = reader.get("/certifications/T6/version")
    assert "non demandé demandé" in page.text
    assert "Validité (mois) 24 36" in page.text
    assert "Vous suivez maintenant la version" in reader.post("/certifications/T6/version").text
    assert reader.get("/certifications/T6/version").h1.startswith("Pilotage")


def test_a_cohort_from_its_opening_to_consent_and_withdrawal(director: Person, make: Factory, reader: Reader) -> None:
    officer = make.person()
    make.right(officer, "training_officer", make.unit())
    make.save()
    reader.sign_in(officer)
    page = reader.post("/certifications/cohorts/", {"name": "", "track": "T6"}, status=422)
    assert "Donnez un nom" in page.text
    page = reader.post("/certifications/cohorts/", {"name": "p" * 121, "track": "T6"}, status=422)
    assert "121 caractères, 120 au plus" in page.text
    page = reader.post("/certifications/cohorts/", {"name": "Promotion 2027", "track": "T6"})
    assert "Personne n'a encore rejoint" in page.text
    link = next(link for link in page.links() if "/join/" in link)
    address = link[link.index("/certifications") :]
    reader.sign_in(director)
    page = reader.get(address)
    assert "vos réponses, vos notes, vos niveaux" in page.text
    page = reader.post(address)
    assert f"{officer.name} suit vos progrès" in page.text
    reader.sign_in(officer)
    cohort = cohorts.followed(officer.id, CONTENT)[0]
    page = reader.get(f"/certifications/cohorts/{cohort.id}")
    assert director.name in page.text
    assert "0 sur 28" in page.text
    reader.sign_in(director)
    assert "plus suivi" in reader.post(f"/certifications/cohorts/{cohort.id}/leave").text
    reader.sign_in(officer)
    assert director.name not in reader.get(f"/certifications/cohorts/{cohort.id}").text
    reader.post(f"/certifications/cohorts/{cohort.id}/close")
    reader.sign_in(director)
    reader.get(address, status=404)


@pytest.mark.parametrize(("months_ago", "joins"), [(1, False), (35, True)])
def test_who_is_certified_joins_for_the_renewal_only_and_is_told_when(
    director: Person, make: Factory, reader: Reader, months_ago: int, joins: bool
) -> None:
    officer = make.person()
    make.right(officer, "training_officer", make.unit())
    now = datetime.now(UTC)
    facts = issuing.facts_of(tracks.current(CONTENT)["T6"])
    award = awards.issue(director.id, facts, None, months_after(now, -months_ago))
    cohort = cohorts.create(officer.id, CONTENT, "Promotion", "T6", now)
    make.save()
    address = f"/certifications/cohorts/join/{cohort.code}"
    page = reader.sign_in(director).get(address)
    assert ("J'accepte et je rejoins" in page.text) is joins
    page = reader.post(address, status=200 if joins else 422)
    if joins:
        assert enrolment.require_enrolment(director.id, "T6").purpose == "renewal"
    else:
        assert f"valable jusqu'au {award.expires_at:%d/%m/%Y}" in page.text
        assert f"Dites-le à {officer.name}" in page.text
    assert len(cohorts.joined(director.id, "T6")) == joins


def test_a_learner_follows_nobody(director: Person, reader: Reader) -> None:
    reader.sign_in(director)
    assert reader.get("/certifications/cohorts/", status=403).h1
    assert "/certifications/cohorts/" not in reader.get("/certifications/").links()
    assert reader.get("/certifications/cohorts/7", status=403).h1
    assert reader.get("/certifications/cohorts/join/nonsense", status=404).h1


def test_the_nightly_command_issues_what_is_met_and_nothing_twice(director: Person, make: Factory, app: Flask) -> None:
    track = tracks.current(CONTENT)["T6"]
    easy = track.model_copy(
        update={
            "version": 1,
            "modules": [],
            "electives": track.electives.model_copy(update={"choose": 0, "among": []}),
            "min_levels": {},
            "evidence": [],
        }
    )
    version = tracks.version_id(easy, NOW)
    db.session.add(TrackEnrolment(person_id=director.id, track_id="T6", track_version_id=version, started_at=NOW))
    exam = Exam(
        person_id=director.id,
        track_id="T6",
        track_version_id=version,
        purpose="award",
        candidate="1",
        opened_at=NOW,
        closed_at=NOW,
        outcome="passed",
    )
    db.session.add(exam)
    make.save()
    command = app.test_cli_runner()
    assert "1 certificates issued" in command.invoke(args=["certification", "conclude"]).output
    assert "0 certificates issued" in command.invoke(args=["certification", "conclude"]).output


def test_examiners_hear_once_of_work_although_the_nightly_command_fails_after_them(
    make: Factory, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = making.hall(make)
    making.opened(people.candidate, making.track())
    db.session.execute(
        update(ExamPartRow)
        .where(ExamPartRow.part_id == "note")
        .values(started_at=NOW, ends_at=NOW + timedelta(minutes=5), body="une note de plus de cinq mots")
    )
    make.save()
    inbox, command = Path(app.extensions["settings"].mail.removeprefix("file://")), app.test_cli_runner()
    before = len(list(inbox.glob("*.eml")))

    def down() -> list[int]:
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr(issuing, "to_conclude", down)
        assert command.invoke(args=["certification", "conclude"]).exit_code == 1
    assert len(list(inbox.glob("*.eml"))) == before + 3
    db.session.rollback()
    assert "0 examiners told" in command.invoke(args=["certification", "conclude"]).output
    assert len(list(inbox.glob("*.eml"))) == before + 3


def test_a_refusal_says_what_is_left_and_where_to_go(director: Person, reader: Reader) -> None:
    reader.sign_in(director)
    reader.post("/certifications/T6/enrol")
    page = reader.post("/certifications/T6/exam", status=422)
    assert "28 modules à faire, 3 modules au choix" in page.text
    assert "Le plus court chemin est sur la page" in page.text
