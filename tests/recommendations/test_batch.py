"""Re-planning everybody: here, and by real workers on a real Redis that are killed on the way."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import NullPool, create_engine, func, select, text, update

from tests.conftest import database_url
from tests.factories import NOW, Factory
from tests.packages import make_package
from training_platform import framework
from training_platform.catalogue import service as catalogue
from training_platform.db import db
from training_platform.recommendations import batch, record
from training_platform.recommendations.models import DecisionRecord, ReplanJob
from training_platform.recommendations.rules import Plan, PlannedModule, Request, plan
from training_platform.recommendations.situation import situation_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
def staff(make: Factory, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Seven people in chunks of three, one of them without a position, and a module for them."""
    monkeypatch.setattr(batch, "CHUNK", 3)
    catalogue.publish(make_package("M90"), NOW)
    people = [make.person(role="R10").id for _ in range(7)]
    make.person()
    make.save()
    return people


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(DecisionRecord)) or 0


def test_a_job_goes_on_where_it_stopped_and_repeats_nothing(staff: list[int]) -> None:
    current = framework.current()
    job = batch.open_job("catalogue", NOW)
    assert batch.open_job("catalogue", NOW) == job
    assert batch.unfinished() == [job]
    first, second, third = batch.waiting(job)
    assert batch.replan_chunk(second, current, NOW) == 3
    db.session.commit()
    assert batch.replan_chunk(second, current, NOW) == 0
    assert batch.open_job("another change", NOW) != job
    assert batch.waiting(job) == [first, third]
    batch.replan_chunk(first, current, NOW)
    db.session.rollback()
    assert batch.waiting(job) == [first, third]
    states = list(batch.run(job, lambda chunk: batch.replan_chunk(chunk, current, NOW)))
    assert [(s.done, s.people, s.finished) for s in states] == [(6, 7, False), (7, 7, True)]
    assert states[-1].changed == 7
    assert count() == 7
    again = batch.open_job("catalogue", NOW)
    assert again != job
    assert [s.changed for s in batch.run(again, lambda chunk: batch.replan_chunk(chunk, current, NOW))][-1] == 0
    assert count() == 7


def elsewhere(app: Flask, act: Callable[[], object]) -> None:
    """Do something to its end in another process's stead: its own session, committed."""

    def whole() -> None:
        with app.app_context():
            act()
            db.session.commit()
            db.session.remove()

    with ThreadPoolExecutor(1) as other:
        other.submit(whole).result()


