"""Enrolment under a version, distance, cohorts: against a real database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, update

from tests.exams.making import QUIZ, TEXT, publish
from tests.exams.making import track as made_track
from tests.factories import NOW, Factory
from tests.packages import document, make_package
from tests.pages import Reader
from training_platform import framework
from training_platform.accounts.models import Person
from training_platform.assessment import service as assessment
from training_platform.assessment import sittings
from training_platform.awards import service as awards
from training_platform.awards.models import Award
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage
from training_platform.certification import cohorts, eligibility, enrolment, issuing, service
from training_platform.certification.models import TrackEnrolment
from training_platform.certification.quiz_chance import quiz_chance
from training_platform.db import db
from training_platform.errors import ForbiddenError, RefusedError
from training_platform.exams import closing
from training_platform.exams import service as exams
from training_platform.exams.models import Exam, ExamPartRow
from training_platform.learning import service as learning
from training_platform.organisation import service as organisation
from training_platform.organisation.models import Unit
from training_platform.portfolio.models import Proof
from training_platform.tracks import service as tracks
from training_platform.tracks.format import Track

CONTENT = Path(__file__).parents[2] / "content"


@pytest.fixture
def director(make: Factory) -> Person:
    """A student director, and two of the modules of T6."""
    for code, competency in (("M06", "DAT1"), ("M11", "ALG2")):
        catalogue.publish(make_package(code, steps=[{"c": competency, "from": 0, "to": 2}], requires=[]), NOW)
    return make.person(role="R44", unit=make.unit())


def view(person: Person, track_id: str = "T6") -> service.TrackView:
    return service.view_of(person.id, CONTENT, track_id, framework.current(), NOW, 30)


def complete(person: Person, code: str) -> None:
    live = next(one for one in catalogue.live_modules() if one.code == code)
    taken = learning.open_enrolment(person.id, live, NOW)
    sittings.complete_module(person.id, taken.version_id, NOW)


def older_enrolment(person: Person) -> Track:
    """Enrol somebody under a version before the current one."""
    current = tracks.current(CONTENT)["T6"]
    older = current.model_copy(update={"version": 1, "modules": ["M06"], "validity_months": 24})
    db.session.add(
        TrackEnrolment(
            person_id=person.id, track_id="T6", track_version_id=tracks.version_id(older, NOW), started_at=NOW
        )
    )
    db.session.flush()
    return older


def test_enrolling_twice_is_enrolling_once(director: Person) -> None:
    assert enrolment.enrol(director.id, CONTENT, "T6", NOW)
    assert not enrolment.enrol(director.id, CONTENT, "T6", NOW)
    assert db.session.scalar(select(func.count()).select_from(TrackEnrolment)) == 1


def test_two_enrolments_at_once_leave_one(director: Person) -> None:
    """The second of two requests that both saw no enrolment meets the constraint and loses nothing."""
    enrolment.enrol(director.id, CONTENT, "T6", NOW)
    row = enrolment.require_enrolment(director.id, "T6")
    original = enrolment.enrolment_of
    enrolment.enrolment_of = lambda person_id, track_id: None
    try:
        assert not enrolment.enrol(director.id, CONTENT, "T6", NOW)
    finally:
        enrolment.enrolment_of = original
    assert enrolment.require_enrolment(director.id, "T6").id == row.id


def test_pause_resume_leave_and_come_back(director: Person) -> None:
    enrolment.enrol(director.id, CONTENT, "T6", NOW)
    enrolment.pause(director.id, "T6", NOW)
    assert view(director).action.kind == "resume"
    enrolment.resume(director.id, "T6")
    assert view(director).action.kind == "module"
    enrolment.leave(director.id, "T6", NOW)
    assert view(director).action.kind == "enrol"
    with pytest.raises(enrolment.NotEnrolledError):
        enrolment.pause(director.id, "T6", NOW)
    assert enrolment.enrol(director.id, CONTENT, "T6", NOW)


def test_the_way_holds_what_is_left_and_shrinks_with_each_module(director: Person) -> None:
    enrolment.enrol(director.id, CONTENT, "T6", NOW)
    before = view(director).way
    assert {stop.module.code for stop in before.stops} == {"M06", "M11"}
    assert before.minutes == sum(stop.module.head.minutes for stop in before.stops)
    assert before.ready_on == (NOW + timedelta(weeks=before.weeks)).date()
    complete(director, "M06")
    after = view(director)
    assert [stop.module.code for stop in after.way.stops] == ["M11"]
    assert after.action.subject == "M11"
    assert "M06" in after.progress.modules_met


def test_who_began_under_a_version_ends_under_it_or_moves(director: Person) -> None:
    older_enrolment(director)
    seen = view(director)
    assert seen.progress.track.modules == ["M06"]
    assert seen.newer is not None
    older, newer, found = enrolment.changes(director.id, CONTENT, "T6")
    assert (older.version, newer.version) == (1, tracks.current(CONTENT)["T6"].version)
    assert {"validity", "module"} <= {change.what for change in found}
    enrolment.move(director.id, CONTENT, "T6", NOW)
    assert view(director).newer is None
    assert len(view(director).progress.track.modules) == 28


def test_nobody_compares_versions_without_being_enrolled(director: Person) -> None:
    with pytest.raises(enrolment.NotEnrolledError):
        enrolment.changes(director.id, CONTENT, "T6")
    with pytest.raises(tracks.UnknownTrackError):
        enrolment.enrol(director.id, CONTENT, "T99", NOW)


def test_the_list_puts_what_one_follows_first(director: Person) -> None:
    enrolment.enrol(director.id, CONTENT, "T6", NOW)
    found = service.overview(director.id, CONTENT, framework.current(), NOW)
    assert [card.track.id for card in found] == ["T6", "T1", "T2", "T3", "T4", "T5"]


@pytest.fixture
def officer(make: Factory) -> Person:
    """A training officer."""
    officer = make.person()
    make.right(officer, "training_officer", make.unit())
    return officer


def test_two_consents_at_once_are_one(director: Person, officer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    cohort = cohorts.create(officer.id, CONTENT, "Promotion", "T6", NOW)
    cohorts.join(director.id, cohort.code, CONTENT, NOW)
    with monkeypatch.context() as unseen:
        unseen.setattr(cohorts, "_membership", lambda person_id, cohort_id: None)
        cohorts.join(director.id, cohort.code, CONTENT, NOW)
    assert len(cohorts.members(officer.id, cohort.id, CONTENT, framework.current(), NOW)) == 1


def test_a_follower_sees_members_until_they_leave(director: Person, officer: Person, make: Factory) -> None:
    cohort = cohorts.create(officer.id, CONTENT, "Promotion", "T6", NOW)
    cohorts.join(director.id, cohort.code, CONTENT, NOW)
    cohorts.join(director.id, cohort.code, CONTENT, NOW)
    complete(director, "M06")
    (member,) = cohorts.members(officer.id, cohort.id, CONTENT, framework.current(), NOW)
    assert (member.name, member.enrolled, member.stations[0].met) == (director.name, True, 1)
    assert cohorts.joined(director.id, "T6")[0].cohort.owner.id == officer.id
    cohorts.leave(director.id, cohort.id, NOW)
    assert cohorts.members(officer.id, cohort.id, CONTENT, framework.current(), NOW) == []
    cohorts.join(director.id, cohort.code, CONTENT, NOW)
    cohorts.close(officer.id, cohort.id, CONTENT, NOW)
    assert cohorts.members(officer.id, cohort.id, CONTENT, framework.current(), NOW) == []
    with pytest.raises(cohorts.UnknownCohortError):
        cohorts.join(director.id, cohort.code, CONTENT, NOW)


def test_only_its_owner_sees_a_cohort_and_only_followers_open_one(
    director: Person, officer: Person, make: Factory
) -> None:
    cohort = cohorts.create(officer.id, CONTENT, "Promotion", "T6", NOW)
    other = make.person()
    make.right(other, "manager", make.unit())
    with pytest.raises(cohorts.UnknownCohortError):
        cohorts.own(other.id, cohort.id, CONTENT)
    with pytest.raises(ForbiddenError):
        cohorts.own(director.id, cohort.id, CONTENT)
    with pytest.raises(ForbiddenError):
        cohorts.create(director.id, CONTENT, "Promotion", "T6", NOW)
    with pytest.raises(cohorts.UnknownCohortError):
        cohorts.leave(other.id, cohort.id, NOW)


def test_a_cohort_of_many_is_read_in_as_many_queries_as_one_of_two(
    director: Person, officer: Person, make: Factory
) -> None:
    cohort = cohorts.create(officer.id, CONTENT, "Promotion", "T6", NOW)

    def queries() -> int:
        count = 0

        def one_more(*_: object) -> None:
            nonlocal count
            count += 1

        db.session.flush()
        db.session.expire_all()
        event.listen(db.engine, "before_cursor_execute", one_more)
        cohorts.members(officer.id, cohort.id, CONTENT, framework.current(), NOW)
        event.remove(db.engine, "before_cursor_execute", one_more)
        return count

    for _ in range(2):
        cohorts.join(make.person().id, cohort.code, CONTENT, NOW)
    queries()  # Once for the caches.
    few = queries()
    for _ in range(8):
        cohorts.join(make.person().id, cohort.code, CONTENT, NOW)
    assert queries() == few


@pytest.fixture
def holder(make: Factory) -> Person:
    """Somebody whose certificate of T6 was issued under the rules of today, three years ago less a month."""
    publish()
    for code, competency in (("M06", "DAT1"), ("M11", "ALG2")):
        catalogue.publish(make_package(code, steps=[{"c": competency, "from": 0, "to": 2}], requires=[]), NOW)
    person = make.person(role="R44", unit=make.unit())
    awards.issue(person.id, issuing.facts_of(tracks.current(CONTENT)["T6"]), None, NOW - timedelta(days=1065))
    return person


def test_a_valid_certificate_needs_no_enrolment_and_a_due_one_is_renewed(holder: Person) -> None:
    with pytest.raises(RefusedError, match="valid until"):
        enrolment.enrol(holder.id, CONTENT, "T6", NOW - timedelta(days=200))
    assert enrolment.enrol(holder.id, CONTENT, "T6", NOW)
    found = view(holder)
    assert found.enrolment is not None
    assert found.enrolment.purpose == "renewal"
    stations = [(station.kind, station.total) for station in found.progress.stations]
    assert stations == [("electives", 1), ("evidence", 1), ("exam", 2), ("award", 1)]


def test_a_renewal_says_what_has_faded_and_no_longer_once_it_is_refreshed(holder: Person) -> None:
    assert view(holder).faded == (), "nobody renews yet"
    enrolment.enrol(holder.id, CONTENT, "T6", NOW)
    asked = tracks.current(CONTENT)["T6"].min_levels
    before = view(holder).faded
    assert {(one.competency, one.asked) for one in before} == set(asked.items())
    assessment.add_evidence(holder.id, "DAT1", "validation", 3.4, "test", NOW)
    after = view(holder).faded
    assert {one.competency for one in before} - {one.competency for one in after} == {"DAT1"}
    assert [one.asked - one.held for one in after] == sorted((one.asked - one.held for one in after), reverse=True)


def test_only_what_was_done_since_the_certificate_renews_it(holder: Person) -> None:
    before = NOW - timedelta(days=1100)
    live = next(one for one in catalogue.live_modules() if one.code == "M06")
    learning.open_enrolment(holder.id, live, before)
    sittings.complete_module(holder.id, live.version_id, before)
    enrolment.enrol(holder.id, CONTENT, "T6", NOW)
    assert view(holder).progress.electives_missing == 1
    assert "M06" not in view(holder).progress.track.electives.among
    complete(holder, "M11")
    assert view(holder).progress.electives_missing == 0


def test_a_renewal_asks_for_modules_that_can_be_taken_and_counts_a_units_own(holder: Person, make: Factory) -> None:
    planned = {key: value for key, value in document("M12").items() if key in ("slug", "head")}
    catalogue.publish(ModulePackage.model_validate(planned), NOW)
    for code in ("L01", "L02"):
        catalogue.publish(make_package(code), NOW, unit_id=make.unit().id)
    enrolment.enrol(holder.id, CONTENT, "T6", NOW)
    found = view(holder).progress
    assert found.electives_missing == 1
    assert not {"M12", "L01", "L02"} & set(found.track.electives.among)
    complete(holder, "L01")
    found = view(holder).progress
    assert found.electives_missing == 0
    assert "L01" in found.electives_met


def test_a_renewal_that_is_met_gives_new_dates_once(holder: Person) -> None:
    enrolment.enrol(holder.id, CONTENT, "T6", NOW)
    complete(holder, "M11")
    db.session.add(Proof(person_id=holder.id, track_id="T6", state="accepted", created_at=NOW, changed_at=NOW))
    track = tracks.current(CONTENT)["T6"]
    exam_id = exams.open_exam(holder.id, track, "renewal", NOW)
    db.session.execute(update(ExamPartRow).where(ExamPartRow.exam_id == exam_id).values(share=0.9, handed_in_at=NOW))
    exam = db.session.get_one(Exam, exam_id)
    db.session.refresh(exam)
    closing.conclude(exam, NOW)
    assert issuing.conclude(holder.id, framework.current(), NOW) == ["T6"]
    assert issuing.conclude(holder.id, framework.current(), NOW) == []
    newest, oldest = awards.history(holder.id, NOW)
    assert newest.renews_id == oldest.id
    assert newest.expires_at > NOW + timedelta(days=3 * 365)


def test_a_revoked_certificate_is_earned_again_with_a_new_exam(holder: Person, make: Factory) -> None:
    track = tracks.current(CONTENT)["T6"]
    row = db.session.scalars(select(Award)).one()
    row.revoked_at, row.revoked_reason = NOW, "Preuves empruntées à un collègue."
    exam_id = exams.open_exam(holder.id, track, "award", row.issued_at - timedelta(days=30))
    exam = db.session.get_one(Exam, exam_id)
    exam.outcome, exam.closed_at = "passed", row.issued_at - timedelta(days=29)
    db.session.flush()
    enrolment.enrol(holder.id, CONTENT, "T6", NOW)
    found = view(holder)
    assert found.enrolment is not None
    assert (found.enrolment.purpose, found.progress.done.exam) == ("award", "not_begun")


def test_a_renewal_starts_over_where_its_certificate_is_revoked(holder: Person, make: Factory, reader: Reader) -> None:
    officer = make.person()
    make.right(officer, "training_officer", db.session.get_one(Unit, organisation.unit_ids_of(holder.id)[0]))
    enrolment.enrol(holder.id, CONTENT, "T6", NOW)
    make.save()
    (held,) = awards.history(holder.id, NOW)
    address, reason = f"/certifications/report/{held.number}/revoke", {"reason": "Preuves empruntées à un collègue."}
    assert "500 caractères au plus" in reader.sign_in(officer).get(address).text
    long = reader.post(address, {"reason": "m" * 501}, status=422)
    assert "501 caractères, 500 au plus" in long.text
    assert "m" * 501 in long.html
    assert "10 caractères au moins" in reader.post(address, {"reason": "court"}, status=422).text
    reader.post(address, reason)
    found = view(holder)
    assert found.enrolment is not None
    assert found.enrolment.purpose == "award"
    assert "modules" in {station.kind for station in found.progress.stations}


def test_what_the_exam_waits_for_is_counted_in_both_languages(director: Person) -> None:
    found = view(director).progress
    exam = found.track.exam.model_copy(update={"opens_after": ["levels"]})
    said = eligibility.NotEligibleError(replace(found, track=found.track.model_copy(update={"exam": exam}))).message
    left = len(found.levels_missing)
    assert f"{left}\N{NO-BREAK SPACE}niveaux à faire" in said.fr
    assert f"{left}\N{NO-BREAK SPACE}levels to be" in said.en
    said = eligibility.NotEligibleError(replace(found, modules_missing=("M06",))).message
    assert "1\N{NO-BREAK SPACE}module à faire," in said.fr
    assert "1\N{NO-BREAK SPACE}module to take," in said.en


def test_the_chance_counts_as_many_questions_as_the_exam_draws(make: Factory) -> None:
    one = made_track([{**QUIZ, "items": 1}, TEXT])
    found = quiz_chance(make.person().id, one, one.min_levels, framework.current(), {}, NOW)
    assert found is not None
    assert found.likely > 0


def test_the_exam_opens_only_when_its_modules_are_done_and_says_what_is_left(director: Person) -> None:
    with pytest.raises(enrolment.NotEnrolledError):
        eligibility.open_exam(director.id, "T6", framework.current(), NOW)
    enrolment.enrol(director.id, CONTENT, "T6", NOW)
    complete(director, "M06")
    with pytest.raises(
        eligibility.NotEligibleError, match="27\N{NO-BREAK SPACE}modules to take, 3\N{NO-BREAK SPACE}electives"
    ):
        eligibility.open_exam(director.id, "T6", framework.current(), NOW)
    assert issuing.conclude(director.id, framework.current(), NOW) == []
    assert issuing.to_conclude() == [director.id]
    exams.open_exam(director.id, tracks.current(CONTENT)["T6"], "award", NOW)
    db.session.execute(update(Exam).values(outcome="failed", closed_at=NOW))
    with pytest.raises(eligibility.NotEligibleError, match="27\N{NO-BREAK SPACE}modules to take"):
        eligibility.open_exam(director.id, "T6", framework.current(), NOW + timedelta(days=90))
