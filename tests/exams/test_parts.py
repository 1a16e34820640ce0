"""The parts of an exam while it runs: two tabs, lost connections, clocks, texts and cases; nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm.attributes import set_committed_value

from tests.exams import making
from tests.exams.making import (
    LIBRARY,
    QUIZ,
    Hall,
    answer_quiz,
    opened,
    part,
    start,
    track,
)
from tests.factories import NOW
from training_platform.assessment.models import Evidence
from training_platform.cases import rules as case_rules
from training_platform.cases import service as practice
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.exams import (
    accommodations,
    closing,
    marking,
    parts,
    service,
)
from training_platform.exams import cases as exam_cases
from training_platform.exams.access import part_of
from training_platform.exams.models import (
    LONGEST_TEXT,
    LONGEST_WORDS,
    ExamItem,
    ExamPartRow,
)


def test_two_tabs_share_one_sitting_and_the_latest_answer_counts(people: Hall) -> None:
    exam_id = opened(people.candidate, track())
    assert service.open_exam(people.candidate.id, track(), "award", NOW) == exam_id
    start(people.candidate, exam_id, "quiz")
    before = part(people.candidate.id, exam_id, "quiz").ends_at
    start(people.candidate, exam_id, "quiz", NOW + timedelta(minutes=5))
    row = part(people.candidate.id, exam_id, "quiz")
    assert row.ends_at == before
    assert db.session.scalar(select(func.count()).select_from(ExamItem)) == 6
    parts.save_answer(row, 1, {"choices": ["a"]}, NOW)
    parts.save_answer(row, 1, {"choices": ["b"]}, NOW)
    assert parts.question_at(row, 1, NOW).given == {"choices": ["b"]}


def test_a_lost_connection_at_submission_loses_nothing(people: Hall) -> None:
    exam_id = opened(people.candidate, track())
    start(people.candidate, exam_id, "quiz")
    answer_quiz(people.candidate, exam_id)
    parts.hand_in(people.candidate.id, exam_id, "quiz", LIBRARY, NOW + timedelta(minutes=1))
    row = part(people.candidate.id, exam_id, "quiz")
    assert row.handed_in_at == NOW
    assert row.share == 1.0
    with pytest.raises(parts.NotNowError):
        parts.save_answer(row, 1, {"choices": ["a"]}, NOW)
    answers = select(func.count()).select_from(Evidence).where(Evidence.kind == "answer")
    assert db.session.scalar(answers) == 6


def test_what_arrives_as_the_part_is_handed_in_is_refused_not_stored_unmarked(people: Hall) -> None:
    exam_id = opened(people.candidate, track())
    for part_id in ("quiz", "note", "case"):
        start(people.candidate, exam_id, part_id)
    quiz_row, note, case = (part(people.candidate.id, exam_id, part_id) for part_id in ("quiz", "note", "case"))
    (one,) = exam_cases.played(case, LIBRARY)
    assert one.play.open is not None
    taken = case_rules.Taken(choice=case_rules.offered(one.play)[0].id, reason="x" * 40)
    closing.close_part(quiz_row, NOW)
    behind = {"synchronize_session": False}
    db.session.execute(update(ExamPartRow).values(handed_in_at=NOW), execution_options=behind)
    for row in (quiz_row, note, case):
        set_committed_value(row, "handed_in_at", None)  # as the slower of two requests read it
    with pytest.raises(parts.NotNowError):
        parts.save_answer(quiz_row, 1, {"choices": ["b"]}, NOW)
    with pytest.raises(parts.NotNowError):
        parts.save_text(note, "arrivé au même instant", NOW)
    with pytest.raises(parts.NotNowError):
        parts.decide_case(case, LIBRARY, one.slug, one.play.open.id, taken, NOW)
    assert set(db.session.scalars(select(ExamItem.saved_at))) == {None}
    assert part(people.candidate.id, exam_id, "note").body == ""


def test_answers_after_time_are_refused_after_a_grace_and_those_before_are_kept(people: Hall) -> None:
    exam_id = opened(people.candidate, track())
    start(people.candidate, exam_id, "quiz")
    row = part(people.candidate.id, exam_id, "quiz")
    end = NOW + timedelta(minutes=30)
    parts.save_answer(row, 1, {"choices": ["b"]}, NOW)
    parts.save_answer(row, 2, {"choices": ["b"]}, end + timedelta(seconds=9))
    with pytest.raises(parts.TooLateError):
        parts.save_answer(row, 3, {"choices": ["b"]}, end + timedelta(seconds=11))
    view = service.exam_of(people.candidate.id, exam_id, end + timedelta(hours=3))
    quiz = view.parts[0]
    assert quiz.state == "marked"
    assert quiz.share == pytest.approx(2 / 6)
    assert part(people.candidate.id, exam_id, "quiz").handed_in_at == end
    assert db.session.scalar(select(func.count()).select_from(Evidence).where(Evidence.kind == "answer")) == 2


def test_what_a_candidate_left_behind_is_handed_in_and_marked(people: Hall) -> None:
    exam_id = opened(people.candidate, track([QUIZ, making.CASE]))
    for part_id in ("quiz", "case"):
        start(people.candidate, exam_id, part_id)
    assert closing.close_overdue(NOW + timedelta(minutes=30, seconds=10)) == 0
    assert marking.waiting_for(people.first.id) == []
    assert closing.close_overdue(NOW + timedelta(hours=2)) == 1
    assert closing.close_overdue(NOW + timedelta(hours=2)) == 0
    (work,) = marking.waiting_for(people.first.id)
    assert work.handed_in_at == NOW + timedelta(minutes=60)
    assert db.session.scalars(select(ExamPartRow.share).where(ExamPartRow.kind == "quiz")).one() == 0.0


def test_a_clock_that_goes_back_gives_no_more_time_and_one_that_leaps_closes(people: Hall) -> None:
    exam_id = opened(people.candidate, track())
    start(people.candidate, exam_id, "quiz")
    row = part(people.candidate.id, exam_id, "quiz")
    earlier = NOW - timedelta(hours=5)
    assert parts.question_at(row, 1, earlier).left == 30 * 60
    parts.save_answer(row, 1, {"choices": ["b"]}, earlier)
    assert part(people.candidate.id, exam_id, "quiz", earlier).handed_in_at is None
    assert part(people.candidate.id, exam_id, "quiz", NOW + timedelta(days=400)).handed_in_at is not None


def test_a_text_that_is_too_short_is_not_handed_in_and_is_kept(people: Hall) -> None:
    exam_id = opened(people.candidate, track())
    start(people.candidate, exam_id, "note")
    parts.save_text(part(people.candidate.id, exam_id, "note"), "trop court", NOW)
    with pytest.raises(parts.NotNowError, match="2\N{NO-BREAK SPACE}words"):
        parts.hand_in(people.candidate.id, exam_id, "note", LIBRARY, NOW)
    assert part(people.candidate.id, exam_id, "note").body == "trop court"


def test_words_over_their_limit_are_refused_and_never_cut(people: Hall) -> None:
    exam_id = opened(people.candidate, track())
    start(people.candidate, exam_id, "note")
    row = part(people.candidate.id, exam_id, "note")
    parts.save_text(row, "a" * LONGEST_TEXT, NOW)
    with pytest.raises(parts.TooLongError, match="60,001 characters, at most 60,000"):
        parts.save_text(row, "b" * (LONGEST_TEXT + 1), NOW)
    assert row.body == "a" * LONGEST_TEXT
    start(people.candidate, exam_id, "case")
    row = part(people.candidate.id, exam_id, "case")
    (one,) = exam_cases.played(row, LIBRARY)
    assert one.play.open is not None
    taken = case_rules.Taken(choice=case_rules.offered(one.play)[0].id, reason="x" * (LONGEST_WORDS + 1))
    with pytest.raises(exam_cases.IncompleteDecisionError, match="4,001"):
        parts.decide_case(row, LIBRARY, one.slug, one.play.open.id, taken, NOW)
    assert exam_cases.played(row, LIBRARY)[0].play.steps == ()
    with pytest.raises(accommodations.NoteTooLongError):
        accommodations.grant(people.officer.id, people.candidate.email, 33, "x" * 401, NOW)
    assert accommodations.granted(people.officer.id) == []


def test_decisions_of_a_case_come_in_turn_and_stay(people: Hall) -> None:
    exam_id = opened(people.candidate, track())
    start(people.candidate, exam_id, "case")
    row = part(people.candidate.id, exam_id, "case")
    (one,) = exam_cases.played(row, LIBRARY)
    assert one.play.open is not None
    first = one.play.open
    choice = case_rules.offered(one.play)[0].id
    for wrong, taken in (
        ("nowhere", case_rules.Taken(choice=choice, reason="x" * 40)),
        (first.id, case_rules.Taken(choice="nothing", reason="x" * 40)),
    ):
        with pytest.raises(RefusedError):
            parts.decide_case(row, LIBRARY, one.slug, wrong, taken, NOW)
    if first.reason:
        with pytest.raises(exam_cases.IncompleteDecisionError):
            parts.decide_case(row, LIBRARY, one.slug, first.id, case_rules.Taken(choice=choice), NOW)
    parts.decide_case(row, LIBRARY, one.slug, first.id, case_rules.Taken(choice=choice, reason="x" * 40), NOW)
    parts.decide_case(row, LIBRARY, one.slug, first.id, case_rules.Taken(choice="other", reason="y" * 40), NOW)
    assert exam_cases.played(row, LIBRARY)[0].play.steps[0].choice.id == choice
    with pytest.raises(parts.NotNowError):
        parts.hand_in(people.candidate.id, exam_id, "case", LIBRARY, NOW)
    with pytest.raises(exam_cases.TooFewCasesError):
        exam_cases.draw_cases(people.candidate.id, part_of(row), {}, Random(1))


def test_a_case_that_was_practised_is_not_drawn_while_another_is_left(people: Hall) -> None:
    exam_id = opened(people.candidate, track())
    start(people.candidate, exam_id, "case")
    asked = part_of(part(people.candidate.id, exam_id, "case"))
    level = asked.levels[0]
    practised, *others = (case for case in LIBRARY.values() if case.level == level)
    practice.start(people.candidate.id, practised, NOW)
    drawn = {exam_cases.draw_cases(people.candidate.id, asked, LIBRARY, Random(n))[0] for n in range(20)}
    assert drawn == {case.slug for case in others}
