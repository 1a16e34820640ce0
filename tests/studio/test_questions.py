"""Questions as forms: every kind written without script, rows and kinds changed, tried, copied, taken out, brought back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import NOW, Factory
from tests.packages import make_package
from tests.pages import Page, Reader
from tests.studio.forms import fields
from training_platform.accounts.models import Person
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import PracticeQuestion
from training_platform.framework.rules import Framework
from training_platform.studio import questions, service
from training_platform.studio.rules.merging import key_of
from training_platform.text import Text

LITTLE = Framework(
    version="", scale=(), domains={}, competencies={}, families={}, horizons={}, roles={}, facts={},
    evidence_rule=Text("", ""), granted_with_proof=frozenset(),
)  # fmt: skip
"""All that a form of a question asks of the framework."""
BANK = "/studio/essai-m90/questions"
ONE = f"{BANK}/bank/m90-dat1-0-0"


@pytest.fixture
def officer(make: Factory, reader: Reader) -> Person:
    """Publish the trial module and sign a training officer in."""
    catalogue.publish(make_package("M90"), NOW)
    person = make.person()
    make.right(person, "training_officer", make.unit())
    make.save()
    reader.sign_in(person)
    return person


def stored(officer: Person, key: str = "m90-dat1-0-0", owner: str = "bank") -> PracticeQuestion:
    """Return a question of the draft."""
    return questions.question_of(service.working_copy(service.editable(officer.id, "essai-m90")), owner, key)


def send(reader: Reader, page: Page, address: str = ONE, status: int = 200, **changes: str) -> Page:
    """Send the form of a question, changed."""
    return reader.post(address, fields(page, "question", **changes), status=status)


def test_every_part_of_a_question_is_written_by_form(officer: Person, reader: Reader) -> None:
    page = reader.get(ONE)
    send(
        reader, page, scene_fr="Aux urgences.", scene_en="In A&E.", difficulty="harder", discrimination="high",
        safety="1", reserved="1", facts="aia-05", family_LOGI="1", option_1_why_fr="Parce que.", option_4_fr="Une de plus",
        option_4_en="One more", option_4_why_fr="Non.", option_4_why_en="No.",
    )  # fmt: skip
    question = stored(officer)
    assert question.scene is not None
    assert question.scene.en == "In A&E."
    assert (question.facts, question.families, question.safety) == (["AIA-05"], ["LOGI"], True)
    assert [option.id for option in question.options] == ["a", "b", "c", "d"]
    package = service.working_copy(service.editable(officer.id, "essai-m90"))
    assert (package.questions[0].difficulty, package.questions[0].reserved) == ("harder", True)
    assert package.head.facts == ["AIA-01", "AIA-05"]


def test_rows_are_taken_out_and_moved(officer: Person, reader: Reader) -> None:
    page = send(reader, reader.get(ONE), do="drop:option_1")
    assert [option.id for option in stored(officer).options] == ["b", "c"]
    send(reader, page, do="up:option_2")
    assert [option.id for option in stored(officer).options] == ["c", "b"]


def test_a_question_changes_its_kind_and_the_change_can_be_undone(officer: Person, reader: Reader) -> None:
    page = send(reader, reader.get(ONE), kind="order")
    assert stored(officer).kind == "order"
    assert [item.text.fr for item in stored(officer).items] == ["option a (fr)", "option b (fr)", "option c (fr)"]
    undo = {element.get("name", ""): element.get("value", "") for element in page.tree.iter() if element.get("name")}
    reader.post("/studio/essai-m90/restore", {name: undo[name] for name in ("revision", "base", "next")})
    assert stored(officer).kind == "single"
    assert stored(officer).options[0].why.fr == "why a (fr)"


@pytest.mark.parametrize("kind", list(questions.KINDS))
def test_every_kind_is_added_written_and_tried(officer: Person, reader: Reader, kind: str) -> None:
    page = reader.post(BANK, {"do": "add:bank", "kind": kind})
    key = page.h1.removeprefix("Question ")
    address = f"{BANK}/bank/{key}"
    written = {"ask_fr": "Que faire ?", "ask_en": "What to do?", "explanation_fr": "Ainsi.", "explanation_en": "Thus."}
    part = questions.PARTS.get(kind)
    for n in (1, 2, 3):
        if part:
            for suffix in questions.TEXTS_OF[part]:
                written |= {f"{part}_{n}{suffix}_fr": f"texte {n}", f"{part}_{n}{suffix}_en": f"text {n}"}
    written |= {"option_1_correct": "1"} if part == "option" else {}
    written |= {"answer": "12,5", "tolerance": "0,5"} if kind == "number" else {}
    page = reader.post(address, fields(page, "question") | written)
    assert "à compléter" not in page.text
    right = {
        "single": {"choice": "a"}, "multiple": {"choice": "a"}, "number": {"number": "12,2"},
        "order": {"order-a": "1", "order-b": "2", "order-c": "3"}, "match": {f"match-{c}": c for c in "abc"},
    }[kind]  # fmt: skip
    assert "C'est juste" in reader.post(f"{address}/try?language=fr", right).text
    assert "Not quite" in reader.post(f"{address}/try?language=en", {"unknown": "1"}).text
    assert "What to do?" in reader.get(f"{address}/aside?language=en").text
    published = questions.question_of(service.working_copy(service.editable(officer.id, "essai-m90")), "bank", key)
    assert PracticeQuestion.model_validate(
        published.model_dump(exclude={"step", "difficulty", "discrimination", "reserved"})
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"facts": "ZZZ-99"}, "Aucun fait n'a ce numéro"),
        ({"answer": "beaucoup"}, "Écrivez un nombre"),
        ({"ask_fr": "x" * 20_001}, "20000 au plus"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    officer: Person, reader: Reader, change: dict[str, str], said: str
) -> None:
    page = send(reader, reader.get(ONE), status=422, explanation_fr="Mon explication neuve", **change)
    if "answer" not in change:
        assert said in page.text
    assert "Mon explication neuve" in page.html
    assert stored(officer).explanation.fr == "because (fr)"


def test_remarks_lead_to_their_fields_and_near_duplicates_are_named(officer: Person, reader: Reader) -> None:
    twin = make_package("M91").model_dump(by_alias=True)
    words = "Au bloc, deux étiquettes portent le même numéro de patient. Que vérifiez-vous avant d'inciser ?"
    twin["questions"][0]["ask"] = {"fr": words, "en": "What do you check?"}
    catalogue.publish(make_package("M91").model_validate(twin), NOW)
    from training_platform.db import db

    db.session.commit()
    page = send(reader, reader.get(ONE), ask_fr=words, option_1_why_fr="", option_1_why_en="")
    assert "#option_1_why_fr" in page.links()
    aside = reader.get(f"{ONE}/aside")
    assert "demande presque la même chose" in aside.text
    assert "m91-dat1-0-0" in aside.text


def test_questions_are_copied_taken_out_and_brought_back(officer: Person, reader: Reader) -> None:
    page = reader.post(BANK, {"do": "copy:bank/m90-dat1-0-0"})
    assert page.h1 == "Question m90-q01"
    assert stored(officer, "m90-q01").ask == stored(officer).ask
    listed = reader.post(BANK, {"do": "remove:bank/m90-dat1-0-0"})
    assert ONE not in listed.links()
    undo = {element.get("name", ""): element.get("value", "") for element in listed.tree.iter() if element.get("name")}
    back = reader.post("/studio/essai-m90/restore", {name: undo[name] for name in ("revision", "base", "next")})
    assert ONE in back.links()
    reader.get(f"{BANK}/bank/absent", status=404)
    reader.get(f"{BANK}/nobody/t1", status=404)
    reader.post(BANK, {"do": "remove:bank/absent"}, status=404)


def test_questions_of_exercises_are_written_the_same_way(officer: Person, reader: Reader) -> None:
    page = reader.get(f"{BANK}/tri/t1")
    assert "Palier" not in page.text
    send(reader, page, f"{BANK}/tri/t1", ask_fr="Autrement ?")
    assert stored(officer, "t1", "tri").ask.fr == "Autrement ?"
    added = reader.post(BANK, {"do": "add:tri", "kind": "number"})
    assert added.h1 == "Question q01"


def test_two_authors_of_one_question(officer: Person, reader: Reader) -> None:
    page = reader.get(ONE)
    send(reader, page, ask_fr="Le premier ?")
    send(reader, page, explanation_fr="Le second.")
    assert (stored(officer).ask.fr, stored(officer).explanation.fr) == ("Le premier ?", "Le second.")
    late = send(reader, page, status=422, ask_fr="Le troisième ?")
    assert "Deux personnes ont changé les mêmes mots" in late.text
    reader.post(ONE, fields(late, "question"))
    assert stored(officer).ask.fr == "Le troisième ?"


def test_the_late_language_of_a_question_is_marked_and_levelled(officer: Person, reader: Reader) -> None:
    page = send(reader, reader.get(ONE), ask_fr="ask m90-dat1-0-0 changé (fr)")
    assert "l'anglais est à revoir" in page.text
    assert "anglais à revoir" in reader.get(BANK).text
    assert "l'anglais est à revoir" not in send(reader, page, do="level").text


def test_a_question_needs_a_step_of_its_module(make: Factory, reader: Reader) -> None:
    person, unit = make.person(), make.unit()
    make.right(person, "training_officer", unit)
    make.save()
    reader.sign_in(person)
    reader.post("/studio/modules/new", {"title_fr": "Vide", "domain": "DAT", "unit": str(unit.id)})
    assert "Ajoutez d'abord un palier" in reader.post("/studio/vide/questions", {"do": "add:bank"}, status=422).text


@given(st.sampled_from(list(questions.KINDS)), st.sampled_from(list(questions.KINDS)))
def test_changing_kind_never_breaks_the_package(first: str, second: str) -> None:
    package, key = questions.add(make_package("M90"), "bank", first)
    for kind in (second, first):
        asked = questions.question_of(package, "bank", key)
        sent = questions.fields_of(asked) | {"kind": kind}
        package, errors = questions.change(package, "bank", key, sent, LITTLE)
        assert not errors
        assert questions.question_of(package, "bank", key).kind == kind
    assert key_of(package.questions[-1].model_dump()) == key
