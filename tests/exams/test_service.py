"""Exams against a real database: what a candidate, an examiner and an officer can do, and what is refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage
from random import Random

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm.attributes import set_committed_value

from tests.exams import making
from tests.exams.making import LIBRARY, QUIZ, TEXT, Hall, answer_quiz, bank, hall, opened, publish, start, track
from tests.factories import NOW, Factory
from tests.packages import document
from training_platform import framework
from training_platform.assessment import sittings
from training_platform.assessment.models import Evidence
from training_platform.cases import rules as case_rules
from training_platform.cases import service as practice
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage
from training_platform.catalogue.models import Module, Question
from training_platform.db import db
from training_platform.errors import ForbiddenError, RefusedError
from training_platform.exams import (
    access,
    accommodations,
    appeals,
    closing,
    letters,
    marking,
    parts,
    quiz,
    reserved_bank,
    service,
)
from training_platform.exams import cases as exam_cases
from training_platform.exams.access import part_of
from training_platform.exams.models import (
    LONGEST_TEXT,
    LONGEST_WORDS,
    Exam,
    ExamAppeal,
    ExamItem,
    ExamMark,
    ExamPartRow,
)
from training_platform.learning import service as learning
from training_platform.organisation.models import Grant
from training_platform.placement import service as placement
from training_platform.recommendations.situation import situation_of

LATER = NOW + timedelta(days=1)
GOOD = {"facts": 4, "exit": 4}
COMMENT = "Bien argumenté, la sortie est prévue."


@pytest.fixture
def people(make: Factory) -> Hall:
    """A candidate, three examiners, an officer, and a bank that is large enough."""
    publish()
    return hall(make)


def part(person_id: int, exam_id: int, part_id: str, now: datetime = NOW) -> ExamPartRow:
    return parts.part_row(person_id, exam_id, part_id, now)


def mark(examiner: int, row_id: int, points: dict[str, int] | None = None, *faults: str) -> float | None:
    return marking.mark(examiner, row_id, points or GOOD, frozenset(faults), COMMENT, LIBRARY, LATER).share


def play_case(person_id: int, exam_id: int, now: datetime = NOW) -> None:
    """Take the soundest choice at each decision, with a reason."""
    row = part(person_id, exam_id, "case", now)
    while (open_one := exam_cases.played(row, LIBRARY)[0]).play.open is not None:
        best = max(case_rules.offered(open_one.play), key=lambda choice: choice.score)
        taken = case_rules.Taken(choice=best.id, reason="Parce que les mesures du site le demandent.")
        parts.decide_case(row, LIBRARY, open_one.slug, open_one.play.open.id, taken, now)
    parts.hand_in(person_id, exam_id, "case", LIBRARY, now)


def sit_all(people: Hall) -> int:
    """Sit every part and have it marked well by two examiners."""
    person = people.candidate
    exam_id = opened(person, track())
    for part_id in ("quiz", "note", "case"):
        start(person, exam_id, part_id)
    answer_quiz(person, exam_id)
    parts.save_text(part(person.id, exam_id, "note"), "une note de plus de cinq mots", NOW)
    parts.hand_in(person.id, exam_id, "note", LIBRARY, NOW)
    play_case(person.id, exam_id)
    for part_id in ("note", "case", "board"):
        for examiner in (people.first, people.second):
            mark(examiner.id, part(person.id, exam_id, part_id).id)
    return exam_id


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


def test_nothing_begins_before_the_statement_is_accepted(people: Hall) -> None:
    exam_id = service.open_exam(people.candidate.id, track(), "award", NOW)
    with pytest.raises(parts.NotNowError, match="honest conduct"):
        start(people.candidate, exam_id, "quiz")
    service.accept_conduct(people.candidate.id, exam_id, NOW)
    with pytest.raises(parts.NotNowError, match="in the room"):
        start(people.candidate, exam_id, "board")


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


def test_a_long_appeal_or_answer_is_refused(people: Hall) -> None:
    long, exam_id = "x" * (LONGEST_WORDS + 1), failed(people)
    with pytest.raises(appeals.AppealFormError):
        appeals.file_appeal(people.candidate.id, exam_id, long, NOW)
    appeals.file_appeal(people.candidate.id, exam_id, REASON, NOW)
    appeal = appeals.appeal_of(exam_id)
    assert appeal is not None
    with pytest.raises(appeals.AppealFormError):
        appeals.decide(people.officer.id, appeal.id, "upheld", long, NOW)
    assert appeal.decision is None


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


def handed_in(people: Hall) -> int:
    """Hand in a text and return its part."""
    exam_id = opened(people.candidate, track())
    start(people.candidate, exam_id, "note")
    row = part(people.candidate.id, exam_id, "note")
    parts.save_text(row, "une note de plus de cinq mots", NOW)
    assert marking.waiting_for(people.first.id) == [] or all(
        work.part.id == "board" for work in marking.waiting_for(people.first.id)
    )
    parts.hand_in(people.candidate.id, exam_id, "note", LIBRARY, NOW)
    return row.id


def test_examiners_mark_blind_and_a_third_decides_where_they_differ(people: Hall) -> None:
    row_id = handed_in(people)
    work = next(one for one in marking.waiting_for(people.first.id) if one.row_id == row_id)
    assert people.candidate.name not in repr(work)
    assert mark(people.first.id, row_id, {"facts": 0, "exit": 0}) is None
    seen = marking.page_of(people.second.id, row_id, LIBRARY)
    assert "0" not in repr(seen.work.part.rubric[0].id)
    assert not hasattr(seen, "marks")
    assert mark(people.second.id, row_id, {"facts": 4, "exit": 4}) is None
    (third,) = (one for one in marking.waiting_for(people.third.id) if one.row_id == row_id)
    assert third.adjudication
    assert row_id not in {one.row_id for one in marking.waiting_for(people.first.id)}
    assert mark(people.third.id, row_id, {"facts": 2, "exit": 3}) == pytest.approx(5 / 8)
    with pytest.raises(RefusedError, match="already"):
        mark(people.third.id, row_id)


class Outbox:
    """A mailer that keeps what it is given, or fails for one address."""

    def __init__(self, down: str = "") -> None:
        self.down, self.sent = down, list[tuple[str, str]]()

    def send(self, message: EmailMessage) -> None:
        if message["To"] == self.down:
            raise OSError
        self.sent.append((message["To"], message["Subject"]))
        assert "/exams/marking/" in message.get_content()


def told(down: str = "") -> tuple[letters.Told, list[tuple[str, str]]]:
    outbox = Outbox(down)
    return letters.tell_examiners(outbox, "sillage@example.org", "https://sillage.example", LATER), outbox.sent


def test_examiners_are_told_once_of_new_work_and_a_third_where_two_differ(people: Hall) -> None:
    assert told() == (letters.Told(sent=0, failed=0), [])
    row_id = handed_in(people)
    people.second.language = "en"
    done, sent = told(down=people.third.email)
    assert done == letters.Told(sent=2, failed=1)
    assert set(sent) == {
        (people.first.email, "1 nouvelle copie attend votre note"),
        (people.second.email, "1 new piece of work awaits your mark"),
    }
    assert told() == (letters.Told(sent=0, failed=0), []), "two of three are enough"
    mark(people.first.id, row_id, {"facts": 0, "exit": 0})
    assert told()[1] == []
    mark(people.second.id, row_id, {"facts": 4, "exit": 4})
    assert told(down=people.third.email) == (letters.Told(sent=0, failed=1), []), "tried again at the next round"
    assert [address for address, _ in told()[1]] == [people.third.email]
    mark(people.third.id, row_id, {"facts": 2, "exit": 3})
    assert told()[1] == []


def test_an_exam_whose_last_two_parts_get_their_results_at_once_is_concluded(people: Hall) -> None:
    exam_id = opened(people.candidate, track([QUIZ, TEXT]))
    for part_id in ("quiz", "note"):
        start(people.candidate, exam_id, part_id)
    answer_quiz(people.candidate, exam_id)
    note, quiz_row = (part(people.candidate.id, exam_id, part_id) for part_id in ("note", "quiz"))
    parts.save_text(note, "une note de plus de cinq mots", NOW)
    parts.hand_in(people.candidate.id, exam_id, "note", LIBRARY, NOW)
    mark(people.first.id, note.id)
    share = quiz_row.share
    quiz_row.share = None
    db.session.flush()
    # The quiz gets its result in another request, that the one of the second examiner does not know of.
    behind = {"synchronize_session": False}
    db.session.execute(
        update(ExamPartRow).where(ExamPartRow.kind == "quiz").values(share=share), execution_options=behind
    )
    mark(people.second.id, note.id)
    assert service.exam_of(people.candidate.id, exam_id, LATER).state == "passed"


def test_nobody_marks_their_own_work_twice_or_outside_their_units(people: Hall, make: Factory) -> None:
    row_id = handed_in(people)
    make.right(people.candidate, "examiner", people.hospital)
    with pytest.raises(ForbiddenError, match="their own"):
        mark(people.candidate.id, row_id)
    assert marking.waiting_for(people.candidate.id) == []
    outside = make.person()
    make.right(outside, "examiner", make.unit())
    with pytest.raises(ForbiddenError, match="not an examiner"):
        mark(outside.id, row_id)
    assert marking.waiting_for(outside.id) == []
    with pytest.raises(ForbiddenError):
        mark(people.officer.id, row_id)
    mark(people.first.id, row_id)
    with pytest.raises(RefusedError, match="already"):
        mark(people.first.id, row_id)
    assert db.session.scalar(select(func.count()).select_from(ExamMark)) == 1


def test_a_colleague_of_the_candidate_marks_only_where_others_are_too_few(people: Hall, make: Factory) -> None:
    row_id = handed_in(people)
    colleague = make.person(role="R42", unit=people.department)
    make.right(colleague, "examiner", people.hospital)
    with pytest.raises(RefusedError, match="your unit"):
        mark(colleague.id, row_id)
    for one in (people.first, people.second, people.third):
        make_away(one.id)
    assert mark(colleague.id, row_id) is None


def make_away(person_id: int) -> None:
    """Take the right to examine back."""
    for row in db.session.scalars(select(Grant).where(Grant.person_id == person_id)):
        db.session.delete(row)
    db.session.flush()


def test_the_list_of_work_takes_as_many_queries_for_many_as_for_few(people: Hall, make: Factory) -> None:
    def queries() -> int:
        count = 0

        def one_more(*_: object) -> None:
            nonlocal count
            count += 1

        db.session.flush()
        db.session.expire_all()
        event.listen(db.engine, "before_cursor_execute", one_more)
        marking.waiting_for(people.first.id)
        event.remove(db.engine, "before_cursor_execute", one_more)
        return count

    opened(people.candidate, track([making.ROOM]))
    queries()
    few = queries()
    for _ in range(4):
        opened(make.person(role="R44", unit=people.department), track([making.ROOM]))
    assert len(marking.waiting_for(people.first.id)) == 5
    assert queries() == few


def test_marks_without_points_or_comment_are_refused_with_each_field(people: Hall) -> None:
    row_id = handed_in(people)
    with pytest.raises(marking.IncompleteMarksError) as caught:
        marking.mark(people.first.id, row_id, {"facts": 9}, frozenset(), "court", LIBRARY, NOW)
    assert set(caught.value.errors) == {"points-facts", "points-exit", "comment"}
    long = "x" * (LONGEST_WORDS + 1)
    with pytest.raises(marking.IncompleteMarksError) as caught:
        marking.mark(people.first.id, row_id, {"facts": 1, "exit": 1}, frozenset(), long, LIBRARY, NOW)
    assert set(caught.value.errors) == {"comment"}


def test_work_that_is_not_handed_in_and_quizzes_are_not_to_be_marked(people: Hall) -> None:
    exam_id = opened(people.candidate, track())
    start(people.candidate, exam_id, "quiz")
    start(people.candidate, exam_id, "note")
    for part_id in ("quiz", "note"):
        with pytest.raises(marking.UnknownWorkError):
            mark(people.first.id, part(people.candidate.id, exam_id, part_id).id)


def test_a_fault_that_both_examiners_see_fails_the_exam(people: Hall) -> None:
    exam_id = opened(people.candidate, track())
    for part_id in ("quiz", "note", "case"):
        start(people.candidate, exam_id, part_id)
    answer_quiz(people.candidate, exam_id)
    parts.save_text(part(people.candidate.id, exam_id, "note"), "une note de plus de cinq mots", NOW)
    parts.hand_in(people.candidate.id, exam_id, "note", LIBRARY, NOW)
    play_case(people.candidate.id, exam_id)
    for part_id in ("note", "case", "board"):
        faults = ("no_exit", "made_up") if part_id == "board" else ()
        for examiner in (people.first, people.second):
            mark(examiner.id, part(people.candidate.id, exam_id, part_id).id, GOOD, *faults)
    view = service.exam_of(people.candidate.id, exam_id, LATER)
    assert view.outcome is not None
    assert [lack.kind for lack in view.outcome.lacks] == ["fault"]


def failed(people: Hall) -> int:
    """Fail a short exam that two examiners marked."""
    exam_id = opened(people.candidate, track([making.ROOM]))
    row = part(people.candidate.id, exam_id, "board")
    for examiner in (people.first, people.second):
        mark(examiner.id, row.id, {"facts": 0, "exit": 1})
    assert service.exam_of(people.candidate.id, exam_id, NOW).state == "failed"
    return exam_id


REASON = "La question posée au conseil ne figurait pas dans le dossier remis avant l'épreuve."


def test_an_appeal_is_decided_by_somebody_else_and_upheld_opens_a_new_try(people: Hall, make: Factory) -> None:
    exam_id = failed(people)
    with pytest.raises(RefusedError):
        appeals.file_appeal(people.candidate.id, exam_id, "injuste", NOW)
    appeals.file_appeal(people.candidate.id, exam_id, REASON, NOW)
    with pytest.raises(RefusedError, match="already"):
        appeals.file_appeal(people.candidate.id, exam_id, REASON, NOW)
    appeal = appeals.appeal_of(exam_id)
    assert appeal is not None
    make.right(people.first, "training_officer", people.hospital)
    assert appeals.appeals_for(people.first.id) == []
    for person, refused in ((people.first, ForbiddenError), (people.second, ForbiddenError)):
        with pytest.raises(refused):
            appeals.decide(person.id, appeal.id, "upheld", REASON, NOW)
    stranger = make.person()
    make.right(stranger, "training_officer", make.unit())
    with pytest.raises(ForbiddenError):
        appeals.decide(stranger.id, appeal.id, "upheld", REASON, NOW)
    (shown,) = appeals.appeals_for(people.officer.id)
    assert people.candidate.name not in repr(shown)
    with pytest.raises(RefusedError):
        appeals.decide(people.officer.id, appeal.id, "upheld", "oui", NOW)
    appeals.decide(people.officer.id, appeal.id, "upheld", REASON, NOW)
    assert service.latest(people.candidate.id, "T9", NOW) is None
    assert opened(people.candidate, track([making.ROOM]), NOW + timedelta(days=1)) != exam_id
    with pytest.raises(RefusedError):
        appeals.decide(people.officer.id, appeal.id, "rejected", REASON, NOW)


def test_of_two_appeals_at_once_the_first_is_filed(people: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    exam_id = failed(people)
    appeals.file_appeal(people.candidate.id, exam_id, REASON, NOW)
    with monkeypatch.context() as unseen:
        unseen.setattr(appeals, "appeal_of", lambda exam_id: None)
        with pytest.raises(RefusedError, match="filed already"):
            appeals.file_appeal(people.candidate.id, exam_id, REASON * 2, NOW)
    appeal = appeals.appeal_of(exam_id)
    assert appeal is not None
    assert appeal.reason == REASON


def test_of_two_officers_at_once_the_first_decides_the_appeal(people: Hall) -> None:
    exam_id = failed(people)
    appeals.file_appeal(people.candidate.id, exam_id, REASON, NOW)
    appeal = appeals.appeal_of(exam_id)
    assert appeal is not None
    other = {"decision": "rejected", "answer": REASON, "decided_at": NOW}
    behind = {"synchronize_session": False}
    db.session.execute(update(ExamAppeal).where(ExamAppeal.id == appeal.id).values(other), execution_options=behind)
    assert appeal.decision is None, "as the second officer read it"
    with pytest.raises(RefusedError, match="already"):
        appeals.decide(people.officer.id, appeal.id, "upheld", REASON, NOW)
    assert db.session.get_one(Exam, exam_id).annulled_at is None


def test_a_rejected_appeal_leaves_the_result(people: Hall) -> None:
    exam_id = failed(people)
    appeals.file_appeal(people.candidate.id, exam_id, REASON, NOW)
    appeal = appeals.appeal_of(exam_id)
    assert appeal is not None
    appeals.decide(people.officer.id, appeal.id, "rejected", REASON, NOW)
    assert service.exam_of(people.candidate.id, exam_id, NOW).state == "failed"
    with pytest.raises(service.TooEarlyError):
        service.open_exam(people.candidate.id, track([making.ROOM]), "award", NOW + timedelta(days=1))


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
