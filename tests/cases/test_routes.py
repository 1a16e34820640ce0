"""The cases through their pages, played to the end in both languages, and what may go wrong on the way."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event, func, select

from tests.conftest import ROOT
from tests.factories import Factory
from tests.pages import Page, Reader
from training_platform.accounts.models import Person
from training_platform.cases.format import Case
from training_platform.cases.models import CaseDecision
from training_platform.cases.package import read_cases
from training_platform.db import db

CASES = read_cases(ROOT / "content")
SLUG = "valmont-alerte-sepsis"
HOME = f"/cases/{SLUG}"
ACTION = re.compile(r'action="(/cases/[\w-]+/plays/\d+/decisions/[\w-]+)"')
WHY = "Parce que la moyenne cache un groupe, et que la règle d'arrêt est écrite d'avance."


def play(reader: Reader, case: Case, score: int) -> Page:
    """Play a case, taking the first choice with this score where there is one; return the debrief."""
    page = reader.post(f"/cases/{case.slug}/plays")
    while match := ACTION.search(page.html):
        decision = case.by_id[match.group(1).rsplit("/", 1)[-1]]
        offered = [choice for choice in decision.choices if f'value="{choice.id}"' in page.html]
        choice = min(offered, key=lambda c: abs(c.score - score))
        after = reader.post(match.group(1), {"choice": choice.id, "reason": WHY})
        assert after.h1 in ("Ce qui s'ensuit", "What follows")
        page = reader.get(match.group(1).split("/decisions/")[0])
    return page


@pytest.fixture
def learner(make: Factory, reader: Reader) -> Person:
    person = make.person(role="R44")
    make.save()
    reader.sign_in(person)
    return person


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_case_is_played_to_its_debrief(make: Factory, reader: Reader, case: Case, language: str) -> None:
    person = make.person(role="R44", language=language)
    make.save()
    reader.sign_in(person)
    assert case.title[language] in reader.get("/cases/").text.replace("\N{NO-BREAK SPACE}", " ").replace(
        "\N{NARROW NO-BREAK SPACE}", " "
    )
    assert not re.search(r"\{\w+\}|\[\^", reader.get(f"/cases/{case.slug}").text)
    page = play(reader, case, 3)
    assert page.h1.startswith("Débriefing" if language == "fr" else "Debrief")
    assert not re.search(r"\{\w+\}|\[\^", page.text)
    assert re.search(r"(\d+) / \1\.", page.text)
    worst = play(reader, case, 0)
    assert ("éliminatoire" if language == "fr" else "eliminatory") in worst.text


def test_one_resumes_exactly_where_one_stopped_on_another_device(learner: Person, reader: Reader) -> None:
    page = reader.post(f"{HOME}/plays")
    address = ACTION.search(page.html)
    assert address
    reader.post(address.group(1), {"choice": "demander"})
    phone = Reader(reader.app).sign_in(learner)
    assert "Reprendre à la décision 2" in phone.get(HOME).text
    assert "en cours" in phone.get("/cases/").text
    assert phone.post(f"{HOME}/plays").h1.startswith("Décision 2")
    assert reader.get(address.group(1)).h1 == "Ce qui s'ensuit"


def test_a_second_answer_to_the_same_decision_changes_nothing(learner: Person, reader: Reader) -> None:
    address = ACTION.search(reader.post(f"{HOME}/plays").html)
    assert address
    reader.post(address.group(1), {"choice": "demander"})
    again = reader.post(address.group(1), {"choice": "signer"})
    assert "la première réponse est gardée" in again.text
    assert "Par âge, nous n'avons pas" in again.text
    assert db.session.scalar(select(func.count()).select_from(CaseDecision)) == 1


def test_a_bad_answer_keeps_what_was_typed_and_says_where(learner: Person, reader: Reader) -> None:
    address = ACTION.search(reader.post(f"{HOME}/plays").html)
    assert address
    assert "Choisissez une décision" in reader.post(address.group(1), {}, status=422).text
    reader.post(address.group(1), {"choice": "demander"})
    following = ACTION.search(reader.get(address.group(1).split("/decisions/")[0]).html)
    assert following
    page = reader.post(following.group(1), {"choice": "deux", "reason": "<b>court</b>"}, status=422)
    assert "Écrivez votre raison" in page.text
    assert "&lt;b&gt;court&lt;/b&gt;" in page.html
    assert re.search(r'value="deux" id="choice-deux" checked', page.html)
    long = reader.post(following.group(1), {"choice": "deux", "reason": "x" * 4001}, status=422)
    assert "4 001 caractères, 4 000 au plus" in long.text
    assert "x" * 4001 in long.html


def test_a_decision_ahead_a_foreign_play_and_an_unknown_case_are_refused(
    learner: Person, make: Factory, reader: Reader
) -> None:
    address = ACTION.search(reader.post(f"{HOME}/plays").html)
    assert address
    play_address = address.group(1).split("/decisions/")[0]
    assert "pas encore" in reader.post(f"{play_address}/decisions/bilan", {"choice": "regle"}, status=422).text
    assert reader.get(f"{play_address}/decisions/bilan").h1.startswith("Décision 1")
    assert reader.get(f"{play_address}/debrief").h1.startswith("Décision 1"), "no debrief before the end"
    assert "Terminez d'abord" in reader.post(f"{play_address}/marks", status=422).text
    other = make.person()
    make.save()
    stranger = Reader(reader.app).sign_in(other)
    stranger.get(play_address, 404)
    stranger.post(address.group(1), {"choice": "signer"}, status=404)
    reader.get("/cases/nowhere", 404)
    assert Reader(reader.app).get("/cases/").h1 != "Cas de gouvernance"


def test_one_marks_the_reasons_and_begins_again(learner: Person, reader: Reader) -> None:
    page = play(reader, CASES[SLUG], 3)
    marks = re.search(r'action="([^"]+/marks)"', page.html)
    assert marks
    whole = {
        f"met-{decision.id}": [criterion.id for criterion in decision.rubric]
        for decision in CASES[SLUG].decisions
        if decision.reason
    }
    marked = reader.post(marks.group(1), whole)
    assert "100 %" in marked.text.replace("\N{NO-BREAK SPACE}", " ")
    again = reader.post(f"{HOME}/restart")
    assert again.h1.startswith("Décision 1")
    assert "Débriefing du" in reader.get(HOME).text
    assert "Laissée" not in reader.get(HOME).text


def test_modules_and_the_certification_lead_to_the_cases(learner: Person, reader: Reader) -> None:
    assert HOME in reader.get("/certifications/T6").links()
    assert HOME not in reader.get("/certifications/T1").links()
    assert "/cases/" in reader.get("/modules/").links()


def test_the_list_costs_the_same_however_many_plays(learner: Person, reader: Reader) -> None:
    def queries() -> int:
        count = 0

        def seen(*_: object) -> None:
            nonlocal count
            count += 1

        event.listen(db.engine, "before_cursor_execute", seen)
        reader.get("/cases/")
        event.remove(db.engine, "before_cursor_execute", seen)
        return count

    play(reader, CASES[SLUG], 3)
    one = queries()
    play(reader, CASES[SLUG], 0)
    assert queries() == one
