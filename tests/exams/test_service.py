"""A whole exam against a real database: how it begins, who sees it, when it is passed, what a renewal asks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.exams.making import (
    LATER,
    REASON,
    Hall,
    answer_quiz,
    opened,
    part,
    sit_all,
    start,
    track,
)
from tests.factories import NOW, Factory
from training_platform.db import db
from training_platform.errors import ForbiddenError, RefusedError
from training_platform.exams import (
    access,
    accommodations,
    appeals,
    marking,
    parts,
    service,
)
from training_platform.exams.models import (
    Exam,
)


def test_a_whole_exam_is_passed_by_the_stated_rule(people: Hall) -> None:
    exam_id = sit_all(people)
    view = service.exam_of(people.candidate.id, exam_id, LATER)
    assert view.state == "passed"
    assert view.outcome is not None
    assert view.outcome.overall > 0.9
    assert len(marking.comments_of(exam_id)[view.parts[1].row_id]) == 2
    state = service.states_of([people.candidate.id])[people.candidate.id, "T9"]
    assert state.state == "passed"
    assert state.parts == frozenset({"quiz", "note", "case", "board"})


def test_nothing_begins_before_the_statement_is_accepted(people: Hall) -> None:
    exam_id = service.open_exam(people.candidate.id, track(), "award", NOW)
    with pytest.raises(parts.NotNowError, match="honest conduct"):
        start(people.candidate, exam_id, "quiz")
    service.accept_conduct(people.candidate.id, exam_id, NOW)
    with pytest.raises(parts.NotNowError, match="in the room"):
        start(people.candidate, exam_id, "board")


def test_extra_time_is_private_counts_at_the_start_and_ends(people: Hall, make: Factory) -> None:
    accommodations.grant(people.officer.id, people.candidate.email, 33, "décision 12", NOW)
    exam_id = opened(people.candidate, track())
    start(people.candidate, exam_id, "quiz")
    assert part(people.candidate.id, exam_id, "quiz").ends_at == NOW + timedelta(minutes=40)
    (one,) = accommodations.granted(people.officer.id)
    accommodations.grant(people.officer.id, people.candidate.email, 50, "", NOW)
    assert [x.extra_percent for x in accommodations.granted(people.officer.id)] == [50]
    accommodations.end(people.officer.id, accommodations.granted(people.officer.id)[0].id, NOW)
    assert accommodations.granted(people.officer.id) == []
    with pytest.raises(RefusedError):
        accommodations.grant(people.officer.id, people.candidate.email, 500, "", NOW)
    stranger = make.person(role="R44", unit=make.unit())
    with pytest.raises(RefusedError):
        accommodations.grant(people.officer.id, stranger.email, 33, "", NOW)
    with pytest.raises(ForbiddenError):
        accommodations.granted(people.candidate.id)
    assert one.person == people.candidate.name


def test_an_exam_is_its_candidates_own(people: Hall) -> None:
    exam_id = opened(people.candidate, track())
    with pytest.raises(access.UnknownExamError):
        service.exam_of(people.officer.id, exam_id, NOW)
    with pytest.raises(access.UnknownExamError):
        part(people.candidate.id, exam_id, "nowhere")
    start(people.candidate, exam_id, "quiz")
    with pytest.raises(access.UnknownExamError):
        parts.question_at(part(people.candidate.id, exam_id, "quiz"), 99, NOW)
    with pytest.raises(RefusedError):
        appeals.file_appeal(people.candidate.id, exam_id, REASON, NOW)


def test_a_renewal_is_shorter_and_its_weights_count_in_proportion(people: Hall) -> None:
    whole = track()
    exam_id = service.open_exam(people.candidate.id, whole, "renewal", NOW)
    service.accept_conduct(people.candidate.id, exam_id, NOW)
    start(people.candidate, exam_id, "quiz")
    answer_quiz(people.candidate, exam_id)
    view = service.exam_of(people.candidate.id, exam_id, NOW)
    assert [one.part.id for one in view.parts] == ["quiz"]
    assert view.state == "passed"
    assert db.session.scalar(select(func.count()).select_from(Exam)) == 1
