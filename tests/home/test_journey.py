"""The main job through the pages: job, self-rating, path, lesson, exercises, quiz, changed level and path."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select

from tests.factories import NOW, Factory
from tests.packages import document, make_package
from tests.pages import Page, Reader
from training_platform.accounts.models import Person
from training_platform.assessment.models import Answer, Evidence, Sitting
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import BankQuestion, ModulePackage
from training_platform.catalogue.models import Question
from training_platform.db import db
from training_platform.learning.models import Enrolment
from training_platform.recommendations.models import DecisionRecord


def publish_three(make: Factory) -> Person:
    """Publish a chain of modules and make a nurse."""
    catalogue.publish(make_package("M90"), NOW)
    catalogue.publish(make_package("M91", requires=["M90"], steps=[{"c": "DAT1", "from": 1, "to": 2}]), NOW)
    planned = document("M92", steps=[{"c": "ALG1", "from": 0, "to": 1}])
    catalogue.publish(ModulePackage.model_validate({**planned, "lessons": [], "questions": [], "exercises": []}), NOW)
    person = make.person()
    make.save()
    return person


def answer_quiz(reader: Reader, address: str, *, right: bool) -> Page:
    """Answer every open question of the quiz and see the result."""
    page = reader.get(address)
    while match := re.search(r'action="(/modules/[\w-]+/quiz/\d+/(\d+))"', page.html):
        row = db.session.get_one(Question, int(match.group(2)))
        question = BankQuestion.model_validate(row.document)
        choice = next(o.id for o in question.options if o.correct is right)
        page = reader.post(match.group(1), {"choice": choice})
        assert ("C'est juste." in page.text) is right
        following = re.search(r'class="button" href="(/modules/[\w-]+/quiz/\d+)"', page.html)
        page = reader.get(following.group(1)) if following else page
    finish = re.search(r'action="(/modules/[\w-]+/quiz/\d+/finish)"', page.html)
    assert finish
    db.session.rollback()
    return reader.post(finish.group(1))


def test_a_new_nurse_reaches_a_completed_module_and_a_changed_path(make: Factory, reader: Reader) -> None:
    person = publish_three(make)
    reader.sign_in(person)
    assert "Décrire mon poste" in reader.get("/").text

    page = reader.post("/job", {"text": "infirmière de nuit aux urgences, je fais les soins et les perfusions"})
    assert page.h1 == "Est-ce bien votre métier ?"
    assert "Infirmier" in page.text
    page = reader.post("/job/confirm", {"role": ["R10", "R01"], "text": "infirmière de nuit"})
    assert page.h1 == "Me situer en deux minutes"
    page = reader.post("/self-rating", {"DAT1": "0"})
    assert "Module d'essai M90" in page.text

    path = reader.get("/path/")
    assert path.text.index("essai M90") < path.text.index("essai M91")
    assert "0 → 1" in path.text
    assert "essai M92" not in path.text

    lesson = reader.post("/modules/essai-m90/start")
    assert lesson.h1 == "La leçon d'essai"
    assert "Sources" in lesson.text
    fed = reader.post("/modules/essai-m90/lessons/1/exercises/tri/t1", {"choice": "b"})
    assert "C'est juste." in fed.text
    assert (
        reader.post("/modules/essai-m90/lessons/1/exercises/tri/t2", {}, status=422).text.count(
            "Choisissez une réponse."
        )
        == 1
    )

    reader.post("/modules/essai-m90/lessons/1/finish")
    done = answer_quiz(reader, "/modules/essai-m90/quiz", right=True)
    assert done.h1 == "Module terminé"
    kinds = set(db.session.scalars(select(Evidence.kind)))
    assert kinds == {"self_rating", "answer", "completion"}
    after = reader.get("/path/")
    assert "Terminé : Module d'essai M90" in after.text
    assert after.text.index("Prochain arrêt") < after.text.index("essai M91")
    assert db.session.scalar(select(func.count()).select_from(DecisionRecord)) == 3
    assert "essai M91" in reader.get("/path/decisions").text
    level = reader.get("/levels/DAT1")
    assert "Module terminé, niveau 1" in level.text
    assert "réponses justes" in level.text


def test_a_failed_quiz_completes_nothing_and_draws_other_questions(make: Factory, reader: Reader) -> None:
    reader.sign_in(publish_three(make))
    reader.post("/modules/essai-m90/start")
    page = answer_quiz(reader, "/modules/essai-m90/quiz", right=False)
    assert "0 % de réponses justes" in page.text
    assert db.session.scalar(select(Enrolment.completed_at)) is None
    reader.get("/modules/essai-m90/quiz")
    first, second = db.session.scalars(select(Sitting.questions).order_by(Sitting.id)).all()
    assert not set(first) & set(second)


def test_two_tabs_and_double_clicks_count_once(make: Factory, reader: Reader) -> None:
    reader.sign_in(publish_three(make))
    reader.post("/modules/essai-m90/start")
    page = reader.get("/modules/essai-m90/quiz")
    address = re.search(r'action="(/modules/[\w-]+/quiz/\d+/\d+)"', page.html)
    assert address
    for choice in ("a", "a", "b"):
        reader.post(address.group(1), {"choice": choice})
    assert db.session.scalar(select(func.count()).select_from(Answer)) == 1
    assert db.session.scalar(select(func.count()).select_from(Evidence)) == 1
    assert reader.post(address.group(1).rsplit("/", 1)[0] + "/999999", {"choice": "a"}, status=404).text


def test_nobody_reads_or_answers_anothers_quiz(make: Factory, reader: Reader) -> None:
    reader.sign_in(publish_three(make))
    reader.post("/modules/essai-m90/start")
    address = reader.raw("GET", "/modules/essai-m90/quiz").headers["Location"]
    other = make.person()
    make.save()
    stranger = Reader(reader.app).sign_in(other)
    assert "ne vous ont pas été posées" in stranger.get(address, status=404).text


def test_a_simulation_keeps_reasons_and_ends_with_a_debrief(make: Factory, reader: Reader) -> None:
    reader.sign_in(publish_three(make))
    reader.post("/modules/essai-m90/start")
    address = "/modules/essai-m90/lessons/1/decisions/panne"
    refused = reader.post(f"{address}/d1", {"choice": "a", "reason": "court"}, status=422)
    assert "Écrivez votre raison" in refused.text
    assert "court" in refused.html
    long = reader.post(f"{address}/d1", {"choice": "a", "reason": "r" * 4001}, status=422)
    assert "4 001 caractères, 4 000 au plus" in long.text
    assert "r" * 4001 in long.html
    assert 'aria-describedby="panne-d1-reason-hint panne-d1-error"' in long.html
    assert "ne se présente pas encore" in reader.post(f"{address}/d2", {"choice": "c"}, status=422).text
    reader.post(f"{address}/d1", {"choice": "a", "reason": "parce que la sécurité prime"})
    end = reader.post(f"{address}/d2", {"choice": "c"})
    assert "Bilan : 4 / 6" in end.text
    again = reader.post("/modules/essai-m90/lessons/1/exercises/panne/restart")
    assert "Bilan" not in again.text


def test_reading_resumes_at_the_heading_and_in_the_version_begun(make: Factory, reader: Reader) -> None:
    reader.sign_in(publish_three(make))
    reader.post("/modules/essai-m90/start")
    token = reader.token()
    saved = reader.raw("POST", "/modules/essai-m90/lessons/1/place", data={"csrf_token": token, "anchor": "h-1"})
    assert saved.status_code == 204
    catalogue.publish(make_package("M90", minutes=40), NOW + timedelta(days=1))
    make.save()
    resumed = reader.raw("POST", "/modules/essai-m90/start", data={"csrf_token": token})
    assert resumed.headers["Location"].endswith("/lessons/1#h-1")
    assert db.session.scalar(select(func.count()).select_from(Enrolment)) == 1


def test_refusing_pinning_and_undoing_replan_at_once(make: Factory, reader: Reader) -> None:
    person = publish_three(make)
    reader.sign_in(person)
    reader.post("/job/confirm", {"role": "R01", "text": ""})
    page = reader.post("/path/essai-m90/refused")
    assert "Écartés par vous" in page.text
    assert "Prochain arrêt" not in page.text
    page = reader.post("/path/essai-m90/undo")
    assert "Prochain arrêt" in page.text
    assert "gardé" in reader.post("/path/essai-m91/pinned").text


def test_another_pace_is_tried_without_being_kept(make: Factory, reader: Reader) -> None:
    person = publish_three(make)
    reader.sign_in(person)
    reader.post("/job/confirm", {"role": "R01", "text": ""})
    page = reader.get("/path/?minutes=60")
    assert "Essai à 1 h" in page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert "30" in reader.get("/profile").html
    reader.post("/path/pace", {"minutes": "60"})
    assert 'value="60"' in reader.get("/profile").html


@pytest.mark.parametrize("text", ["", "a", "🙂", "x" * 5000, "a" * 1_000_000, "\x00\x01 \u202e", "мы не знаем"])
def test_odd_job_texts_never_break_the_page(make: Factory, reader: Reader, text: str) -> None:
    reader.sign_in(publish_three(make))
    response = reader.raw("POST", "/job", data={"csrf_token": reader.token(), "text": text})
    assert response.status_code in (200, 422)
    Page(response)


def test_search_follows_publication_at_once(make: Factory, reader: Reader) -> None:
    catalogue.publish(make_package("M90"), NOW)
    make.save()
    assert "Module d'essai M90" in reader.get("/search?q=relire un compte rendu").text
    catalogue.publish(make_package("M95", title={"fr": "Peser les colis du magasin", "en": "Weigh parcels"}), NOW)
    make.save()
    assert "Peser les colis" in reader.get("/search?q=peser les colis du magasin").text


@pytest.mark.parametrize(
    "address",
    ["/", "/path/", "/modules/essai-m90/lessons/1", "/levels", "/certifications/", "/search?q=relire", "/modules/"],
)
def test_a_page_needs_at_most_twelve_queries(make: Factory, reader: Reader, address: str) -> None:
    reader.sign_in(publish_three(make))
    reader.post("/job/confirm", {"role": "R10", "text": ""})
    reader.get(address)
    queries: list[str] = []

    def count(*args: object) -> None:
        queries.append(str(args[2]))

    event.listen(db.engine, "before_cursor_execute", count)
    reader.get(address)
    event.remove(db.engine, "before_cursor_execute", count)
    assert len(queries) <= 12, "\n".join(queries)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_of_the_learner_is_whole_in_both_languages(make: Factory, reader: Reader, language: str) -> None:
    publish_three(make)
    person = make.person(role="R10", language=language)
    make.save()
    reader.sign_in(person)
    for address in (
        "/",
        "/about",
        "/path/",
        "/path/decisions",
        "/levels",
        "/levels/DAT1",
        "/self-rating",
        "/job",
        "/profile",
        "/modules/",
        "/modules/essai-m90",
        "/modules/essai-m92",
        "/modules/essai-m90/lessons/1",
        "/modules/essai-m90/quiz",
        "/certifications/",
        "/certifications/T1",
        "/search",
        "/search?q=compte rendu",
    ):
        assert f'lang="{language}"' in reader.get(address).html


def test_language_switch_and_protected_pages(make: Factory, reader: Reader) -> None:
    assert reader.get("/path/").h1 in ("Connexion", "Sign in")
    assert reader.post("/language", {"language": "en", "next": "//evil.example"}).h1
    assert reader.get("/sign-in").h1 == "Sign in"
    assert reader.raw("POST", "/language", data={"language": "fr"}).status_code == 400
    assert "Content-Security-Policy" in reader.raw("GET", "/").headers
