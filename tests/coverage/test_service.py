"""Coverage, proposals and what works, on a real database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from tests.factories import NOW, Factory
from tests.packages import make_package
from training_platform import framework
from training_platform.accounts.models import Person
from training_platform.assessment import service as assessment
from training_platform.assessment import sittings
from training_platform.assessment.models import Answer, Evidence, Sitting
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import read_draft
from training_platform.catalogue.models import Question
from training_platform.coverage import people, proposals, service, works
from training_platform.coverage.people import Filter
from training_platform.coverage.rules.demand import Cell, Offer
from training_platform.db import db
from training_platform.errors import ForbiddenError
from training_platform.learning import ratings
from training_platform.learning import service as learning
from training_platform.learning.models import LessonTime
from training_platform.learning.ratings import Rating
from training_platform.organisation.models import Unit

NURSE = "R10"


@pytest.fixture
def hospital(make: Factory) -> Unit:
    """A hospital with two departments."""
    unit = make.unit()
    for _ in range(2):
        make.unit("department", unit)
    return unit


@pytest.fixture
def officer(make: Factory, hospital: Unit) -> Person:
    """A training officer of the hospital, who holds no position there."""
    person = make.person()
    make.right(person, "training_officer", hospital)
    return person


def departments(hospital: Unit) -> list[Unit]:
    return list(db.session.scalars(select(Unit).where(Unit.parent_id == hospital.id).order_by(Unit.id)))


def staff(make: Factory, unit: Unit, number: int, role: str = NURSE) -> list[Person]:
    return [make.person(role=role, unit=unit) for _ in range(number)]


def at(view: service.CoverageMap, competency: str, level: int) -> Cell:
    return next(row for row in view.rows if row.competency.id == competency).cells[level]


def look(officer: Person, **wanted: Any) -> service.CoverageMap:
    return service.coverage(officer.id, Filter(**wanted), framework.current(), NOW)


@contextmanager
def counted() -> Iterator[list[str]]:
    said: list[str] = []

    def note(_c: object, _u: object, statement: str, *_more: object) -> None:
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield said
    event.remove(db.engine, "before_cursor_execute", note)


def test_demand_and_offer_meet_in_each_cell(make: Factory, officer: Person, hospital: Unit) -> None:
    target = framework.current().roles[NURSE].targets["DAT1"]
    trained, *_ = staff(make, departments(hospital)[0], 8)
    assessment.add_evidence(trained.id, "DAT1", "validation", float(target), "proof", NOW)
    nothing = look(officer)
    assert at(nothing, "DAT1", 0).people == 7
    assert at(nothing, "DAT1", 0).supply.offer == Offer.NOTHING
    assert at(nothing, "DAT1", target).people is None
    catalogue.publish(make_package("M90"), NOW)
    taught = look(officer)
    assert at(taught, "DAT1", 0).supply.offer == Offer.MEASURED
    assert at(taught, "DAT1", 0).supply.modules == ("M90",)
    assert ("DAT1", 0) not in {one.step for one in taught.gaps}
    assert at(nothing, "DAT1", 0).step in {one.step for one in nothing.gaps}


def test_filters_take_a_unit_with_all_below_and_a_family(make: Factory, officer: Person, hospital: Unit) -> None:
    first, second = departments(hospital)
    staff(make, first, 6)
    staff(make, second, 7, role="R21")
    staff(make, make.unit(), 9)
    family = framework.current().roles["R21"].family
    assert look(officer).group.total == 13
    assert look(officer, unit_id=hospital.id).group.total == 13
    assert look(officer, unit_id=first.id).group.total == 6
    assert look(officer, family=family).group.total == 7
    assert look(officer, unit_id=first.id, family=family).too_few
    with pytest.raises(ForbiddenError):
        look(officer, unit_id=make.unit().id)
    with pytest.raises(ForbiddenError):
        look(make.person())


def test_levels_kept_in_memory_follow_new_evidence_and_withdrawn_evidence(
    make: Factory, officer: Person, hospital: Unit
) -> None:
    some = staff(make, hospital, 6)
    assert at(look(officer), "DAT1", 0).people == 6
    assessment.add_evidence(some[0].id, "DAT1", "validation", 3.0, "proof", NOW)
    assert at(look(officer), "DAT1", 0).people == 5
    db.session.scalars(select(Evidence)).one().void_at = NOW
    db.session.flush()
    assert at(look(officer), "DAT1", 0).people == 6


def test_more_people_take_no_more_queries(make: Factory, officer: Person, hospital: Unit) -> None:
    catalogue.publish(make_package("M90"), NOW)
    for person in staff(make, hospital, 6):
        assessment.rate_self(person.id, {"DAT1": 1}, NOW)
    look(officer)
    with counted() as few:
        look(officer)
    for person in staff(make, hospital, 30):
        assessment.rate_self(person.id, {"DAT1": 1}, NOW)
    with counted() as many:
        look(officer)
    assert len(many) <= len(few) + 1, "the new people's evidence, in one query"
    assert len(few) <= 9


def test_large_units_are_counted_by_a_sample(
    make: Factory, officer: Person, hospital: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff(make, hospital, 20)
    monkeypatch.setattr(people, "SAMPLE", 10)
    view = look(officer)
    assert (len(view.group.people), view.group.total, view.group.sampled) == (10, 20, True)
    assert at(view, "DAT1", 0).people == 20
    assert [p.id for p in view.group.people] == [p.id for p in look(officer).group.people]


def test_what_to_write_next_is_what_shortens_the_paths(make: Factory, officer: Person, hospital: Unit) -> None:
    catalogue.publish(make_package("M90", minutes=15), NOW)
    heavy = [{"c": "SEC3", "from": 0, "to": 1}]
    catalogue.publish(make_package("M91", minutes=400, steps=heavy), NOW)
    staff(make, hospital, 8)
    view = proposals.next_modules(officer.id, Filter(), framework.current(), NOW)
    steps = [one.step for one in view.proposals]
    assert ("SEC3", 0) in steps
    assert ("DAT1", 0) not in steps
    assert view == proposals.next_modules(officer.id, Filter(), framework.current(), NOW)
    few = proposals.next_modules(officer.id, Filter(unit_id=departments(hospital)[0].id), framework.current(), NOW)
    assert few.too_few
    assert few.proposals == ()


def test_a_draft_starts_with_all_that_is_known(make: Factory, officer: Person, hospital: Unit) -> None:
    steps = [{"c": "SEC2", "from": 0, "to": 1}]
    catalogue.publish(make_package("M90", minutes=20, steps=steps), NOW)
    unit = departments(hospital)[1]
    staff(make, unit, 6)
    module = proposals.start_draft(officer.id, Filter(unit_id=unit.id), ("SEC2", 1), framework.current(), NOW)
    draft = catalogue.draft_of(module.id)
    assert draft is not None
    package = read_draft(draft.document)
    assert module.unit_id == unit.id
    assert [(s.c, s.from_level, s.to) for s in package.head.steps] == [("SEC2", 1, 2)]
    assert package.head.requires == ["M90"]
    assert package.head.minutes == 20
    family = framework.current().families[framework.current().roles[NURSE].family]
    assert package.head.audience.fr == family.fr
    assert package.head.objectives[0].text.en == framework.current().competencies["SEC2"].levels[2].en
    assert [(q.step.from_level, q.ask.fr) for q in package.questions] == [(1, "")] * 6
    assert module.code not in {live.code for live in catalogue.live_modules()}
    with pytest.raises(proposals.NothingToTeachError):
        proposals.start_draft(officer.id, Filter(), ("DAT1", 5), framework.current(), NOW)
    with pytest.raises(ForbiddenError):
        proposals.start_draft(make.person().id, Filter(), ("SEC2", 1), framework.current(), NOW)


def answers(person: Person, version_id: int, kind: str, right: int, moment: Any) -> None:
    """Let somebody answer four questions, the first of them rightly."""
    rows = list(db.session.scalars(select(Question).where(Question.version_id == version_id).order_by(Question.id)))[:4]
    sitting = Sitting(
        person_id=person.id,
        version_id=version_id if kind == "quiz" else None,
        kind=kind,
        questions=[row.id for row in rows],
        started_at=moment,
    )
    db.session.add(sitting)
    db.session.flush()
    for place, row in enumerate(rows):
        key = next(o["id"] for o in row.document["options"] if o.get("correct", False) == (place < right))
        sittings.answer(person.id, sitting.id, row.id, {"choices": [key]}, moment)
    assert db.session.scalar(select(Answer.id).limit(1))


def read(some: list[Person], slug: str, *, right_before: int, right_after: int) -> None:
    """Let people answer, read a module in ten minutes, answer again and finish."""
    live = catalogue.live_by_slug(slug)
    for person in some:
        answers(person, live.version_id, "placement", right_before, NOW - timedelta(days=3))
        enrolment = learning.open_enrolment(person.id, live, NOW - timedelta(days=2))
        learning.finish_lesson(enrolment, 1, NOW - timedelta(days=1))
        db.session.add(LessonTime(enrolment_id=enrolment.id, lesson=1, opened_at=NOW, last_at=NOW, seconds=600))
        answers(person, live.version_id, "quiz", right_after, NOW - timedelta(days=1))
        sittings.complete_module(person.id, live.version_id, NOW - timedelta(days=1))
        ratings.rate(person.id, live.version_id, Rating(score=4, remark=f"Remarque {person.id}"), NOW)


def test_what_a_module_does_is_told_of_five_people_not_of_four(make: Factory, officer: Person, hospital: Unit) -> None:
    catalogue.publish(make_package("M90"), NOW - timedelta(days=9))
    read(staff(make, hospital, 4), "essai-m90", right_before=1, right_after=4)
    (line,) = works.modules_of(officer.id)
    assert (line.started, line.finished, line.score) == (None, None, None)
    view = works.module_works(officer.id, "essai-m90", NOW)
    assert view.too_few
    assert (view.way, view.minutes, view.gains, view.opinions, view.advice) == ((), None, (), None, ())
    read(staff(make, hospital, 2), "essai-m90", right_before=1, right_after=4)
    (line,) = works.modules_of(officer.id)
    assert (line.started, line.finished, line.score) == (6, 6, 4.0)
    view = works.module_works(officer.id, "essai-m90", NOW)
    assert view.minutes is not None
    assert view.minutes.median == 10
    assert [gain.competency for gain in view.gains] == ["DAT1"]
    assert view.gains[0].levels.low > 0
    assert view.opinions is not None
    assert len(view.opinions.remarks) == 6


def test_other_units_people_are_not_counted(make: Factory, officer: Person, hospital: Unit) -> None:
    catalogue.publish(make_package("M90"), NOW - timedelta(days=9))
    read(staff(make, make.unit(), 6), "essai-m90", right_before=1, right_after=4)
    assert works.modules_of(officer.id)[0].started is None
    assert works.module_works(officer.id, "essai-m90", NOW).started == 0


def test_finishing_alone_is_no_gain(make: Factory, officer: Person, hospital: Unit) -> None:
    catalogue.publish(make_package("M90"), NOW - timedelta(days=9))
    read(staff(make, hospital, 8), "essai-m90", right_before=2, right_after=2)
    view = works.module_works(officer.id, "essai-m90", NOW)
    assert view.gains[0].levels.mean == pytest.approx(0, abs=0.01)
    assert "Aucun gain de niveau démontré" in [one.said.fr for one in view.advice]
