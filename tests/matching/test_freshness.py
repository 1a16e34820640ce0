"""Two real servers on one database: what one publishes or archives, the other finds or forgets within a second."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask

import config
from tests.conftest import database_url
from tests.factories import NOW
from tests.packages import document
from training_platform import create_app
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage
from training_platform.catalogue.models import Module
from training_platform.db import db

ROOT = Path(__file__).parents[2]
WORDS = "dromadaires climatisés du parking"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[tuple[Flask, dict[str, str]]]:
    """An application of this process on the shipped catalogue, and the environment of its siblings."""
    environment = {
        "SILLAGE_INSTANCE": str(tmp_path),
        "DATABASE_URL": database_url(tmp_path, "fresh"),
        "SECRET_KEY": "for tests only, never used elsewhere",
        "FLASK_APP": "training_platform",
    }
    application = create_app(config.read_settings(environment), testing=True)
    with application.app_context():
        db.create_all()
        result = application.test_cli_runner().invoke(args=["content", "import"])
        assert result.exit_code == 0, result.output
        db.session.commit()
        yield application, environment
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def servers(publisher: tuple[Flask, dict[str, str]]) -> Iterator[list[int]]:
    """Two servers in processes of their own, warm."""
    ports = [free_port(), free_port()]
    command = [sys.executable, "-m", "flask", "run", "--port"]
    environment = {**os.environ, **publisher[1]}
    running = [
        subprocess.Popen(
            [*command, str(port)],
            cwd=ROOT,
            env=environment,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for port in ports
    ]
    try:
        for port in ports:
            end = time.monotonic() + 60
            while not found(port, "hameçonnage"):
                assert time.monotonic() < end, "the server does not answer"
                time.sleep(0.2)
        yield ports
    finally:
        for process in running:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def found(port: int, words: str) -> str:
    """Return the page of a search, empty where nobody answers yet."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", f"/search?q={quote(words)}")
        answer = connection.getresponse()
        return answer.read().decode() if answer.status == 200 else ""
    except OSError:
        return ""
    finally:
        connection.close()


def seconds_until(port: int, *, shown: bool) -> float:
    begun = time.monotonic()
    while ("Ménagerie" in found(port, WORDS)) != shown:
        assert time.monotonic() - begun < 20
        time.sleep(0.02)
    return time.monotonic() - begun


@pytest.mark.slow
def test_every_process_follows_a_publication_within_a_second(
    publisher: tuple[Flask, dict[str, str]], servers: list[int]
) -> None:
    package = document("M98")
    package["head"]["title"] = {"fr": "Ménagerie hospitalière", "en": "Hospital menagerie"}
    package["situations"] = {"fr": [f"Les {WORDS} m'inquiètent"], "en": ["The camels of the car park worry me"]}
    for port in servers:
        assert "Ménagerie" not in found(port, WORDS)
    catalogue.publish(ModulePackage.model_validate(package), NOW)
    db.session.commit()
    appeared = [seconds_until(port, shown=True) for port in servers]
    module = db.session.query(Module).filter_by(code="M98").one()
    module.archived = True
    db.session.commit()
    gone = [seconds_until(port, shown=False) for port in servers]
    assert max(*appeared, *gone) <= 1.0, (appeared, gone)