def test_a_record_written_by_two_at_once_is_one(staff: list[int], app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another worker, or the person's own page, logs the same proposal between the look at the last one and the write."""
    current, person = framework.current(), staff[0]
    situation = situation_of(person, current, NOW, 30)
    said = (person, situation.request, plan(situation.request), situation.versions, NOW)
    original = record._keep_snapshot

    def interrupted(key: str, modules: tuple[PlannedModule, ...]) -> None:
        monkeypatch.setattr(record, "_keep_snapshot", original)
        db.session.rollback()
        elsewhere(app, lambda: record.keep(*said))
        original(key, modules)

    for times in (1, 2):
        monkeypatch.setattr(record, "_keep_snapshot", interrupted)
        assert not record.keep(*said)
        db.session.commit()
        assert count() == times
        db.session.execute(update(DecisionRecord).values(versions={}))
        db.session.commit()


def test_a_chunk_in_two_hands_is_done_once(staff: list[int], app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    current = framework.current()
    job = batch.open_job("catalogue", NOW)
    first = batch.waiting(job)[0]
    db.session.commit()

    def interrupted(request: Request) -> Plan:
        monkeypatch.setattr(batch, "plan", plan)
        elsewhere(app, lambda: batch.replan_chunk(first, current, NOW))
        return plan(request)

    monkeypatch.setattr(batch, "plan", interrupted)
    batch.replan_chunk(first, current, NOW)
    db.session.commit()
    assert count() == 3
    assert batch.progress(job).done == 3
    assert batch.progress(job).changed == 3


def test_the_command_does_it_here_without_a_broker(staff: list[int], app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["path", "replan", "--reason", "a new framework"])
    assert "7 people, 7 paths changed" in result.output
    assert count() == 7
    assert batch.unfinished() == []


def test_a_job_whose_last_chunk_was_done_unseen_is_not_taken_up_for_ever(staff: list[int]) -> None:
    job = batch.open_job("catalogue", NOW)
    for _ in batch.run(job, lambda chunk: batch.replan_chunk(chunk, framework.current(), NOW)):
        pass
    db.session.get_one(ReplanJob, job).finished_at = None
    db.session.flush()
    assert batch.unfinished() == []


def test_nobody_to_plan_for_is_a_finished_job(make: Factory) -> None:
    job = batch.open_job("empty", NOW)
    assert batch.progress(job).finished
    assert db.session.get_one(ReplanJob, job).finished_at == NOW


Run = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[tuple[dict[str, str], Run]]:
    """A database, a Redis and a way to run commands on them, all in processes of their own."""
    server = shutil.which("redis-server")
    if not server:
        pytest.skip("no redis-server here (Debian: apt install redis-server)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "SILLAGE_INSTANCE": str(tmp_path),
        "DATABASE_URL": database_url(tmp_path, "batch"),
        "SILLAGE_BROKER": f"redis://127.0.0.1:{port}/0",
        "SECRET_KEY": "for tests only, never used elsewhere",
        "FLASK_APP": "training_platform",
    }
    running: list[subprocess.Popen[str]] = []

    def run(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            arguments,
            cwd=ROOT,
            env=environment,
            start_new_session=True,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        running.append(process)
        return process

    run(server, "--port", str(port), "--save", "", "--dir", str(tmp_path))
    try:
        yield environment, run
    finally:
        for process in running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def finished(process: subprocess.Popen[str]) -> str:
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    return output


@pytest.mark.slow
def test_killed_workers_lose_nothing(outside: tuple[dict[str, str], Run]) -> None:
    environment, run = outside
    finished(run(sys.executable, "-m", "flask", "db", "upgrade"))
    finished(run(sys.executable, "-m", "flask", "prepare"))
    engine = create_engine(environment["DATABASE_URL"], poolclass=NullPool)

    def ask(query: str) -> int:
        with engine.connect() as connection:
            return int(connection.execute(text(query)).scalar_one())

    def until(query: str, wanted: int, patience: float = 120) -> None:
        end = time.monotonic() + patience
        while ask(query) < wanted:
            assert time.monotonic() < end, f"{query}: {ask(query)} of {wanted}"
            time.sleep(0.02)

    done = "SELECT count(*) FROM replan_chunk WHERE done_at IS NOT NULL"
    worker = (sys.executable, "-m", "celery", "--app", "training_platform.worker", "worker", "--concurrency", "2")
    doomed = run(*worker)
    assert "chunks handed to the workers" in finished(run(sys.executable, "-m", "flask", "path", "replan"))
    until(done, 1)
    os.killpg(doomed.pid, signal.SIGKILL)
    before = ask(done)
    assert before < ask("SELECT count(*) FROM replan_chunk")
    run(*worker)
    finished(run(sys.executable, "-m", "flask", "path", "replan"))
    until("SELECT count(*) FROM replan_job WHERE finished_at IS NOT NULL", 1)
    people = ask("SELECT count(DISTINCT person_id) FROM position")
    assert people == 600
    assert ask("SELECT count(*) FROM decision_record") == people
    assert ask("SELECT count(DISTINCT person_id) FROM decision_record") == people


def test_a_duty_asks_for_a_job_and_a_change_during_a_job_for_another(staff: list[int]) -> None:
    job = batch.open_job("duties", NOW)
    batch.replan_chunk(batch.waiting(job)[0], framework.current(), NOW)
    later = batch.open_job("duties", NOW)
    assert later != job
    assert batch.unfinished() == [job, later]
