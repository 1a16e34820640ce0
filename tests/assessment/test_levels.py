"""The pages of levels: every level opens to its evidence, in words and as a picture."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import NOW, Factory
from tests.pages import Reader
from training_platform import framework
from training_platform.accounts.models import Person
from training_platform.assessment import service
from training_platform.assessment.models import Evidence, Sitting
from training_platform.db import db


@pytest.fixture
def nurse(make: Factory) -> Person:
    """A nurse who rated herself twice and completed three modules on ALG4, which her role asks at level 2."""
    person = make.person(role="R10")
    for days, level in ((40, 1), (30, 2)):
        service.rate_self(person.id, {"ALG4": level}, NOW - timedelta(days=days))
    for n in range(3):
        service.add_evidence(person.id, "ALG4", "completion", 3.4, f"completion:{n}", NOW - timedelta(days=20 - n))
    make.save()
    return person


def contested(person: Person, make: Factory) -> None:
    """Add an answer that the person contested."""
    sitting = Sitting(person_id=person.id, kind="placement", questions=[], started_at=NOW, contested_at=NOW)
    db.session.add(sitting)
    db.session.flush()
    answer = Evidence(
        person_id=person.id,
        competency="ALG4",
        kind="answer",
        level=4.5,
        correct=False,
        sitting_id=sitting.id,
        key="x",
        at=NOW,
    )
    db.session.add(answer)
    make.save()


def test_a_level_opens_to_its_evidence_and_says_what_confirms_it(nurse: Person, reader: Reader) -> None:
    page = reader.sign_in(nurse).get("/levels/ALG4")
    assert "niveau 3, à confirmer en situation de travail" in page.text
    assert "/portfolio/new?competency=ALG4&level=3" in page.links()
    assert page.text.count("Module terminé, niveau 3") == 3
    assert "Vous vous êtes situé au niveau 2" in page.text
    assert 'class="history-picture"' in page.html
    assert "Ce qui ne compte plus" in page.text
    assert "votre ancienne auto-évaluation, remplacée" in page.text
    profile = reader.get("/levels").text
    assert "niveau 3, à confirmer en situation de travail" in profile
    assert "rien de mesuré encore" in profile


def test_what_was_contested_is_told_apart(nurse: Person, make: Factory, reader: Reader) -> None:
    before = service.levels(nurse.id, ["ALG4"], NOW)["ALG4"]
    contested(nurse, make)
    assert service.levels(nurse.id, ["ALG4"], NOW)["ALG4"] == before
    page = reader.sign_in(nurse).get("/levels/ALG4")
    assert "une réponse que vous avez contestée" in page.text
    assert "réponse juste" not in page.text


def test_proof_that_is_taken_back_counts_nowhere(nurse: Person, make: Factory, reader: Reader) -> None:
    names = list(framework.current().competencies)
    for kind in ("workplace_proof", "validation"):
        service.add_evidence(nurse.id, "ALG4", kind, 3.0, f"proof:1:{kind}", NOW)
    assert service.granted_by_person([nurse.id], names, NOW)[nurse.id]["ALG4"] == 3
    service.void_evidence(nurse.id, "proof:1:", NOW)
    make.save()
    assert service.granted_by_person([nurse.id], names, NOW)[nurse.id]["ALG4"] == 2
    assert service.levels(nurse.id, names, NOW)["ALG4"].granted == 2
    assert "une preuve retirée ou refusée ensuite" in reader.sign_in(nurse).get("/levels/ALG4").text


def test_a_level_granted_on_proof_needs_no_confirmation(nurse: Person, make: Factory, reader: Reader) -> None:
    for kind in ("workplace_proof", "validation"):
        service.add_evidence(nurse.id, "ALG4", kind, 3.0, f"proof:1:{kind}", NOW)
    make.save()
    page = reader.sign_in(nurse).get("/levels/ALG4")
    assert "à confirmer" not in page.text
    assert "niveau visé atteint" in page.text


@pytest.mark.parametrize("language", ["fr", "en"])
def test_pages_are_whole_in_both_languages(nurse: Person, make: Factory, reader: Reader, language: str) -> None:
    nurse.language = language
    contested(nurse, make)
    reader.sign_in(nurse)
    for address in ("/levels", "/levels/ALG4", "/levels/GOV1"):
        assert f'lang="{language}"' in reader.get(address).html
