"""Reviews in the database and through their pages: from a completed module to a moved level, and what may go wrong."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from fsrs import Rating
from sqlalchemy import event, func, select, update

from tests.factories import NOW, Factory
from tests.packages import bank, document
from tests.pages import Page, Reader
from training_platform import framework, reviews
from training_platform.accounts.models import Person
from training_platform.assessment import service as assessment
from training_platform.assessment import sittings
from training_platform.assessment.models import Answer, Evidence, Sitting
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import BankQuestion, ModulePackage
from training_platform.catalogue.models import Question
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.learning import service as learning
from training_platform.organisation.models import Unit
from training_platform.recommendations import duties
from training_platform.recommendations.situation import Situation, situation_of
from training_platform.reviews import cards, checks, fit, results, service
from training_platform.reviews.models import ReviewCard, ReviewCheck, ReviewFit
from training_platform.reviews.rules import DEFAULTS
from training_platform.studio import adopting
from training_platform.text import Text

FORM = re.compile(r'action="(/reviews/checks/\d+/(\d+))"')


def publish(code: str, competency: str, to: int = 1, **question: object) -> None:
    """Publish a module with ten questions a step, two of them kept for exams."""
    package = document(code, steps=[{"c": competency, "from": 0, "to": to}])
    questions = [q | question for n in range(to) for q in bank(code, competency, n, 10)]
    for kept in questions[-2:]:
        kept["reserved"] = True
    catalogue.publish(ModulePackage.model_validate({**package, "questions": questions}), NOW)


def complete(person: Person, code: str, at: datetime) -> None:
    enrolment = learning.open_enrolment(person.id, catalogue.live_by_slug(f"essai-{code.lower()}"), at)
    sittings.complete_module(person.id, enrolment.version_id, at)


@pytest.fixture
def unit(make: Factory) -> Unit:
    return make.unit()


@pytest.fixture
def nurse(make: Factory, unit: Unit) -> Person:
    """A nurse who completed a module on DAT1 a month ago."""
    publish("M90", "DAT1")
    person = make.person(role="R10", unit=unit)
    complete(person, "M90", NOW - timedelta(days=30))
    make.save()
    return person


def situation(person: Person, now: datetime = NOW) -> Situation:
    return situation_of(person.id, framework.current(), now, 30)


def today(person: Person, now: datetime = NOW) -> service.Today:
    return service.today_of(person.id, situation(person, now), {}, now)


def test_a_completed_module_is_checked_a_week_later_never_sooner(make: Factory, unit: Unit) -> None:
    publish("M90", "DAT1", 2)
    person = make.person(role="R10", unit=unit)
    assert today(person).checks == ()
    complete(person, "M90", NOW)
    assert today(person).checks == ()
    assert today(person, NOW + timedelta(days=6)).checks == ()
    assert all(at >= NOW + timedelta(days=7) for at in db.session.scalars(select(ReviewCard.due_at)))
    later = today(person, NOW + timedelta(days=30))
    assert [(card.competency, card.level) for card in later.checks] == [("DAT1", 1), ("DAT1", 2)]
    assert later.minutes == 4
    assert db.session.scalar(select(func.count()).select_from(ReviewCard)) == 2


def test_a_step_without_questions_is_never_checked(make: Factory, unit: Unit) -> None:
    empty = document("M91", steps=[{"c": "ALG1", "from": 0, "to": 1}])
    catalogue.publish(ModulePackage.model_validate({**empty, "questions": []}), NOW)
    person = make.person(role="R10", unit=unit)
    complete(person, "M91", NOW)
    assert today(person, NOW + timedelta(days=60)).checks == ()


def test_a_duty_brings_the_check_before_its_date(make: Factory, nurse: Person, unit: Unit) -> None:
    card = today(nurse).checks[0]
    row = db.session.get_one(ReviewCard, card.id)
    row.due_at = NOW + timedelta(days=200)
    assert today(nurse).checks == ()
    officer = make.person()
    make.right(officer, "hr", unit)
    asked = {"name": Text("a", "a"), "roles": [], "due": (NOW + timedelta(days=20)).date(), "now": NOW}
    duties.create(officer.id, unit_id=unit.id, modules=["M90"], targets={}, **asked)  # type: ignore[arg-type]
    coming = today(nurse).coming
    assert list(coming) == [(NOW + timedelta(days=17)).date()]
    assert today(nurse, NOW + timedelta(days=18)).checks[0].deadline == (NOW + timedelta(days=20)).date()
    service.postpone(nurse.id, card.id, NOW + timedelta(days=18))
    assert today(nurse, NOW + timedelta(days=18)).checks, "a date that a duty sets is not put off"


def test_what_the_original_of_a_copy_taught_is_remembered_from_its_own_day(
    make: Factory, nurse: Person, unit: Unit
) -> None:
    officer = make.person()
    make.right(officer, "training_officer", unit)
    make.save()
    slug = next(live.slug for live in catalogue.live_modules() if live.code == "M90")
    adopting.adopt(officer.id, slug, unit.id, NOW)
    today(nurse)
    assert db.session.scalars(select(ReviewCard.learnt_at)).all() == [NOW - timedelta(days=30)]


def answer_all(reader: Reader, page: Page, *, right: bool) -> Page:
    """Answer every question of a check; return its result."""
    while match := FORM.search(page.html):
        question = BankQuestion.model_validate(db.session.get_one(Question, int(match.group(2))).document)
        db.session.rollback()
        page = reader.post(
            match.group(1), {"choice": next(o.id for o in question.options if o.correct)} if right else {"unknown": "1"}
        )
        following = re.search(r'class="button" href="(/reviews/checks/\d+)"', page.html)
        page = reader.get(following.group(1)) if following else page
    return page


def started(reader: Reader) -> Page:
    """Begin the first check of today."""
    page = reader.get("/reviews/")
    begin = re.search(r'action="(/reviews/\d+)"', page.html)
    assert begin
    return reader.post(begin.group(1))


def test_from_the_home_to_a_remembered_step(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    assert "1 révision, 2 min" in reader.get("/").text.replace("\xa0", " ")
    before = assessment.levels(nurse.id, list(framework.current().competencies), datetime.now(UTC))["DAT1"]
    page = answer_all(reader, started(reader), right=True)
    assert page.h1 == "Vous vous en souvenez"
    assert "3 réponses justes sur 3" in page.text
    db.session.rollback()
    after = assessment.levels(nurse.id, list(framework.current().competencies), datetime.now(UTC))["DAT1"]
    assert after.mean > before.mean
    assert after.sd < before.sd
    assert "révision" not in reader.get("/").text
    assert "C'est fait pour aujourd'hui" in reader.get("/reviews/").text
    row = db.session.scalars(select(ReviewCard)).one()
    assert row.checks == 1
    assert row.due_at > datetime.now(UTC) + timedelta(days=20)
    check = db.session.scalars(select(ReviewCheck)).one()
    assert (check.rating, 0 < (check.recall or 0) < 1) == (Rating.Good, True)


def test_a_failed_check_offers_the_passage_and_no_level_falls_silently(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    page = answer_all(reader, started(reader), right=False)
    assert page.h1 == "À relire"
    assert any(link.startswith("/modules/essai-m90/lessons/1") for link in page.links())
    assert "Votre niveau estimé passe de 1 à 0" in page.text
    db.session.rollback()
    row = db.session.scalars(select(ReviewCard)).one()
    assert row.due_at < datetime.now(UTC) + timedelta(days=7)


def test_two_tabs_a_replay_and_an_answer_after_the_end_move_the_card_once(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    first, second = started(reader), started(reader)
    addresses = [match.group(1) for page in (first, second) if (match := FORM.search(page.html))]
    assert addresses[0] == addresses[1], "the unfinished check is resumed"
    for choice in ("a", "b"):
        reader.post(addresses[0], {"choice": choice})
    assert db.session.scalar(select(func.count()).select_from(Answer)) == 1
    db.session.rollback()
    done = answer_all(reader, reader.get(addresses[0].rsplit("/", 1)[0]), right=True)
    sitting = db.session.scalar(select(Sitting.id))
    db.session.rollback()
    for address in (addresses[0], f"/reviews/checks/{sitting}/finish"):
        assert reader.post(address, {"choice": "a"}).h1 == done.h1
    row = db.session.scalars(select(ReviewCard)).one()
    assert row.checks == 1
    assert db.session.scalar(select(func.count()).select_from(Evidence).where(Evidence.kind == "answer")) == 3
    reader.post(f"/reviews/checks/{sitting}/999999", {"choice": "a"}, status=404)
    assert "pas pour aujourd'hui" in reader.post(f"/reviews/{row.id}", status=422).text


def test_a_check_is_closed_once_even_by_two_requests_at_the_same_time(nurse: Person) -> None:
    now = NOW + timedelta(hours=1)
    sitting = checks.begin(nurse.id, today(nurse).checks[0].id, situation(nurse), NOW)
    view, _ = checks.check_of(nurse.id, sitting)
    with pytest.raises(RefusedError, match="unanswered"):
        checks.finish(nurse.id, sitting, situation(nurse), {}, now)
    last = [checks.answer(nurse.id, sitting, key, {"choices": ["b"]}, now) for key, _ in view.questions]
    assert last == [False, False, True]
    for _ in range(2):
        checks.finish(nurse.id, sitting, situation(nurse), {}, now)
    assert db.session.scalar(select(ReviewCard.checks)) == 1


def test_nobody_reads_answers_or_puts_off_anothers_review(nurse: Person, make: Factory, reader: Reader) -> None:
    reader.sign_in(nurse)
    page = started(reader)
    match = FORM.search(page.html)
    assert match
    card = db.session.scalar(select(ReviewCard.id))
    other = make.person()
    make.save()
    stranger = Reader(reader.app).sign_in(other)
    for address in (match.group(1), f"/reviews/{card}", f"/reviews/{card}/postpone"):
        stranger.post(address, {"choice": "a"}, status=404)
    stranger.get(match.group(1).rsplit("/", 1)[0], status=404)
    stranger.get(match.group(1).rsplit("/", 1)[0] + "/result", status=404)


def test_a_check_is_led_nowhere_else(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    match = FORM.search(started(reader).html)
    assert match
    sitting = match.group(1).split("/")[3]
    reader.get(f"/placement/{sitting}", status=404)
    reader.post(f"/placement/{sitting}/stop", status=404)
    assert reader.get(f"/reviews/checks/{sitting}").h1 == "Révision"


def test_questions_are_live_not_reserved_and_new_each_time(nurse: Person) -> None:
    (card,) = today(nurse).checks
    drawn: list[list[int]] = []
    for n in range(3):
        now = NOW + timedelta(days=400 * n)
        sitting = checks.begin(nurse.id, card.id, situation(nurse, now), now)
        view, _ = checks.check_of(nurse.id, sitting)
        drawn.append([key for key, _ in view.questions])
        for key, _ in view.questions:
            checks.answer(nurse.id, sitting, key, {"unknown": True}, now)
        checks.finish(nurse.id, sitting, situation(nurse, now), {}, now)
    assert not set(drawn[0]) & set(drawn[1])
    reserved = set(db.session.scalars(select(Question.id).where(Question.reserved.is_(True))))
    assert reserved
    assert not reserved & {key for one in drawn for key in one}
    assert len(set(drawn[2]) - set(drawn[0]) - set(drawn[1])) == 2, "eight may be put: two were left unseen"


def test_a_step_of_safety_has_four_questions_and_forgives_no_mistake(make: Factory, unit: Unit) -> None:
    publish("M90", "DAT1", safety=True)
    person = make.person(role="R10", unit=unit)
    complete(person, "M90", NOW - timedelta(days=30))
    (card,) = today(person).checks
    assert card.retention == 0.9
    sitting = checks.begin(person.id, card.id, situation(person), NOW)
    view, _ = checks.check_of(person.id, sitting)
    assert len(view.questions) == 4
    for n, (key, question) in enumerate(view.questions):
        right = next(o.id for o in question.options if o.correct)
        checks.answer(person.id, sitting, key, {"choices": [right]} if n else {"unknown": True}, NOW)
    checks.finish(person.id, sitting, situation(person), {}, NOW)
    assert results.result_of(person.id, sitting, situation(person), NOW).rating == Rating.Again


@pytest.mark.parametrize("changed", [False, True], ids=["as tested", "published anew since"])
def test_what_a_short_test_showed_is_reviewed_too(make: Factory, unit: Unit, changed: bool) -> None:
    publish("M90", "DAT1")
    person = make.person(role="R10", unit=unit)
    version = catalogue.live_by_slug("essai-m90").version_id
    questions = list(db.session.scalars(select(Question).where(Question.reserved.is_(False)).limit(6)))
    sitting = Sitting(
        person_id=person.id,
        version_id=version,
        kind="test_out",
        questions=[q.id for q in questions],
        started_at=NOW,
        finished_at=None,
    )
    db.session.add(sitting)
    db.session.flush()
    for row in questions:
        right = next(o.id for o in BankQuestion.model_validate(row.document).options if o.correct)
        sittings.answer(person.id, sitting.id, row.id, {"choices": [right]}, NOW)
    cards.add_tested(person.id, situation(person), {}, NOW)
    assert db.session.scalar(select(func.count()).select_from(ReviewCard)) == 0, "the test is not ended"
    sitting.finished_at = NOW
    if changed:
        publish("M90", "DAT1", 2)
    cards.add_tested(person.id, situation(person), {}, NOW)
    assert db.session.scalars(select(ReviewCard.level)).all() == [1]


def test_quiz_short_test_and_review_move_the_same_estimate_alike(make: Factory, unit: Unit) -> None:
    """The same answers say the same whatever the series in which they were given."""
    publish("M90", "DAT1")
    version = catalogue.live_by_slug("essai-m90").version_id
    questions = list(db.session.scalars(select(Question).where(Question.reserved.is_(False)).limit(4)))
    means = []
    for kind in ("quiz", "test_out", "placement", "review"):
        person = make.person(role="R10", unit=unit)
        sitting = Sitting(
            person_id=person.id,
            version_id=None if kind == "review" else version,
            kind=kind,
            questions=[q.id for q in questions],
            started_at=NOW,
        )
        db.session.add(sitting)
        db.session.flush()
        for n, row in enumerate(questions):
            sittings.answer(person.id, sitting.id, row.id, {"choices": ["abc"[n % 3]]}, NOW)
        level = assessment.levels(person.id, list(framework.current().competencies), NOW)["DAT1"]
        means.append((level.mean, level.sd, level.evidence_count))
    assert len(set(means)) == 1
    assert means[0][2] == 4


def test_the_foundation_is_what_its_track_asks(app: Flask, database: None) -> None:
    assert reviews.foundation()["SEC3"] == 2


def test_the_home_needs_one_query_for_the_reviews(nurse: Person) -> None:
    known = situation(nurse)
    service.today_of(nurse.id, known, {}, NOW)
    queries: list[str] = []

    def note(*arguments: object) -> None:
        queries.append(str(arguments[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    service.today_of(nurse.id, known, {}, NOW)
    event.remove(db.engine, "before_cursor_execute", note)
    assert len(queries) == 1, "\n".join(queries)


def test_parameters_are_fitted_only_to_enough_checks(app: Flask, nurse: Person, make: Factory) -> None:
    today(nurse)
    make.save()
    said = app.test_cli_runner().invoke(args=["review", "optimise"]).output
    assert "0 checks: too few" in said
    assert db.session.scalar(select(func.count()).select_from(ReviewFit)) == 0


@pytest.mark.slow
def test_fitted_parameters_are_kept_where_they_predict_better(make: Factory, unit: Unit) -> None:
    pytest.importorskip("pandas")
    source, forgetful = random.Random(3), 0.35
    for _ in range(220):
        person = make.person()
        card = ReviewCard(
            person_id=person.id,
            competency="DAT1",
            level=1,
            stability=2.3,
            difficulty=5.0,
            learnt_at=NOW,
            last_at=NOW,
            due_at=NOW,
        )
        db.session.add(card)
        db.session.flush()
        for n in (7, 20, 60):
            sitting = Sitting(person_id=person.id, kind="review", questions=[], started_at=NOW, finished_at=NOW)
            db.session.add(sitting)
            db.session.flush()
            rating = Rating.Good if source.random() < forgetful else Rating.Again
            db.session.add(
                ReviewCheck(
                    card_id=card.id, sitting_id=sitting.id, rating=int(rating), finished_at=NOW + timedelta(days=n)
                )
            )
    db.session.flush()
    assert fit.count_checks() == 660
    found = fit.fit(NOW)
    assert found
    assert found.kept
    assert found.loss_after < found.loss_before
    assert cards.current_parameters() != DEFAULTS
    db.session.execute(update(ReviewCheck).values(rating=None))
    assert fit.fit(NOW) is None


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_is_whole_in_both_languages(nurse: Person, make: Factory, reader: Reader, language: str) -> None:
    nurse.language = language
    make.save()
    reader.sign_in(nurse)
    pages = [reader.get("/reviews/"), started(reader)]
    pages.append(answer_all(reader, pages[1], right=False))
    pages.append(reader.get("/reviews/"))
    assert all(f'lang="{language}"' in page.html for page in pages)
