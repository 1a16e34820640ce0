"""What goes wrong on the way: tabs, retries, clocks, modules edited or withdrawn, banks too small, time over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import NOW, Factory
from tests.pages import Reader
from tests.placement.test_placement import FORM, answer_all, nurse, publish, questions
from training_platform import framework
from training_platform.accounts.models import Person
from training_platform.assessment import service as assessment
from training_platform.assessment import sittings
from training_platform.assessment.models import Answer, Evidence, Sitting
from training_platform.catalogue.models import Module
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.placement import service
from training_platform.recommendations.situation import Situation, situation_of

__all__ = ["nurse"]


def situation(person: Person, now: datetime = NOW) -> Situation:
    return situation_of(person.id, framework.current(), now, 30)


def count(table: type[Answer | Evidence]) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_the_same_answer_sent_again_and_again_counts_once(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    match = FORM.search(reader.post("/placement/").html)
    assert match
    for choice in ("b", "b", "c"):
        reader.post(match.group(1), {"choice": choice})
    assert count(Answer) == count(Evidence) == 1
    assert db.session.scalar(select(Answer.correct)) is True


def test_an_answer_that_another_tab_has_just_kept_is_not_kept_twice(nurse: Person) -> None:
    """The check before the insert may be too early: the insert itself decides."""
    sitting = service.begin(nurse.id, "placement", NOW)
    view = service.next_question(nurse.id, sitting.id, situation(nurse), NOW)
    assert view.open_question
    key = view.open_question[0]
    row = {"sitting_id": sitting.id, "question_id": key, "given": {}, "correct": False, "answered_at": NOW}
    assert assessment.insert_once(Answer, row)
    assert not assessment.insert_once(Answer, row)
    assert not sittings.answer(nurse.id, sitting.id, key, {"choices": ["b"]}, NOW)
    assert count(Answer) == 1


def test_nothing_is_answered_after_the_end(nurse: Person) -> None:
    sitting = service.begin(nurse.id, "placement", NOW)
    view = service.next_question(nurse.id, sitting.id, situation(nurse), NOW)
    assert view.open_question
    service.contest(nurse.id, sitting.id, NOW)
    with pytest.raises(RefusedError) as refused:
        sittings.answer(nurse.id, sitting.id, view.open_question[0], {"choices": ["b"]}, NOW)
    assert "terminé" in refused.value.message.fr
    assert count(Answer) == 0


def test_the_clock_of_the_browser_says_nothing(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    match = FORM.search(reader.post("/placement/").html)
    assert match
    begun = datetime.now(UTC)
    reader.post(match.group(1), {"choice": "b", "at": "2099-01-01T00:00:00Z", "answered_at": "2001-01-01"})
    at = db.session.scalar(select(Evidence.at))
    assert at is not None
    assert begun <= at <= datetime.now(UTC)


def test_a_server_clock_set_back_neither_ends_nor_prolongs_a_series(nurse: Person) -> None:
    sitting = service.begin(nurse.id, "placement", NOW)
    view = service.next_question(nurse.id, sitting.id, situation(nurse), NOW)
    assert view.open_question
    sittings.answer(nurse.id, sitting.id, view.open_question[0], {"unknown": True}, NOW - timedelta(days=1))
    view = service.next_question(nurse.id, sitting.id, situation(nurse), NOW)
    assert service.active_minutes(view) == 0
    assert not view.finished


def test_twelve_minutes_end_it_whatever_is_left_to_ask(nurse: Person) -> None:
    sitting = service.begin(nurse.id, "placement", NOW)
    moment, asked = NOW, 0
    while open_one := service.next_question(nurse.id, sitting.id, situation(nurse), moment).open_question:
        moment += service.PAUSE
        sittings.answer(nurse.id, sitting.id, open_one[0], {"choices": ["b" if asked % 2 else "a"]}, moment)
        asked += 1
    assert asked <= service.MOST_MINUTES / 1.5


def test_i_do_not_know_counts_as_not_knowing_and_takes_no_luck(nurse: Person) -> None:
    sitting = service.begin(nurse.id, "placement", NOW)
    view = service.next_question(nurse.id, sitting.id, situation(nurse), NOW)
    assert view.open_question
    before = situation(nurse).levels[view.open_question[1].step.c]
    sittings.answer(nurse.id, sitting.id, view.open_question[0], {"unknown": True}, NOW)
    row = db.session.scalars(select(Evidence)).one()
    assert (row.correct, row.options) == (False, None)
    assert situation(nurse).levels[row.competency].mean < before.mean


def test_a_withdrawn_modules_open_question_may_be_answered_and_no_other_of_it_follows(
    nurse: Person, reader: Reader
) -> None:
    reader.sign_in(nurse)
    page = reader.post("/placement/")
    match = FORM.search(page.html)
    assert match
    withdrawn = sittings.sitting_of(nurse.id, int(match.group(1).split("/")[2])).open_question
    assert withdrawn
    competency = withdrawn[1].step.c
    code = {"DAT1": "M90", "SEC3": "M94"}[competency]
    db.session.scalars(select(Module).where(Module.code == code)).one().archived = True
    db.session.commit()
    assert FORM.search(reader.get(match.group(1).rsplit("/", 1)[0]).html)
    page, asked = answer_all(reader, reader.post(match.group(1), {"choice": "b"}), right=True)
    assert page.h1 == "Ce que nous avons trouvé"
    kept = db.session.scalars(select(Evidence.competency)).all()
    assert kept.count(competency) == 1
    assert len(kept) == asked + 1


def test_the_test_of_a_module_withdrawn_meanwhile_ends_with_what_was_answered(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    page = reader.post("/placement/modules/essai-m94")
    match = FORM.search(page.html)
    assert match
    publish("M94", 25, [{"c": "SEC3", "from": 0, "to": 1}], questions("M94", "SEC3", 0, number=5))
    db.session.commit()
    page = reader.post(match.group(1), {"choice": "b"})
    assert page.h1 == "Ce que nous avons trouvé"
    assert count(Answer) == 1


def test_who_asks_for_a_test_is_asked_three_questions_at_least(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    answer_all(reader, reader.post("/placement/"), right=False)
    _, asked = answer_all(reader, reader.post("/placement/modules/essai-m94"), right=False)
    assert asked >= service.LEAST_IN_A_TEST


def test_a_bank_too_small_says_so_and_stays_wide(make: Factory, reader: Reader) -> None:
    publish("M90", 40, [{"c": "DAT1", "from": 0, "to": 1}], questions("M90", "DAT1", 0, number=2))
    person = make.person(role="R10", unit=make.unit())
    make.save()
    assessment.rate_self(person.id, {"DAT1": 4}, NOW)
    db.session.commit()
    reader.sign_in(person)
    page, _ = answer_all(reader, reader.post("/placement/"), right=True)
    assert "Trop peu de questions encore : ce niveau repose sur ce que vous en avez dit." in page.text
    assert "Pas encore mesuré" in page.text
    level = situation(person, datetime.now(UTC)).levels["DAT1"]
    assert level.high - level.low > 1.5


def test_two_begun_at_once_are_one(nurse: Person) -> None:
    first = service.begin(nurse.id, "placement", NOW)
    assert service.begin(nurse.id, "placement", NOW).id == first.id
    assert db.session.scalar(select(func.count()).select_from(Sitting)) == 1
