"""The record of proposals: logged once per change, replayed from itself, exported, kept no longer than set."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache, lru_cache
from importlib.metadata import version
from types import ModuleType
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from training_platform.db import db
from training_platform.recommendations.models import CatalogueSnapshot, DecisionRecord, Reaction
from training_platform.recommendations.rules import Obligation, Plan, PlannedModule, Request, plan

ALGORITHM = "path-3"
MONTH = timedelta(days=30.5)


def keep(person_id: int, request: Request, found: Plan, versions: Mapping[str, str], now: datetime) -> bool:
    """Log a proposal with all that it rests on, once per change whoever else logs it; tell whether it changed."""
    inputs = _inputs(request)
    stamped = {"algorithm": ALGORITHM, "solver": _solver(), **versions}
    result = result_of(found)
    snapshot = _snapshot(request.modules)
    new = {"snapshot": snapshot, "inputs": inputs, "versions": stamped, "result": result}
    last = _last(person_id)
    while last is None or any(getattr(last, name) != value for name, value in new.items()):
        _keep_snapshot(snapshot, request.modules)
        if _append({"person_id": person_id, "follows": last.id if last else 0, "at": now, **new}):
            return last is None or last.result.get("modules") != result["modules"]
        last = _last(person_id)
    return False


def _last(person_id: int) -> DecisionRecord | None:
    query = select(DecisionRecord).where(DecisionRecord.person_id == person_id).order_by(DecisionRecord.id.desc())
    return db.session.scalar(query.limit(1))


def _append(values: dict[str, Any]) -> bool:
    """Insert a record after the last one read; tell whether nobody else had put one there meanwhile."""
    insert = _dialect().insert(DecisionRecord).values(values).on_conflict_do_nothing()
    return db.session.scalar(insert.returning(DecisionRecord.id)) is not None


def _dialect() -> ModuleType:
    return postgresql if db.engine.dialect.name == "postgresql" else sqlite


def result_of(found: Plan) -> dict[str, Any]:
    """Return a plan as the record holds it."""
    return {
        "modules": list(found.ids),
        "gain": found.gain,
        "minutes": found.minutes,
        "status": found.status,
        "bound": found.bound,
        "untaught": [list(step) for step in found.untaught],
        "conflicts": [[c.obligation, c.needed, c.available] for c in found.conflicts],
    }


def _inputs(request: Request) -> dict[str, Any]:
    return {
        "levels": dict(sorted(request.levels.items())),
        "targets": dict(sorted(request.targets.items())),
        "weights": dict(sorted(request.weights.items())),
        "minutes": request.minutes,
        "completed": sorted(request.completed),
        "refused": sorted(request.refused),
        "pinned": sorted(request.pinned),
        "waives_known": request.waives_known,
        "closeness": {m.id: m.closeness for m in request.modules if m.closeness},
        "obligations": [
            {"id": o.id, "modules": sorted(o.modules), "targets": dict(sorted(o.targets.items())), "minutes": o.minutes}
            for o in request.obligations
        ],
    }


def _listed(modules: tuple[PlannedModule, ...]) -> list[list[Any]]:
    return [[m.id, m.minutes, list(m.requires), [list(step) for step in m.steps]] for m in modules]


@lru_cache(maxsize=256)
def _snapshot(modules: tuple[PlannedModule, ...]) -> str:
    """Return the SHA-256 of the modules as they are kept."""
    return hashlib.sha256(json.dumps(_listed(modules), separators=(",", ":")).encode()).hexdigest()


def _keep_snapshot(key: str, modules: tuple[PlannedModule, ...]) -> None:
    """Insert the snapshot where it is new; two processes may do so at once."""
    if db.session.get(CatalogueSnapshot, key) is None:
        insert = _dialect().insert(CatalogueSnapshot).values(hash=key, modules=_listed(modules))
        db.session.execute(insert.on_conflict_do_nothing())


@cache
def _solver() -> str:
    return f"ortools {version('ortools')}"


def records_of(person_id: int, limit: int = 50) -> list[DecisionRecord]:
    """Return the proposals logged for a person, the latest first."""
    query = select(DecisionRecord).where(DecisionRecord.person_id == person_id)
    return list(db.session.scalars(query.order_by(DecisionRecord.id.desc()).limit(limit)))


def replay(record: DecisionRecord) -> Plan:
    """Plan again from the record alone; raise LookupError for a record made before snapshots were kept."""
    if record.snapshot is None:
        raise LookupError("This record was made before catalogue snapshots were kept; it cannot be replayed.")
    snapshot = db.session.get_one(CatalogueSnapshot, record.snapshot)
    inputs = record.inputs
    modules = tuple(
        PlannedModule(
            id=key,
            minutes=minutes,
            requires=tuple(requires),
            steps=tuple((c, n) for c, n in steps),
            closeness=inputs["closeness"].get(key, 0.0),
        )
        for key, minutes, requires, steps in snapshot.modules
    )
    return plan(
        Request(
            levels=inputs["levels"],
            targets=inputs["targets"],
            weights=inputs["weights"],
            minutes=inputs["minutes"],
            completed=frozenset(inputs["completed"]),
            refused=frozenset(inputs["refused"]),
            pinned=frozenset(inputs["pinned"]),
            waives_known=inputs.get("waives_known", False),
            modules=modules,
            obligations=tuple(
                Obligation(id=o["id"], modules=frozenset(o["modules"]), targets=o["targets"], minutes=o["minutes"])
                for o in inputs["obligations"]
            ),
        )
    )


def react(person_id: int, kind: str, subject: str, now: datetime) -> None:
    """Append what a person did about the latest proposal."""
    query = select(DecisionRecord.id).where(DecisionRecord.person_id == person_id).order_by(DecisionRecord.id.desc())
    record_id = db.session.scalar(query.limit(1))
    db.session.add(Reaction(person_id=person_id, record_id=record_id, kind=kind, subject=subject, at=now))


def reactions_of(person_id: int) -> dict[int, list[Reaction]]:
    """Return what a person did, by proposal."""
    rows = db.session.scalars(select(Reaction).where(Reaction.person_id == person_id).order_by(Reaction.id))
    found: dict[int, list[Reaction]] = {}
    for row in rows:
        found.setdefault(row.record_id or 0, []).append(row)
    return found


def exported(person_id: int) -> dict[str, Any]:
    """Return all records of a person, with the catalogues that they rest on and what the person did (GDPR art. 15, 20)."""
    records = records_of(person_id, limit=100_000)
    reactions = reactions_of(person_id)
    hashes = {record.snapshot for record in records if record.snapshot}
    snapshots = db.session.scalars(select(CatalogueSnapshot).where(CatalogueSnapshot.hash.in_(hashes)))
    return {
        "reactions_before_the_first": [
            {"at": r.at.isoformat(), "kind": r.kind, "subject": r.subject} for r in reactions.get(0, ())
        ],
        "records": [
            {
                "at": record.at.isoformat(),
                "inputs": record.inputs,
                "versions": record.versions,
                "result": record.result,
                "catalogue": record.snapshot,
                "reactions": [
                    {"at": r.at.isoformat(), "kind": r.kind, "subject": r.subject} for r in reactions.get(record.id, ())
                ],
            }
            for record in records
        ],
        "catalogues": {
            snapshot.hash: [
                {"id": key, "minutes": minutes, "requires": requires, "steps": steps}
                for key, minutes, requires, steps in snapshot.modules
            ]
            for snapshot in snapshots
        },
    }


def forget(months: int, now: datetime) -> int:
    """Delete records older than so many months, then the catalogues that no record names; return how many records."""
    old = delete(DecisionRecord).where(DecisionRecord.at < now - months * MONTH)
    removed = cast("CursorResult[Any]", db.session.execute(old)).rowcount
    used = select(DecisionRecord.snapshot).where(DecisionRecord.snapshot.is_not(None))
    db.session.execute(delete(CatalogueSnapshot).where(CatalogueSnapshot.hash.not_in(used)))
    return int(removed)
