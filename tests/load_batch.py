"""Throughput of re-planning everybody: synthetic people on a real database, real workers on a real Redis.

``script/load batch [PEOPLE] [WORKERS…]`` (default 10000, by 1 and by 2 workers); DATABASE_URL names an empty database.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, insert, select

ROOT = Path(__file__).parent.parent
PORT = 6398
BULK = 10_000


def main() -> None:
    """Fill the database, then measure with each number of workers."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    numbers = [int(text) for text in sys.argv[2:]] or [1, 2]
    folder = tempfile.mkdtemp()
    os.environ.update(
        SILLAGE_INSTANCE=folder, SILLAGE_BROKER=f"redis://127.0.0.1:{PORT}/0", FLASK_APP="training_platform"
    )
    redis = subprocess.Popen(
        ["redis-server", "--port", str(PORT), "--save", "", "--dir", folder], stdout=subprocess.DEVNULL
    )
    try:
        for command in ("db", "upgrade"), ("content", "import"):
            subprocess.run([sys.executable, "-m", "flask", *command], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        _fill(people)
        print(f"| {people} people | seconds | people a second |\n|---|--:|--:|")
        for workers in numbers:
            seconds = _measure(workers)
            print(f"| {workers} worker{'s' * (workers > 1)} | {seconds:.0f} | {people / seconds:.0f} |", flush=True)
    finally:
        redis.terminate()


def _fill(number: int) -> None:
    """Insert people over all role profiles; six in ten have rated themselves."""
    from tests.factories import NOW
    from training_platform import create_app, framework
    from training_platform.accounts.models import Person
    from training_platform.assessment.models import Evidence
    from training_platform.db import db
    from training_platform.organisation.models import Position

    source = random.Random(1)
    with create_app().app_context():
        roles = framework.current().roles
        for start in range(0, number, BULK):
            ids = range(start + 1, min(start + BULK, number) + 1)
            db.session.execute(
                insert(Person),
                [
                    {
                        "id": n,
                        "email": f"p{n}@exemple.invalid",
                        "name": f"P{n}",
                        "language": "fr",
                        "minutes_per_week": source.choice((15, 20, 30, 45, 60)),
                        "session_stamp": "x",
                        "demo": False,
                        "created_at": NOW,
                    }
                    for n in ids
                ],
            )
            held = {n: source.choice(sorted(roles)) for n in ids}
            db.session.execute(
                insert(Position), [{"person_id": n, "role_id": role, "title": ""} for n, role in held.items()]
            )
            rated = [
                {
                    "person_id": n,
                    "competency": c,
                    "kind": "self_rating",
                    "level": float(max(level - source.choice((0, 1, 1, 2)), 0)),
                    "key": f"self:{c}",
                    "at": NOW - timedelta(days=30),
                }
                for n, role in held.items()
                if source.random() < 0.6
                for c, level in roles[role].targets.items()
            ]
            db.session.execute(insert(Evidence), rated)
            db.session.commit()
            print(f"{ids[-1]} people", file=sys.stderr)


def _measure(workers: int) -> float:
    """Return the seconds from the first chunk handed over to the last one done, workers started before."""
    from datetime import UTC, datetime

    from training_platform import create_app
    from training_platform.db import db
    from training_platform.recommendations import batch, tasks
    from training_platform.recommendations.models import DecisionRecord, ReplanJob

    log = Path(tempfile.mkdtemp()) / "worker.log"
    command = [
        sys.executable,
        "-m",
        "celery",
        "--app",
        "training_platform.worker",
        "worker",
        "--concurrency",
        str(workers),
    ]
    with log.open("w") as output:
        worker = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, start_new_session=True)
    try:
        while "ready" not in log.read_text() and "[queues]" not in log.read_text():
            time.sleep(0.2)
        time.sleep(2)
        with create_app().app_context():
            db.session.execute(delete(DecisionRecord))
            job = batch.open_job(f"{workers} workers", datetime.now(UTC))
            db.session.commit()
            begun = time.perf_counter()
            tasks.send(job)
            while db.session.scalar(select(ReplanJob.finished_at).where(ReplanJob.id == job)) is None:
                db.session.rollback()
                time.sleep(0.2)
            return time.perf_counter() - begun
    finally:
        os.killpg(worker.pid, signal.SIGTERM)
        worker.wait()


if __name__ == "__main__":
    main()
