"""Marking: blind, by two examiners and a third where they differ, of whom it is allowed, and told once."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from sqlalchemy import event, func, select, update

from tests.exams import making
from tests.exams.making import (
    GOOD,
    LATER,
    LIBRARY,
    QUIZ,
    TEXT,
    Hall,
    answer_quiz,
    handed_in,
    make_away,
    mark,
    opened,
    part,
    play_case,
    start,
    track,
)
from tests.factories import NOW, Factory
from training_platform.db import db
from training_platform.errors import ForbiddenError, RefusedError
from training_platform.exams import (
    letters,
    marking,
    parts,
    service,
)
from training_platform.exams.models import (
    LONGEST_WORDS,
    ExamMark,
    ExamPartRow,
)


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
