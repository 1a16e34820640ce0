"""What texts mean: roles with their confidence, "none of these", competencies, filters, near-duplicates, saved indexes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from embeddings.encoder import SHIPPED
from embeddings.index import Kind
from tests.factories import NOW, Factory
from tests.packages import make_package
from tests.pages import Reader
from training_platform import framework, matching
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage
from training_platform.catalogue.models import Question
from training_platform.db import db
from training_platform.matching import service
from training_platform.matching.service import Filters, Meaning
from training_platform.organisation import service as organisation

MEANING = Meaning(model=str(SHIPPED))


@pytest.fixture
def modules(make: Factory) -> None:
    """Three live modules and a planned one, apart in minutes, level, domain."""
    catalogue.publish(make_package("M90", minutes=15), NOW)
    catalogue.publish(make_package("M91", minutes=45, steps=[{"c": "DAT1", "from": 1, "to": 2}]), NOW)
    catalogue.publish(make_package("M92", minutes=30, domain="SEC", steps=[{"c": "SEC1", "from": 0, "to": 1}]), NOW)
    planned = make_package("M93").model_dump(by_alias=True)
    catalogue.publish(ModulePackage.model_validate({**planned, "lessons": [], "questions": [], "exercises": []}), NOW)
    make.save()


def found(app: Flask, filters: Filters) -> set[str]:
    return {m.module.code for m in service.search("module d'essai", "fr", framework.current(), MEANING, filters)}


def test_filters_keep_what_passes_all_of_them(modules: None, app: Flask) -> None:
    assert found(app, Filters()) == {"M90", "M91", "M92", "M93"}
    assert found(app, Filters(minutes=30)) == {"M90", "M92", "M93"}
    assert found(app, Filters(level=1)) == {"M91"}
    assert found(app, Filters(domain="SEC")) == {"M92"}
    assert found(app, Filters(exercise="decision_simulation", written=True)) == {"M90", "M91", "M92"}
    assert found(app, Filters(exercise="case")) <= {"M90", "M91", "M92"}
    assert found(app, Filters(minutes=15, level=1)) == set()


def test_filters_through_the_page(modules: None, reader: Reader) -> None:
    page = reader.get("/search?q=module+d'essai&minutes=20&domain=SEC&exercise=nonsense&level=")
    assert "0 module trouvé" in page.text
    page = reader.get("/search?q=module+d'essai&written=1&level=1")
    assert "essai M91" in page.text
    assert "essai M90" not in page.text


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("infirmière de nuit aux urgences, je pose les perfusions", "R10"),
        ("staff nurse on a surgical ward, I give medicines and do dressings", "R10"),
    ],
)
def test_a_clear_text_is_proposed_with_confidence_and_its_words(app: Flask, text: str, role: str) -> None:
    with app.app_context():
        best = service.match_roles(text, framework.current(), MEANING).matches[0]
    assert best.role.id == role
    assert best.sure
    assert 0 <= best.confidence <= 1
    assert best.because


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_a_role_is_close_to_is_quoted_in_the_readers_language(app: Flask, language: str) -> None:
    text = "IDE de nuit aux urgences, je gère les flux"
    with app.app_context():
        matches = service.match_roles(text, framework.current(), MEANING, language=language).matches
        for match in matches:
            own = {p.text for p in service._of_role(match.role) if p.language == language}
            other = {p.text for p in service._of_role(match.role)} - own
            assert set(match.because) <= own or set(match.because) <= other, match.because


@pytest.mark.parametrize(
    "text", ["pilote d'avion de chasse", "éleveur de brebis en montagne", "opera singer on tour", "xyzzy plugh", "??"]
)
def test_none_of_these_is_an_answer(make: Factory, reader: Reader, text: str) -> None:
    assert not service.match_roles(text, framework.current(), MEANING).fits
    reader.sign_in(make.person())
    make.save()
    assert "Aucun métier ne correspond nettement" in reader.post("/job", {"text": text + "   ."}).text


def test_a_job_is_kept_in_all_its_words_or_refused(make: Factory, reader: Reader) -> None:
    person = make.person(role="R10")
    make.save()
    reader.sign_in(person)
    assert "4 000 caractères au plus" in reader.get("/job").text
    words = "infirmière de nuit " * 210
    long = reader.post("/job/confirm", {"role": "R11", "text": words * 2}, status=422)
    assert "4 000 au plus" in long.text
    assert "4 000 caractères au plus" in long.text
    assert words.strip() in long.html
    assert {held.role_id for held in organisation.positions_of(person.id)} == {"R10"}
    assert "4 000 caractères au plus" in reader.post("/job/confirm", {"role": ""}, status=422).text
    reader.post("/job/confirm", {"role": "R11", "text": words})
    assert {held.title for held in organisation.positions_of(person.id)} >= {words.strip()}


def test_several_positions_may_be_told_at_once(app: Flask) -> None:
    with app.app_context():
        text = "secrétaire médicale à mi-temps et agent des admissions l'autre moitié"
        proposal = service.match_roles(text, framework.current(), MEANING)
    assert proposal.fits
    assert {"R19", "R20"} <= {match.role.id for match in proposal.matches}


def test_competencies_that_a_text_speaks_of_come_with_their_words(app: Flask) -> None:
    with app.app_context():
        tags = service.mentioned(
            "repérer les biais d'un algorithme et les écarts de performance entre groupes de patients",
            "fr",
            framework.current(),
            MEANING,
        )
        assert service.mentioned("le menu de la cantine", "fr", framework.current(), MEANING) == []
    assert "ALG3" in {tag.competency.id for tag in tags}
    assert all(1 <= tag.level <= 5 and tag.because for tag in tags)


def test_a_question_that_resembles_another_modules_is_found(modules: None, app: Flask) -> None:
    row = db.session.scalars(select(Question)).first()
    assert row
    text = row.document["ask"]["fr"]
    assert row.key in {q.key for q in service.similar_questions([text], "M00", MEANING)}
    assert service.similar_questions(["Quel temps fera-t-il demain à Brest ?"], "M00", MEANING) == []
    assert service.similar_questions([], "M00", MEANING) == []


def test_saved_indexes_are_used_where_they_fit_and_rebuilt_in_memory_where_not(
    modules: None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    current = framework.current()
    meaning = Meaning(model=str(SHIPPED), folder=tmp_path)
    count = service.build_indexes(current, meaning)
    assert count > 3000
    written = (tmp_path / "modules" / "vectors.faiss").stat().st_mtime_ns
    assert service.build_indexes(current, meaning) == count
    assert (tmp_path / "modules" / "vectors.faiss").stat().st_mtime_ns == written
    before = [m.module.code for m in service.search("essai", "fr", current, meaning)]
    with caplog.at_level("INFO", logger="embeddings.ranking"):
        service._rankers.clear()
        assert [m.module.code for m in service.search("essai", "fr", current, meaning)] == before
        assert "index build" not in caplog.text
        shutil.rmtree(tmp_path / "modules")
        service._rankers.clear()
        assert [m.module.code for m in service.search("essai", "fr", current, meaning)] == before
        assert "flask --app training_platform index build" in caplog.text
    with pytest.raises(ValueError, match="folder"):
        service.build_indexes(current, Meaning(model=str(SHIPPED)))


@pytest.mark.parametrize("kind", ["hnsw", "ivf"])
def test_other_kinds_of_index_find_the_same_first(modules: None, tmp_path: Path, kind: Kind) -> None:
    current = framework.current()
    meaning = Meaning(model=str(SHIPPED), folder=tmp_path, kind=kind)
    service.build_indexes(current, meaning)
    service._rankers.clear()
    approximate = service.match_roles("infirmière de nuit aux urgences", current, meaning)
    exact = service.match_roles("infirmière de nuit aux urgences", current, MEANING)
    assert approximate.matches[0].role == exact.matches[0].role


def test_the_command_builds_the_index(modules: None, app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["index", "build"])
    assert "passages in" in result.output
    folder = matching.current().folder
    assert folder is not None
    assert {f.name for f in folder.iterdir()} == {"modules", "roles", "competencies"}


def test_the_studio_says_what_a_draft_is_about(modules: None, make: Factory, reader: Reader) -> None:
    officer, unit = make.person(), make.unit()
    make.right(officer, "training_officer", unit)
    make.save()
    reader.sign_in(officer)
    page = reader.get("/studio/essai-m90/meaning")
    assert "Questions d'autres modules" in page.text
    assert "essai M91" in page.text
