"""Migrations: from empty to the models and down again, with nothing left to generate."""

from __future__ import annotations

from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

import config
from tests.conftest import database_url
from training_platform import create_app
from training_platform.db import Table, db

MIGRATIONS = Path(__file__).parents[1] / "training_platform" / "migrations"


@pytest.fixture
def fresh(tmp_path: Path) -> Flask:
    """Build an application on an empty database of its own."""
    return create_app(
        config.read_settings(
            {
                "SILLAGE_INSTANCE": str(tmp_path),
                "SECRET_KEY": "for tests only",
                "DATABASE_URL": database_url(tmp_path, "migrations"),
            }
        )
    )


def test_up_gives_the_models_and_down_leaves_nothing(fresh: Flask) -> None:
    with fresh.app_context():
        flask_migrate.upgrade(str(MIGRATIONS))
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection)
            assert compare_metadata(context, Table.metadata) == []
        flask_migrate.downgrade(str(MIGRATIONS), "base")
        assert set(sqlalchemy.inspect(db.engine).get_table_names()) <= {"alembic_version"}
        flask_migrate.upgrade(str(MIGRATIONS))
        db.engine.dispose()


def test_what_the_first_release_kept_is_kept_and_completed(fresh: Flask) -> None:
    with fresh.app_context():
        flask_migrate.upgrade(str(MIGRATIONS), revision="0001")
        with db.engine.begin() as connection:
            for statement in (
                "INSERT INTO person (id, email, name, language, minutes_per_week, session_stamp, demo, created_at) "
                "VALUES (1, 'a@example.org', 'A', 'fr', 30, 'x', false, '2026-11-24 09:00:00')",
                "INSERT INTO sitting (id, person_id, kind, questions, started_at) "
                "VALUES (7, 1, 'quiz', '[]', '2026-11-24 09:00:00')",
                "INSERT INTO evidence (person_id, competency, kind, level, correct, key, at) "
                "VALUES (1, 'DAT1', 'answer', 0.5, true, 'answer:7:3', '2026-11-24 09:00:00')",
                # Twice the same, as two requests at once left it.
                *2
                * (
                    "INSERT INTO decision_record (person_id, at, inputs, versions, result) "
                    "VALUES (1, '2026-11-24 09:00:00', '{}', '{}', '{}')",
                ),
            ):
                connection.execute(sqlalchemy.text(statement))
        flask_migrate.upgrade(str(MIGRATIONS))
        with db.engine.connect() as connection:
            assert connection.execute(sqlalchemy.text("SELECT sitting_id FROM evidence")).scalar_one() == 7
            assert connection.execute(sqlalchemy.text("SELECT count(*) FROM decision_record")).scalar_one() == 2
        with db.engine.begin() as connection:
            told = "INSERT INTO position (person_id, role_id, title) VALUES (1, 'R10', :title)"
            connection.execute(sqlalchemy.text(told), {"title": "infirmière " * 300})
        flask_migrate.downgrade(str(MIGRATIONS), "0001")
        with db.engine.connect() as connection:
            assert connection.execute(sqlalchemy.text("SELECT count(*) FROM evidence")).scalar_one() == 1
            assert connection.execute(sqlalchemy.text("SELECT length(title) FROM position")).scalar_one() == 200
        db.engine.dispose()


def test_the_right_to_examine_comes_and_goes_with_the_exams(fresh: Flask) -> None:
    grant = "INSERT INTO grant_on_unit (person_id, unit_id, \"right\") VALUES (1, 1, '{}')"
    people = (
        "INSERT INTO person (id, email, name, language, minutes_per_week, session_stamp, demo, created_at) "
        "VALUES (1, 'a@example.org', 'A', 'fr', 30, 'x', false, '2026-11-24 09:00:00')",
        "INSERT INTO unit (id, code, kind, name, demo) VALUES (1, 'U', 'ght', 'U', false)",
    )
    with fresh.app_context():
        flask_migrate.upgrade(str(MIGRATIONS))
        with db.engine.begin() as connection:
            for statement in (*people, grant.format("examiner"), grant.format("manager")):
                connection.execute(sqlalchemy.text(statement))
        with pytest.raises(sqlalchemy.exc.IntegrityError), db.engine.begin() as connection:
            connection.execute(sqlalchemy.text(grant.format("king")))
        flask_migrate.downgrade(str(MIGRATIONS), "0008")
        with db.engine.connect() as connection:
            rights = connection.execute(sqlalchemy.text('SELECT "right" FROM grant_on_unit')).scalars().all()
            assert list(rights) == ["manager"]
        db.engine.dispose()
