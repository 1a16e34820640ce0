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
