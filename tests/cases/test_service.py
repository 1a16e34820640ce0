"""Plays kept in the database: resumed, decided once, begun again, marked, and nobody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.cases.sample import sample_case
from tests.conftest import ROOT
from tests.factories import NOW, Factory
from training_platform.accounts.models import Person
from training_platform.assessment.models import Evidence
from training_platform.cases import demo, service
from training_platform.cases.models import CaseDecision, CasePlay
from training_platform.cases.rules import Taken
from training_platform.db import db
from training_platform.errors import RefusedError

CASE = sample_case()
WHY = "Parce que la mesure le dit, et que l'équipe l'accepte."


@pytest.fixture
def person(make: Factory) -> Person:
    return make.person()


def decide(person: Person, play_id: int, decision: str, choice: str, reason: str = WHY) -> bool:
    return service.decide(person.id, CASE, play_id, decision, Taken(choice=choice, reason=reason), NOW)


def finish(person: Person) -> int:
    play_id = service.start(person.id, CASE, NOW)
    for decision, choice in (("d1", "a"), ("d2", "b"), ("d4", "b")):
        assert decide(person, play_id, decision, choice)
    return play_id


def test_a_play_resumes_where_it_stopped(person: Person) -> None:
    play_id = service.start(person.id, CASE, NOW)
    decide(person, play_id, "d1", "b")
    assert service.start(person.id, CASE, NOW + timedelta(days=3)) == play_id
    view = service.play_of(person.id, CASE, play_id)
    assert view.play.open is not None
    assert view.play.open.id == "d2"
    assert view.play.state["trust"] == 0


def test_the_first_answer_stays(person: Person) -> None:
    play_id = service.start(person.id, CASE, NOW)
    assert decide(person, play_id, "d1", "a")
    assert not decide(person, play_id, "d1", "b")
    assert service.play_of(person.id, CASE, play_id).play.steps[0].choice.id == "a"
    assert db.session.scalar(select(func.count()).select_from(CaseDecision)) == 1


def test_another_tab_that_was_quicker_wins(person: Person) -> None:
    play_id = service.start(person.id, CASE, NOW)
    assert service._keep(play_id, "d1", Taken(choice="a"), NOW)
    assert not service._keep(play_id, "d1", Taken(choice="b"), NOW)
    assert service.play_of(person.id, CASE, play_id).play.chosen == {"d1.a"}


def test_a_decision_that_has_not_come_up_or_lacks_something_is_refused(person: Person) -> None:
    play_id = service.start(person.id, CASE, NOW)
    with pytest.raises(RefusedError, match="not come up"):
        decide(person, play_id, "d4", "a")
    with pytest.raises(service.IncompleteDecisionError) as error:
        decide(person, play_id, "d1", "z")
    assert set(error.value.errors) == {"choice"}
    decide(person, play_id, "d1", "b")
    with pytest.raises(service.IncompleteDecisionError) as error:
        decide(person, play_id, "d2", "c", "court")
    assert set(error.value.errors) == {"choice", "reason"}, "a choice that this way does not offer"
    with pytest.raises(service.IncompleteDecisionError, match="4,001 characters, at most 4,000"):
        decide(person, play_id, "d2", "a", "x" * 4001)
    assert len(service.play_of(person.id, CASE, play_id).play.steps) == 1


def test_an_ended_play_takes_no_more_and_gives_no_evidence(person: Person) -> None:
    play_id = finish(person)
    view = service.play_of(person.id, CASE, play_id)
    assert view.play.finished
    assert view.ended_at == NOW
    with pytest.raises(RefusedError):
        decide(person, play_id, "d3", "b")
    assert db.session.scalar(select(func.count()).select_from(Evidence)) == 0


def test_beginning_again_keeps_the_history(person: Person) -> None:
    first = service.start(person.id, CASE, NOW)
    assert service.restart(person.id, CASE, NOW) == first, "nothing decided yet: nothing to keep"
    decide(person, first, "d1", "a")
    second = service.restart(person.id, CASE, NOW + timedelta(hours=1))
    assert second != first
    views = service.plays_of(person.id, [CASE])
    assert [view.id for view in views] == [second, first]
    assert views[1].left
    with pytest.raises(RefusedError, match="began again"):
        decide(person, first, "d2", "a")
    done = finish(person)
    assert done == second
    assert service.restart(person.id, CASE, NOW) not in (first, second)


def test_only_its_owner_sees_a_play(person: Person, make: Factory) -> None:
    play_id = service.start(person.id, CASE, NOW)
    with pytest.raises(service.UnknownCaseError):
        service.play_of(make.person().id, CASE, play_id)
    with pytest.raises(service.UnknownCaseError):
        service.play_of(person.id, sample_case(code="CE8"), play_id)


def test_a_person_marks_their_own_reasons_after_the_end(person: Person) -> None:
    play_id = service.start(person.id, CASE, NOW)
    with pytest.raises(RefusedError, match="finish"):
        service.mark(person.id, CASE, play_id, {"d2": {"x"}})
    play_id = finish(person)
    service.mark(person.id, CASE, play_id, {"d2": {"x", "foreign"}, "d1": {"x"}})
    view = service.play_of(person.id, CASE, play_id)
    assert view.met == {"d2": {"x"}}
    assert view.marked


def test_a_revised_case_keeps_what_still_fits(person: Person) -> None:
    play_id = service.start(person.id, CASE, NOW)
    decide(person, play_id, "d1", "c")
    changed = sample_case(version=2)
    assert service.play_of(person.id, changed, play_id).revised
    kept = db.session.scalars(select(CaseDecision)).one()
    kept.choice = "gone"
    db.session.flush()
    assert service.play_of(person.id, changed, play_id).play.steps == ()
    assert service.decide(person.id, changed, play_id, "d1", Taken(choice="a"), NOW)
    assert service.play_of(person.id, changed, play_id).play.chosen == {"d1.a"}


def test_erasing_a_person_erases_their_plays(person: Person) -> None:
    finish(person)
    db.session.delete(db.session.get_one(Person, person.id))
    db.session.flush()
    assert db.session.scalar(select(func.count()).select_from(CasePlay)) == 0
    assert db.session.scalar(select(func.count()).select_from(CaseDecision)) == 0


def test_the_demo_shows_one_case_finished_and_one_under_way(person: Person) -> None:
    demo.show({"student director": person}, ROOT / "content", NOW)
    views = service.plays_of(person.id, service.cases(ROOT / "content").values())
    assert [view.play.finished for view in views] == [False, True]
    assert views[1].marked
    assert views[1].play.score < views[1].play.max
    assert len(views[0].play.steps) == len(demo.BEGUN)


def test_cases_are_found_by_module_and_certification() -> None:
    assert service.of_modules([CASE], ["M58", "M01"]) == [CASE]
    assert service.of_modules([CASE], ["M01"]) == []
    assert service.of_track([CASE], "T6") == [CASE]
    assert service.of_track([CASE], "T1") == []
