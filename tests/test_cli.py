"""The commands, run as people run them."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select

from tests.factories import NOW, Factory
from tests.packages import make_package
from tests.pages import Reader
from training_platform import demo
from training_platform.accounts.models import Person
from training_platform.assessment.models import Evidence
from training_platform.catalogue import package
from training_platform.catalogue import service as catalogue
from training_platform.db import db
from training_platform.learning.models import Enrolment
from training_platform.organisation.models import Unit


@pytest.fixture
def command(app: Flask, make: Factory) -> FlaskCliRunner:
    """Run commands on empty tables."""
    return app.test_cli_runner()


def folder(tmp_path: Path, code: str = "M90", **changes: object) -> Path:
    found = make_package(code, **changes)
    package.write_folder(found, tmp_path)
    return tmp_path / found.slug


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_the_shipped_catalogue_is_clean(command: FlaskCliRunner) -> None:
    result = command.invoke(args=["content", "check", "--json"])
    assert result.exit_code == 0, result.stderr
    counts = json.loads(result.stdout)
    assert len(counts["modules"]) == 64
    assert all(min(m["situations"].values()) >= 30 for m in counts["modules"].values())


def test_check_names_the_fault_and_only_of_the_module_asked_for(command: FlaskCliRunner, app: Flask) -> None:
    result = command.invoke(args=["content", "check", "atelier-gpmc"])
    assert result.exit_code == 0, result.stderr
    assert "64 modules" in result.stdout


def test_the_table_of_the_catalogue_has_a_line_for_each_domain(command: FlaskCliRunner) -> None:
    lines = command.invoke(args=["content", "table"]).stdout.splitlines()
    assert len(lines) == 2 + 8
    assert lines[0].startswith("| domain | modules |")


def test_import_twice_changes_nothing_and_an_edit_is_kept(command: FlaskCliRunner, tmp_path: Path) -> None:
    source = folder(tmp_path)
    assert "1 added" in command.invoke(args=["content", "import", str(source)]).stdout
    assert "1 unchanged" in command.invoke(args=["content", "import", str(source)]).stdout
    folder(tmp_path, summary={"fr": "Autre", "en": "Other"})
    assert "1 updated" in command.invoke(args=["content", "import", str(source)]).stdout


def test_export_and_import_again_as_zip(command: FlaskCliRunner, tmp_path: Path) -> None:
    command.invoke(args=["content", "import", str(folder(tmp_path / "in"))])
    target = tmp_path / "essai-m90.zip"
    assert command.invoke(args=["content", "export", "essai-m90", str(target)]).exit_code == 0
    assert package.read_zip(target.read_bytes()) == make_package("M90")
    assert "1 unchanged" in command.invoke(args=["content", "import", str(target)]).stdout
    command.invoke(args=["content", "export", "essai-m90", str(tmp_path / "out")])
    assert package.read_folder(tmp_path / "out" / "essai-m90") == make_package("M90")


def test_a_broken_package_is_refused_whole_with_its_place(command: FlaskCliRunner, tmp_path: Path) -> None:
    source = folder(tmp_path)
    (source / "questions.yaml").write_text("questions: [\n")
    result = command.invoke(args=["content", "import", str(source)])
    assert result.exit_code == 1
    assert "questions.yaml:2" in result.stderr
    assert catalogue.live_modules() == []


def test_an_empty_database_gets_an_administrator_and_a_link_that_works(command: FlaskCliRunner, reader: Reader) -> None:
    result = command.invoke(args=["prepare", "--empty"])
    assert result.exit_code == 0, result.stderr
    assert count(Person) == 1
    assert len(catalogue.live_modules()) == len(catalogue.shipped_files()) == 64
    again = command.invoke(args=["prepare", "--empty"])
    assert "0 added, 0 updated" in again.stdout
    assert count(Person) == 1
    token = re.search(r"administrator +\S+(/link/\S+)", again.stdout)
    assert token
    assert reader.post(token.group(1)).h1 == "Bonjour Administration"
    assert "Structure" in reader.get("/").text


def test_a_second_start_reads_what_has_changed(
    command: FlaskCliRunner, app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = app.extensions["settings"]
    shutil.copytree(settings.content_folder, tmp_path / "content", ignore=shutil.ignore_patterns("modules"))
    monkeypatch.setitem(app.extensions, "settings", replace(settings, content_folder=tmp_path / "content"))
    modules = tmp_path / "content" / "modules"
    folder(modules)
    changing = folder(modules, "M91")

    def start() -> str:
        result = command.invoke(args=["prepare", "--empty"])
        assert result.exit_code == 0, result.stderr
        return result.stdout.splitlines()[0]

    assert "2 added, 0 updated" in start()
    assert "0 added, 0 updated" in start()
    lesson = changing / "fr" / "01-essai.md"
    lesson.write_text(lesson.read_text() + "\nUne ligne de plus.\n")
    assert "0 added, 1 updated" in start()
    catalogue.publish(make_package("M91", minutes=99), NOW)
    db.session.commit()
    assert "0 added, 0 updated, 1 kept as edited here" in start()
    (changing / "questions.yaml").write_text("questions: [\n")
    assert command.invoke(args=["prepare", "--empty"]).exit_code == 1


def test_the_demo_hospital_is_marked_fictional_and_leaves_nothing_behind(
    command: FlaskCliRunner, reader: Reader, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(demo, "PEOPLE", 40)
    command.invoke(args=["content", "import", str(folder(tmp_path))])
    result = command.invoke(args=["demo", "create"])
    assert result.exit_code == 0, result.stderr
    assert count(Person) == 40
    assert count(Enrolment) > 0
    assert count(Evidence) > 0
    establishments = db.session.scalars(select(Unit.name).where(Unit.kind == "establishment")).all()
    assert all("fictif" in name for name in establishments)
    links = re.findall(r"(/link/\S+)", command.invoke(args=["demo", "links"]).stdout)
    assert len(links) == 6
    assert reader.post(links[0]).h1.startswith("Bonjour")
    assert "40 people removed" in command.invoke(args=["demo", "remove"]).stdout
    assert count(Person) == count(Unit) == count(Enrolment) == count(Evidence) == 0
