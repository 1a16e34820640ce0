"""The pages of question statistics, who sees them, and the command."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import NOW, Factory
from tests.item_analysis.given import answered
from tests.packages import make_package
from tests.pages import Reader
from training_platform.accounts.models import Person
from training_platform.assessment.models import CalibrationRun
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.models import Module
from training_platform.db import db
from training_platform.item_analysis import calibration
from training_platform.text import Text

ADDRESS = "/studio/essai-m90/statistics/"
FIRST = f"{ADDRESS}m90-dat1-0-0"


@pytest.fixture
def officer(make: Factory, reader: Reader) -> Person:
    """Publish the trial module and sign a training officer in."""
    catalogue.publish(make_package("M90"), NOW)
    person = make.person()
    make.right(person, "training_officer", make.unit())
    make.save()
    reader.sign_in(person)
    return person


def live() -> int:
    return catalogue.live_by_slug("essai-m90").version_id


def test_without_answers_the_page_says_how_many_it_takes(officer: Person, reader: Reader) -> None:
    page = reader.get(ADDRESS)
    assert "il en faut 50" in page.text
    assert "Trop peu de réponses (0 sur 50)" in page.text
    assert "Attendez d'autres réponses" in reader.get(FIRST).text


def test_measured_questions_show_their_difficulty_and_what_to_do(
    officer: Person, make: Factory, reader: Reader
) -> None:
    answered(make, live(), 230, right=(0.9, 0.3))
    calibration.run("rasch", NOW)
    make.save()
    page = reader.get(ADDRESS)
    assert "8 questions à revoir sur 8" in page.text
    assert page.html.count('class="chart-error"') == 8
    assert "Presque personne ne choisit" in page.text
    one = reader.get(FIRST)
    assert "230 réponses" in one.text
    assert "première moitié" in one.text
    officer.language = "en"
    make.save()
    assert "What to do" in reader.get(FIRST).text


def test_who_may_look_and_what_does_not_exist(officer: Person, make: Factory, reader: Reader) -> None:
    reader.get(f"{ADDRESS}no-such-question", status=404)
    reader.get("/studio/no-such-module/statistics/", status=404)
    draft = catalogue.create_draft(title=Text("Neuf", "New"), domain="DAT", author_id=officer.id, unit_id=None, now=NOW)
    make.save()
    assert "n'est pas publié" in reader.get(f"/studio/{draft.slug}/statistics/", status=404).text
    module = db.session.scalars(select(Module).where(Module.code == "M90")).one()
    module.unit_id = make.unit().id
    make.save()
    reader.get(ADDRESS, status=403)
    reader.sign_in(make.person())
    make.save()
    reader.get(FIRST, status=403)
    assert Reader(reader.app).get(ADDRESS).h1 == "Connexion"


def test_the_command_tells_what_it_found(app: Flask, make: Factory) -> None:
    version = catalogue.publish(make_package("M90"), NOW)
    answered(make, version.id, 60)
    make.save()
    result = app.test_cli_runner().invoke(args=["item", "calibrate", "--model", "2pl"])
    assert result.exit_code == 0, result.output
    assert "DAT1: 480 answers, 8 of 8 questions kept, 0 with a discrimination of their own" in result.output
    assert "2pl: 480 answers, 8 questions calibrated" in result.output
    assert db.session.scalars(select(CalibrationRun)).one().model == "2pl"
    assert app.test_cli_runner().invoke(args=["item", "calibrate", "--model", "3pl"]).exit_code == 2
