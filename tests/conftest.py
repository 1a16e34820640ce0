"""One application and one database per test worker; every test starts from empty tables."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from flask import Flask
from hypothesis import HealthCheck, settings

import config
from tests.factories import Factory
from tests.pages import Reader
from training_platform import create_app
from training_platform.db import Table, db

ROOT = Path(__file__).parent.parent

# Cores are shared: how long an example takes says nothing about the code.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Build the application on SQLite, or on the server that TEST_DATABASE_URL names."""
    folder = tmp_path_factory.mktemp("instance")
    read = config.read_settings(
        {
            "SILLAGE_INSTANCE": str(folder),
            "SECRET_KEY": "for tests only, never used elsewhere",
            "DATABASE_URL": database_url(folder),
            "SILLAGE_RATE_LIMITS": "0",
            "SILLAGE_MAIL": f"file://{folder}/mail",
        }
    )
    application = create_app(read, testing=True)
    with application.app_context():
        db.drop_all()
        db.create_all()
    yield application
    with application.app_context():
        db.engine.dispose()


def database_url(folder: Path, name: str = "test") -> str:
    """Return an empty database of this test worker: a file, or one made anew on the server of TEST_DATABASE_URL."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        return f"sqlite:///{folder}/{name}.sqlite"
    name = f"sillage_{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    engine = sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text(f'DROP DATABASE IF EXISTS "{name}"'))
        connection.execute(sqlalchemy.text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return sqlalchemy.make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def database(app: Flask) -> Iterator[None]:
    """Open an application context on empty tables; what a test leaves is removed."""
    with app.app_context():
        yield
        db.session.rollback()
        for table in reversed(Table.metadata.sorted_tables):
            db.session.execute(table.delete())
        db.session.commit()
        db.session.remove()


@pytest.fixture
def make(database: None) -> Factory:
    """Make rows for a test; call ``make.save()`` before a request reads them."""
    return Factory()


@pytest.fixture
def reader(app: Flask, database: None) -> Reader:
    """Return a browser session that is not signed in."""
    return Reader(app)
