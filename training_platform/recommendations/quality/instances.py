"""Instances from a file of JSON lines, and random ones with the shape of a catalogue."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterable, Iterator, Mapping
from math import ceil, floor
from typing import Any

from training_platform.recommendations.rules import PlannedModule, Request, Step, plan

LARGEST = 1_000_000


class BadInstanceError(Exception):
    """An instance cannot be read; says why."""


def read_instance(line: str) -> tuple[str, Request]:
    """Return the id and the request of one line; raise BadInstanceError."""
    try:
        data = json.loads(line)
        return str(data.get("id", "")), _request(data)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise BadInstanceError(f"{type(error).__name__}: {error}") from error


def _request(data: Mapping[str, Any]) -> Request:
    minutes = data.get("minutes")
    modules = tuple(_module(one) for one in data["modules"])
    if len({module.id for module in modules}) < len(modules):
        raise BadInstanceError("two modules have the same id")
    return Request(
        levels={c: floor(_sane(level)) for c, level in data.get("levels", {}).items()},
        targets={c: floor(_sane(level)) for c, level in data.get("targets", {}).items()},
        weights={c: _sane(value) for c, value in (data.get("weights") or {}).items()},
        minutes=None if minutes is None else floor(_sane(minutes)),
        modules=modules,
        completed=frozenset(map(str, data.get("completed", ()))),
        refused=frozenset(map(str, data.get("refused", ()))),
        pinned=frozenset(map(str, data.get("pinned", ()))),
    )


def _sane(value: Any) -> float:
    """Return a number from 0 to a million; raise BadInstanceError for any other."""
    number = float(value)
    if not 0 <= number <= LARGEST:
        raise BadInstanceError(f"{value!r} is not a number from 0 to {LARGEST}")
    return number


def _module(data: Mapping[str, Any]) -> PlannedModule:
    return PlannedModule(
        id=str(data["id"]),
        minutes=ceil(_sane(data["minutes"])),
        requires=tuple(map(str, data.get("requires") or ())),
        steps=tuple(sorted({step for one in data.get("steps") or () for step in _steps(one)})),
        closeness=min(_sane(data.get("closeness", 0.0)), 1.0),
    )


def _steps(data: Any) -> Iterator[Step]:
    if isinstance(data, Mapping):
        competency, start, end = data["c"], data["from"], data.get("to", data["from"] + 1)
    else:
        competency, start, *rest = data
        end = rest[0] if rest else start + 1
    yield from ((str(competency), level) for level in range(int(start), int(end)))


def answers(lines: Iterable[str], time_limit: float) -> Iterator[dict[str, Any]]:
    """Plan each line; yield what the command writes, or the error of a line that cannot be read."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            key, request = read_instance(line)
        except BadInstanceError as error:
            yield {"line": number, "error": str(error)}
            continue
        begun = time.perf_counter()
        found = plan(request, time_limit)
        yield {
            "id": key or str(number),
            "modules": list(found.ids),
            "gain": found.gain,
            "minutes": found.minutes,
            "status": found.status,
            "bound": found.bound,
            "milliseconds": round((time.perf_counter() - begun) * 1000, 2),
        }


def random_request(modules: int, source: random.Random) -> Request:
    """Return a request over a random catalogue of so many modules."""
    competencies = [f"C{k}" for k in range(max(10, modules // 6))]
    catalogue = []
    for number in range(modules):
        steps: set[Step] = set()
        for _ in range(source.choice((1, 1, 2, 2, 3))):
            competency, start = source.choice(competencies), source.choice((0, 0, 0, 1, 1, 2, 3))
            steps |= {(competency, start + more) for more in range(source.choice((1, 1, 2)))}
        earlier = source.choice((0, 0, 1, 1, 2)) if number > 3 else 0
        catalogue.append(
            PlannedModule(
                id=f"M{number:04d}",
                minutes=source.choice((10, 15, 20, 25, 30, 35, 40, 45)),
                requires=tuple(sorted({f"M{source.randrange(number):04d}" for _ in range(earlier)})),
                steps=tuple(sorted(steps)),
                closeness=round(source.random(), 2),
            )
        )
    wanted = source.sample(
        competencies, min(len(competencies), 12 if modules <= 200 else 25 if modules <= 1000 else 40)
    )
    return Request(
        levels={c: source.choice((0, 0, 1, 1, 2)) for c in wanted},
        targets={c: source.choice((1, 2, 2, 3, 4)) for c in wanted},
        weights={c: source.choice((1.0, 1.0, 1.5, 2.0)) for c in wanted},
        minutes=source.choice((120, 240, 360, 600)),
        modules=tuple(catalogue),
    )
