"""The way to publication against a real database: four eyes, comments, schedule, archive, learners in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import NOW, Factory
from tests.packages import document, make_package
from tests.pages import Reader
from tests.studio.forms import queries_of
from training_platform import framework
from training_platform.accounts.models import Person
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage
from training_platform.catalogue.models import Module, ModuleVersion
from training_platform.db import db
from training_platform.errors import ForbiddenError, RefusedError
from training_platform.learning import service as learning
from training_platform.organisation.models import Unit
from training_platform.studio import (
    drafts,
    history,
    listing,
    publishing,
    reviewing,
    scheduling,
    service,
    tasks,
    versions,
)
from training_platform.studio.models import ReviewComment, Work
from training_platform.studio.service import DraftProblemsError
from training_platform.studio.standing import NotNowError, standing_of

SLUG, ADDRESS = "essai-m90", "/studio/essai-m90"
SOON = NOW + timedelta(hours=3)


@pytest.fixture
def unit(make: Factory) -> Unit:
    """Publish the trial module, owned by one unit."""
    unit = make.unit()
    catalogue.publish(make_package("M90"), NOW, unit_id=unit.id)
    make.save()
    return unit


@pytest.fixture
def author(make: Factory, unit: Unit) -> Person:
    """Return an officer with a draft in hand."""
    person = officer(make, unit)
    write(person, minutes=16)
    make.save()
    return person


@pytest.fixture
def reviewer(make: Factory, unit: Unit) -> Person:
    """Return another officer of the same unit."""
    person = officer(make, unit)
    make.save()
    return person


@pytest.fixture
def four_eyes(app: Flask) -> Iterator[None]:
    """Ask for four eyes during a test."""
    before = app.extensions["settings"]
    app.extensions["settings"] = replace(before, four_eyes=True)
    yield
    app.extensions["settings"] = before


def officer(make: Factory, unit: Unit) -> Person:
    person = make.person()
    make.right(person, "training_officer", unit)
    return person


def write(person: Person, now: datetime = NOW, **changes: object) -> None:
    """Save a draft as the editor does."""
    edited = service.editable(person.id, SLUG)
    drafts.write(edited, service.working_copy(edited), make_package("M90", **changes), person.id, now)


def state(person: Person, four_eyes: bool = True) -> str:
    return standing_of(person.id, SLUG, four_eyes=four_eyes).work.state


def approved(author: Person, reviewer: Person) -> None:
    reviewing.submit(author.id, SLUG, reviewer.id, "", NOW, four_eyes=True)
    reviewing.approve(reviewer.id, SLUG, NOW, four_eyes=True)


def test_a_draft_goes_through_review_to_publication(author: Person, reviewer: Person) -> None:
    assert state(author) == "draft"
    reviewing.submit(author.id, SLUG, reviewer.id, "surtout la leçon 1", NOW, four_eyes=True)
    assert state(author) == "in_review"
    reviewing.ask_changes(reviewer.id, SLUG, "Le titre est trop long.", NOW, four_eyes=True)
    assert state(author) == "draft"
    reviewing.submit(author.id, SLUG, None, "", NOW, four_eyes=True)
    reviewing.approve(reviewer.id, SLUG, NOW, four_eyes=True)
    assert state(author) == "approved"
    published = publishing.publish(author.id, SLUG, framework.current(), NOW, four_eyes=True)
    assert (published.version.number, state(author)) == (2, "published")
    kinds = [event.kind for event in reversed(history.events_of(published.version.module_id))]
    assert kinds == ["edited", "submitted", "changes_asked", "submitted", "approved", "published"]
    assert history.events_of(published.version.module_id)[0].person == author.name


def test_editing_after_approval_sends_it_back_even_from_elsewhere(author: Person, reviewer: Person) -> None:
    approved(author, reviewer)
    catalogue.save_draft(make_package("M90", minutes=17), NOW, author.id)
    assert state(author) == "draft"
    with pytest.raises(NotNowError):
        publishing.publish(author.id, SLUG, framework.current(), NOW, four_eyes=True)


def test_nobody_approves_what_they_wrote_even_when_somebody_else_saved_last(author: Person, reviewer: Person) -> None:
    write(reviewer, minutes=17)
    reviewing.submit(author.id, SLUG, None, "", NOW, four_eyes=True)
    for person in (author, reviewer):
        with pytest.raises(NotNowError, match="somebody else must approve"):
            reviewing.approve(person.id, SLUG, NOW, four_eyes=True)
    with pytest.raises(NotNowError):
        publishing.publish(author.id, SLUG, framework.current(), NOW, four_eyes=True)


def test_without_four_eyes_an_officer_publishes_alone(author: Person) -> None:
    assert publishing.publish(author.id, SLUG, framework.current(), NOW, four_eyes=False).version.number == 2


def test_only_the_officers_of_the_unit_can_be_asked(make: Factory, author: Person, reviewer: Person) -> None:
    stranger = officer(make, make.unit())
    assert [p.id for p in reviewing.reviewers(author.id, SLUG, four_eyes=True)] == [reviewer.id]
    for nobody in (stranger.id, author.id, 99_999):
        with pytest.raises(RefusedError):
            reviewing.submit(author.id, SLUG, nobody, "", NOW, four_eyes=True)
    with pytest.raises(ForbiddenError):
        standing_of(stranger.id, SLUG, four_eyes=True)


def test_what_was_read_is_what_is_approved(author: Person, reviewer: Person) -> None:
    reviewing.submit(author.id, SLUG, None, "", NOW, four_eyes=True)
    standing = standing_of(author.id, SLUG, four_eyes=True)
    assert standing.draft is not None
    seen = standing.draft.content_hash
    write(author, minutes=18)
    with pytest.raises(NotNowError, match="changed since you opened it"):
        reviewing.approve(reviewer.id, SLUG, NOW, four_eyes=True, seen=seen)


def test_asking_for_changes_says_what_should_change(author: Person, reviewer: Person) -> None:
    reviewing.submit(author.id, SLUG, None, "", NOW, four_eyes=True)
    with pytest.raises(RefusedError, match="Say in one sentence"):
        reviewing.ask_changes(reviewer.id, SLUG, "  ", NOW, four_eyes=True)


def test_publishing_twice_from_two_tabs_makes_one_version(author: Person, make: Factory, reader: Reader) -> None:
    make.save()
    reader.sign_in(author)
    assert "Version 2" in reader.post(f"{ADDRESS}/publish").text
    assert "pas de brouillon" in reader.post(f"{ADDRESS}/publish", status=422).text
    numbers = db.session.scalars(select(ModuleVersion.number).order_by(ModuleVersion.number)).all()
    assert list(numbers) == [1, 2]


class TestSchedule:
    """Publication at a date: once, and never with problems."""

    @pytest.fixture
    def planned(self, author: Person, reviewer: Person) -> int:
        approved(author, reviewer)
        scheduling.schedule(author.id, SLUG, SOON, "minor", NOW, four_eyes=True)
        db.session.commit()
        return db.session.scalars(select(Module.id)).one()

    def test_it_is_published_when_its_time_has_come_and_once(self, app: Flask, planned: int) -> None:
        assert list(tasks.publish_all_due(NOW)) == []
        outcomes = list(tasks.publish_all_due(SOON))
        assert [(outcome.version, len(outcome.people)) for outcome in outcomes] == [(2, 2)]
        assert list(tasks.publish_all_due(SOON)) == []
        assert scheduling.publish_due(planned, framework.current(), SOON, four_eyes=True) is None
        assert history.events_of(planned)[0].kind == "published"

    def test_a_check_that_fails_at_that_time_is_told_and_nothing_is_published(
        self, planned: int, author: Person
    ) -> None:
        fewer = replace(framework.current(), facts={})
        outcome = scheduling.publish_due(planned, fewer, SOON, four_eyes=True)
        assert outcome is not None
        assert outcome.version is None
        assert outcome.problems
        standing = standing_of(author.id, SLUG, four_eyes=True)
        assert (standing.work.state, standing.failed, standing.publish_at) == ("approved", True, None)
        assert [line.task for line in listing.waiting(listing.lines(author.id, four_eyes=True))] == ["failed"]
        assert history.events_of(planned)[0].detail["problems"]
        assert scheduling.due(SOON) == []

    def test_the_command_says_what_it_did(self, app: Flask, planned: int) -> None:
        command = app.test_cli_runner()
        work = db.session.get_one(Work, planned)
        work.publish_at = datetime(2026, 1, 1, tzinfo=UTC)
        db.session.commit()
        assert command.invoke(args=["studio", "publish-due"]).stdout == "essai-m90: version 2\n"
        assert command.invoke(args=["studio", "publish-due"]).stdout == ""

    def test_edited_in_the_meantime_it_is_not_published(self, planned: int, author: Person) -> None:
        write(author, minutes=19)
        assert list(tasks.publish_all_due(SOON)) == []

    def test_the_past_is_refused(self, planned: int, author: Person) -> None:
        for at in (NOW, NOW - timedelta(days=1), None):
            with pytest.raises(RefusedError, match="still to come"):
                scheduling.schedule(author.id, SLUG, at, "minor", NOW, four_eyes=True)

    def test_it_can_be_cancelled(self, planned: int, author: Person) -> None:
        scheduling.unschedule(author.id, SLUG, NOW, four_eyes=True)
        assert scheduling.due(SOON) == []
        with pytest.raises(NotNowError):
            scheduling.unschedule(author.id, SLUG, NOW, four_eyes=True)

    def test_a_draft_that_nobody_approved_cannot_be_scheduled(self, author: Person) -> None:
        with pytest.raises(NotNowError):
            scheduling.schedule(author.id, SLUG, SOON, "minor", NOW, four_eyes=False)


class TestArchive:
    """What has left the catalogue can be finished, and is kept by those who completed it."""

    def test_learners_in_the_middle_finish_and_nobody_starts(
        self, author: Person, unit: Unit, make: Factory, reader: Reader
    ) -> None:
        nurse, other = make.person(role="R10", unit=unit), make.person(role="R10", unit=unit)
        learning.open_enrolment(nurse.id, catalogue.live_by_slug(SLUG), NOW)
        publishing.archive(author.id, SLUG, NOW, four_eyes=True)
        make.save()
        reader.sign_in(nurse)
        assert "Commencés, retirés du catalogue" in reader.get("/path/").text
        assert reader.post(f"/modules/{SLUG}/start").h1 == "La leçon d'essai"
        assert "retiré du catalogue" in reader.get(f"/modules/{SLUG}").text
        assert "essai" not in " ".join(reader.get("/modules/").links())
        reader.sign_in(other)
        reader.post(f"/modules/{SLUG}/start", status=404)

    def test_archived_while_in_review_the_reviewer_is_told(
        self, author: Person, reviewer: Person, make: Factory, reader: Reader
    ) -> None:
        reviewing.submit(author.id, SLUG, reviewer.id, "", NOW, four_eyes=True)
        publishing.archive(author.id, SLUG, NOW, four_eyes=True)
        make.save()
        reader.sign_in(reviewer)
        said = reader.post(f"{ADDRESS}/approve", status=422).text
        assert "a été archivé" in said
        data = {"place": "module", "index": "0", "seen": "", "body": "Bien.", "in": "fr"}
        assert "a été archivé" in reader.post(f"{ADDRESS}/comments", data, status=422).text
        assert "archivé" in reader.get(f"{ADDRESS}/status").text
        publishing.unarchive(author.id, SLUG, NOW, four_eyes=True)
        assert state(author) == "draft"
        assert catalogue.live_by_slug(SLUG).number == 1

    def test_a_second_archive_is_refused(self, author: Person) -> None:
        publishing.archive(author.id, SLUG, NOW, four_eyes=True)
        with pytest.raises(NotNowError):
            publishing.archive(author.id, SLUG, NOW, four_eyes=True)


class TestRollback:
    """An earlier version is published again as a new one; nothing is lost."""

    def test_the_old_text_comes_back_as_a_new_version_and_the_draft_stays(self, author: Person) -> None:
        publishing.publish(author.id, SLUG, framework.current(), NOW, four_eyes=False)
        write(author, minutes=18)
        back = versions.roll_back(author.id, SLUG, 1, framework.current(), "minor", NOW)
        assert catalogue.live_by_slug(SLUG).head.minutes == 15
        assert catalogue.live_by_slug(SLUG).version_id == back.version.id
        draft = catalogue.draft_of(back.version.module_id)
        assert draft is not None
        assert draft.head["minutes"] == 18
        listed = [v.state for v in versions.versions_of(back.version.module_id)]
        assert listed == ["draft", "published", "superseded", "superseded"]
        assert history.events_of(back.version.module_id)[0].detail["back_to"] == 1

    def test_facts_that_no_longer_exist_are_named_and_the_remedy_given(
        self, author: Person, make: Factory, reader: Reader
    ) -> None:
        old = make_package("M90", facts=["AIA-01", "ZZZ-99"])
        text = old.lessons[0].text
        lesson = {"fr": text.fr.replace("[^AIA-01]", "[^ZZZ-99]"), "en": text.en.replace("[^AIA-01]", "[^ZZZ-99]")}
        lessons = [{"name": old.lessons[0].name.model_dump(), "text": lesson}]
        catalogue.publish(ModulePackage.model_validate(document("M90", facts=["ZZZ-99"]) | {"lessons": lessons}), NOW)
        catalogue.publish(make_package("M90"), NOW)
        make.save()
        with pytest.raises(DraftProblemsError):
            versions.roll_back(author.id, SLUG, 2, framework.current(), "minor", NOW)
        db.session.rollback()
        reader.sign_in(author)
        page = reader.post(f"{ADDRESS}/versions/2/publish", status=422)
        assert "Fait inconnu : ZZZ-99" in page.text
        assert "n'a pas changé" in page.text
        assert catalogue.live_by_slug(SLUG).number == 3
        assert reader.post(f"{ADDRESS}/versions/2/draft").status == 200
        draft = catalogue.draft_of(catalogue.live_by_slug(SLUG).module_id)
        assert draft is not None
        assert draft.head["facts"] == ["ZZZ-99"]

    @pytest.mark.parametrize(("number", "status"), [(1, 422), (7, 404)])
    def test_only_an_earlier_version(
        self, author: Person, make: Factory, reader: Reader, number: int, status: int
    ) -> None:
        reader.sign_in(author)
        reader.post(f"{ADDRESS}/versions/{number}/publish", status=status)
        reader.get(f"{ADDRESS}/difference?old={number}&new=99", status=404)


def test_dropping_a_draft_keeps_what_is_published(author: Person, make: Factory, reader: Reader) -> None:
    reader.sign_in(author)
    assert "Brouillon abandonné" in reader.post(f"{ADDRESS}/drop").text
    assert state(author) == "published"
    reader.post(f"{ADDRESS}/drop", status=422)


class TestPages:
    """Each page of the workflow, as its user goes through it."""

    def test_a_review_from_submission_to_publication(
        self, author: Person, reviewer: Person, make: Factory, reader: Reader, four_eyes: None
    ) -> None:
        reader.sign_in(author)
        page = reader.get(f"{ADDRESS}/status")
        assert "Un brouillon est en cours" in page.text
        assert reviewer.name in page.text
        assert "doit approuver" in page.text
        reader.post(f"{ADDRESS}/submit", {"reviewer": "99999"}, status=422)
        assert "2 000 au plus" in reader.post(f"{ADDRESS}/submit", {"note": "n" * 2001}, status=422).text
        assert "en relecture" in reader.post(f"{ADDRESS}/submit", {"reviewer": str(reviewer.id), "note": "Merci"}).text
        assert "quatre" not in reader.get("/studio/").text
        reader.sign_in(reviewer)
        assert "À relire" in reader.get("/studio/").text
        page = reader.get(f"{ADDRESS}/review")
        place = hidden(page.html, "lesson:01", 3)
        page = reader.post(f"{ADDRESS}/comments", place | {"body": "Quelle source ?\nJe ne la trouve pas."})
        assert "Quelle source ?" in page.text
        assert "1 commentaire ouvert" in page.text.replace("\xa0", " ")
        assert "encore ouverts" in reader.post(f"{ADDRESS}/approve", status=422).text
        comment = db.session.scalars(select(ReviewComment)).one()
        reader.post(f"{ADDRESS}/changes", {"note": ""})
        reader.sign_in(author)
        assert "À reprendre" in reader.get("/studio/").text
        reader.post(f"{ADDRESS}/comments/{comment.id}/answer", {"body": " "}, status=422)
        assert "La voici" in reader.post(f"{ADDRESS}/comments/{comment.id}/answer", {"body": "La voici."}).text
        reader.post(f"{ADDRESS}/comments/{comment.id}/resolve", {})
        reader.post(f"{ADDRESS}/comments/{comment.id}/resolve", {})
        assert "Rouvrir" in reader.get(f"{ADDRESS}/review").text
        reader.post(f"{ADDRESS}/submit", {"reviewer": ""})
        reader.post(f"{ADDRESS}/approve", status=422)
        reader.sign_in(reviewer)
        reader.post(f"{ADDRESS}/approve")
        reader.sign_in(author)
        assert "Approuvé : à publier" in reader.get("/studio/").text
        assert "Petite correction" in reader.get(f"{ADDRESS}/publish").text
        assert "Version 2 publiée" in reader.post(f"{ADDRESS}/publish", {"effect": "minor"}).text
        history = reader.get(f"{ADDRESS}/status").text
        for said in ("a confié", "a demandé des changements", "a traité un commentaire", "a approuvé", "a publié"):
            assert said in history

    def test_a_review_is_told_by_mail_and_on_the_first_page(
        self, author: Person, reviewer: Person, make: Factory, reader: Reader
    ) -> None:
        reviewer.language = "en"
        make.save()
        folder = reader.app.extensions["settings"].instance_folder / "mail"
        for old in folder.glob("*.eml") if folder.exists() else ():
            old.unlink()
        reader.sign_in(author)
        assert "à l'atelier" not in reader.get("/").text
        reader.post(f"{ADDRESS}/submit", {"reviewer": "", "note": "Surtout la leçon {1}"})
        assert "à l'atelier" not in reader.get("/").text
        assert "1 draft waits for you in the studio" in reader.sign_in(reviewer).get("/").text
        reader.post(f"{ADDRESS}/changes", {"note": "Le titre est trop long"})
        assert "in the studio" not in reader.get("/").text
        assert "1 brouillon vous attend à l'atelier" in reader.sign_in(author).get("/").text
        sent = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in folder.glob("*.eml")]
        assert {(m["To"], m["Subject"]) for m in sent} == {
            (reviewer.email, "A draft awaits your review: Trial module M90"),
            (author.email, "Des changements sont demandés : Module d'essai M90"),
        }
        bodies = {m["To"]: m.get_content() for m in sent}
        assert "Surtout la leçon {1}" in bodies[reviewer.email]
        assert "Le titre est trop long" in bodies[author.email]
        assert all(f"{ADDRESS}/review" in body for body in bodies.values())

    def test_a_comment_on_a_paragraph_that_vanished_is_kept_for_the_writer(
        self, author: Person, reviewer: Person, make: Factory, reader: Reader
    ) -> None:
        reviewing.submit(author.id, SLUG, None, "", NOW, four_eyes=True)
        make.save()
        reader.sign_in(reviewer)
        gone = {"in": "fr", "place": "lesson:01", "index": "3", "seen": "0" * 32, "body": "Ma longue remarque"}
        page = reader.post(f"{ADDRESS}/comments", gone, status=422)
        assert "a changé pendant que vous écriviez" in page.text
        assert "Ma longue remarque" in page.html
        assert db.session.scalars(select(ReviewComment)).all() == []
        reader.post(f"{ADDRESS}/comments", gone | {"place": "nowhere"}, status=422)
        empty = hidden(page.html, "head", 0) | {"body": "  "}
        assert "Écrivez votre commentaire" in reader.post(f"{ADDRESS}/comments", empty, status=422).text
        long = reader.post(f"{ADDRESS}/comments", empty | {"body": "c" * 4001}, status=422)
        assert "4 001 caractères, 4 000 au plus" in long.text
        assert "c" * 4001 in long.html
        long = reader.post(f"{ADDRESS}/changes", {"note": "n" * 2001}, status=422)
        assert "2 001 caractères, 2 000 au plus" in long.text
        assert "n" * 2001 in long.html

    def test_a_commented_paragraph_that_is_deleted_shows_what_it_said(
        self, author: Person, reviewer: Person, make: Factory, reader: Reader
    ) -> None:
        reviewing.submit(author.id, SLUG, None, "", NOW, four_eyes=True)
        make.save()
        reader.sign_in(reviewer)
        page = reader.get(f"{ADDRESS}/review")
        reader.post(f"{ADDRESS}/comments", hidden(page.html, "lesson:01", 3) | {"body": "À sourcer"})
        package = make_package("M90", minutes=16)
        text = package.lessons[0].text
        lesson = {"fr": text.fr.replace("Texte avec une note.[^AIA-01]", ""), "en": text.en}
        shorter = document("M90") | {"lessons": [{"name": package.lessons[0].name.model_dump(), "text": lesson}]}
        catalogue.save_draft(ModulePackage.model_validate(shorter), NOW, author.id)
        make.save()
        page = reader.get(f"{ADDRESS}/review")
        assert "Sur des paragraphes qui n'existent plus" in page.text
        assert "Texte avec une note." in page.text
        assert "(dont dans l'autre langue : 1)" in reader.get(f"{ADDRESS}/review?in=en").text.replace("\xa0", " ")

    def test_a_date_in_the_past_is_said_beside_its_field(
        self, author: Person, reviewer: Person, make: Factory, reader: Reader
    ) -> None:
        approved(author, reviewer)
        make.save()
        reader.sign_in(author)
        sent = {"when": "later", "day": "2020-01-01", "hour": "08:00", "effect": "move"}
        page = reader.post(f"{ADDRESS}/publish", sent, status=422)
        assert "une heure à venir" in page.text
        assert 'value="2020-01-01"' in page.html
        reader.post(f"{ADDRESS}/publish", sent | {"day": "bientôt"}, status=422)
        day = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
        assert "Publication prévue le" in reader.post(f"{ADDRESS}/publish", sent | {"day": day}).text
        assert "prévu le" in reader.get("/studio/").text
        assert "n'est plus programmée" in reader.post(f"{ADDRESS}/unschedule").text

    def test_what_changes_is_said_with_words(self, author: Person, make: Factory, reader: Reader) -> None:
        reader.sign_in(author)
        page = reader.get(f"{ADDRESS}/difference")
        assert "[retiré : 15 ]" in page.text
        assert "[ajouté : 16 ]" in page.text
        assert reader.get(f"{ADDRESS}/difference?view=side").status == 200
        assert "exactement la même chose" in reader.get(f"{ADDRESS}/difference?old=1&new=1").text
        assert "en ligne" in reader.get(f"{ADDRESS}/versions").text

    def test_an_officer_of_elsewhere_sees_and_does_nothing(self, author: Person, make: Factory, reader: Reader) -> None:
        reader.sign_in(officer(make, make.unit()))
        make.save()
        assert "Module d'essai M90" not in reader.get("/studio/").text
        for page in ("status", "review", "publish", "versions", "difference"):
            reader.get(f"{ADDRESS}/{page}", status=403)
        for act in ("submit", "approve", "changes", "publish", "archive", "drop", "withdraw", "comments/1/resolve"):
            reader.post(f"{ADDRESS}/{act}", status=403)
        reader.get("/studio/nothing/status", status=404)

    def test_the_list_is_filtered_and_counts_its_queries(self, author: Person, make: Factory, reader: Reader) -> None:
        for number in range(91, 99):
            catalogue.publish(make_package(f"M{number}"), NOW)
        make.save()
        reader.sign_in(author)
        assert "M95" in reader.get("/studio/?q=m95").text
        assert "M91" not in reader.get("/studio/?q=m95").text
        assert "Aucun module ne correspond" in reader.get("/studio/?state=archived").text
        assert "M90" in reader.get("/studio/?state=draft&domain=DAT").text
        assert len(queries_of(lambda: listing.lines(author.id, four_eyes=True))) <= 8


def hidden(html: str, place: str, index: int) -> dict[str, str]:
    """Return the hidden fields of the comment form of one paragraph."""
    mark = f'name="place" value="{place}"><input type="hidden" name="index" value="{index}"><input type="hidden" name="seen" value="'
    assert mark in html, f"no form for {place} {index}"
    return {"in": "fr", "place": place, "index": str(index), "seen": html.partition(mark)[2][:32]}
