"""What an exam draws: reserved questions only, each once, others at a retake, the least exposed first."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.exams.making import (
    LIBRARY,
    QUIZ,
    Hall,
    answer_quiz,
    bank,
    hall,
    opened,
    part,
    publish,
    start,
    track,
)
from tests.factories import NOW, Factory
from tests.packages import document
from training_platform import framework
from training_platform.assessment import sittings
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage
from training_platform.catalogue.models import Module, Question
from training_platform.db import db
from training_platform.exams import (
    parts,
    quiz,
    reserved_bank,
    service,
)
from training_platform.exams.models import (
    ExamItem,
    ExamPartRow,
)
from training_platform.learning import service as learning
from training_platform.placement import service as placement
from training_platform.recommendations.situation import situation_of


def test_the_quiz_draws_reserved_questions_only_and_practice_never_does(people: Hall) -> None:
    exam_id = opened(people.candidate, track())
    start(people.candidate, exam_id, "quiz")
    drawn = set(db.session.scalars(select(ExamItem.question_id)))
    assert len(drawn) == 6
    reserved = set(db.session.scalars(select(Question.id).where(Question.reserved.is_(True))))
    assert drawn <= reserved
    live = catalogue.live_by_slug("essai-m90")
    situation = situation_of(people.candidate.id, framework.current(), NOW, 30)
    assert not {item.id for item in placement.bank(situation.modules.values())} & reserved
    for n in range(6):
        enrolment = learning.open_enrolment(people.candidate.id, live, NOW)
        quiz = sittings.open_quiz(people.candidate.id, enrolment.version_id, NOW + timedelta(minutes=n))
        assert quiz is not None
        assert not {key for key, _ in quiz.questions} & reserved
        for key, _ in quiz.questions:
            sittings.answer(people.candidate.id, quiz.id, key, {"choices": ["a"]}, NOW)
        sittings.finish(people.candidate.id, quiz.id, NOW)


def test_too_small_a_bank_opens_no_exam_and_the_officer_sees_what_lacks(make: Factory) -> None:
    publish(reserved=2)
    people = hall(make)
    exam_id = opened(people.candidate, track())
    with pytest.raises(quiz.BankTooSmallError):
        start(people.candidate, exam_id, "quiz")
    (state,) = reserved_bank.bank_states(people.officer.id, [track()], framework.current(), LIBRARY)
    assert state.missing == {"DAT": 1, "SEC": 1}
    assert not state.ready
    (state,) = reserved_bank.bank_states(people.officer.id, [track()], framework.current(), {})
    assert state.cases_missing == ("establishment",)


def test_a_quiz_asks_a_question_once_and_nothing_of_other_units(make: Factory) -> None:
    publish(reserved=3)
    people = hall(make)
    national = next(one for one in catalogue.live_modules() if one.code == "M90")
    package = catalogue.package_of(national.version_id).model_dump(by_alias=True)
    copy = package | {"slug": "essai-m90-2", "head": package["head"] | {"code": "M90-2"}}
    same = catalogue.publish(ModulePackage.model_validate(copy), NOW, unit_id=people.department.id)
    own = document("L01", steps=[{"c": "SEC3", "from": 0, "to": 1}]) | {"questions": bank("L01", "SEC3", 9)}
    elsewhere = catalogue.publish(ModulePackage.model_validate(own), NOW, unit_id=make.unit().id)
    foreign = set(db.session.scalars(select(Question.id).where(Question.version_id == elsewhere.id)))
    for adopted in (False, True):
        if adopted:
            db.session.get_one(Module, same.module_id).original_id = national.module_id
        found = reserved_bank.bank_of(track(), framework.current(), people.candidate.id)
        assert len(found) == 6
        assert not {one.id for one in found} & foreign
        copied = set(db.session.scalars(select(Question.id).where(Question.version_id == same.id)))
        assert len({one.id for one in found} & copied) == (3 if adopted else 0)
    exam_id = opened(people.candidate, track())
    start(people.candidate, exam_id, "quiz")
    assert service.exam_of(people.candidate.id, exam_id, NOW).parts[0].asked == 6


def test_the_order_of_questions_and_options_is_the_sittings_own_and_stays(people: Hall, make: Factory) -> None:
    def seen(person_id: int, exam_id: int) -> list[list[str]]:
        row = part(person_id, exam_id, "quiz")
        views = [parts.question_at(row, n, NOW).question for n in range(1, 7)]
        return [[view.id, *(option.id for option in view.options)] for view in views]

    exam_id = opened(people.candidate, track())
    start(people.candidate, exam_id, "quiz")
    first = seen(people.candidate.id, exam_id)
    assert first == seen(people.candidate.id, exam_id)
    other = make.person(role="R44", unit=people.department)
    other_exam = opened(other, track())
    start(other, other_exam, "quiz")
    assert seen(other.id, other_exam) != first


def test_a_retake_waits_then_asks_other_questions(people: Hall) -> None:
    short = track([QUIZ])
    exam_id = opened(people.candidate, short)
    start(people.candidate, exam_id, "quiz")
    answer_quiz(people.candidate, exam_id, right=0)
    assert service.exam_of(people.candidate.id, exam_id, NOW).state == "failed"
    with pytest.raises(service.TooEarlyError, match="24/12/2026"):
        service.open_exam(people.candidate.id, short, "award", NOW + timedelta(days=29))
    again = opened(people.candidate, short, NOW + timedelta(days=31))
    start(people.candidate, again, "quiz", NOW + timedelta(days=31))
    keys = [
        set(db.session.scalars(select(ExamItem.question_key).join(ExamPartRow).where(ExamPartRow.exam_id == one)))
        for one in (exam_id, again)
    ]
    assert not keys[0] & keys[1]
    answer_quiz(people.candidate, again, NOW + timedelta(days=31), right=0)
    with pytest.raises(service.TooEarlyError):
        service.open_exam(people.candidate.id, short, "award", NOW + timedelta(days=90))


def test_questions_put_to_others_come_last(people: Hall, make: Factory) -> None:
    for _ in range(3):
        other = make.person(role="R44", unit=people.department)
        exam_id = opened(other, track())
        start(other, exam_id, "quiz")
    most = db.session.scalar(
        select(func.count()).select_from(ExamItem).group_by(ExamItem.question_key).order_by(func.count().desc())
    )
    assert most == 1
