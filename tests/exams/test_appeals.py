"""Appeals: filed once, decided by somebody else, and what follows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.exams import making
from tests.exams.making import (
    REASON,
    Hall,
    failed,
    opened,
    track,
)
from tests.factories import NOW, Factory
from training_platform.db import db
from training_platform.errors import ForbiddenError, RefusedError
from training_platform.exams import (
    appeals,
    service,
)
from training_platform.exams.models import (
    LONGEST_WORDS,
    Exam,
    ExamAppeal,
)


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
