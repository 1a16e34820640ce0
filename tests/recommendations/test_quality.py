"""The quality command: instances from a file, random ones, and a small measurement."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from training_platform.recommendations.quality.__main__ import main
from training_platform.recommendations.quality.instances import answers, random_request
from training_platform.recommendations.quality.learners import compare, policies
from training_platform.recommendations.rules import plan
from training_platform.recommendations.rules.baselines import gain_of

LINE = {
    "id": "x1",
    "minutes": 60,
    "levels": {"A": 1.4},
    "targets": {"A": 3},
    "weights": {"A": 2},
    "modules": [
        {"id": "m1", "minutes": 20, "requires": ["m0"], "steps": [{"c": "A", "from": 1, "to": 3}]},
        {"id": "m0", "minutes": 10, "requires": [], "steps": []},
        {"id": "m2", "minutes": 50, "steps": [["A", 1]]},
        {"id": "m3", "minutes": 50, "steps": [["A", 1, 3]]},
    ],
}


def test_instances_of_a_file_are_planned_and_bad_lines_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    file.write_text("\n".join([json.dumps(LINE), "", "{not json", json.dumps({"minutes": 3})]))
    assert main(["--instances", str(file), "--out", str(out)]) == 1
    first, second, third = map(json.loads, out.read_text().splitlines())
    assert {key: first[key] for key in ("id", "modules", "gain", "minutes", "status", "bound")} == {
        "id": "x1",
        "modules": ["m0", "m1"],
        "gain": 4,
        "minutes": 30,
        "status": "optimal",
        "bound": 4,
    }
    assert first["milliseconds"] > 0
    assert (second["line"], third["line"]) == (3, 4)
    assert "modules" in third["error"]
    assert main(["--instances", str(file)]) == 1
    assert "x1" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["--instances", str(tmp_path / "none")])


@pytest.mark.parametrize(
    "change",
    [
        {"minutes": 1e30},
        {"weights": {"A": -1}},
        {"weights": {"A": float("nan")}},
        {"levels": {"A": -1}},
        {"modules": [{"id": "m", "minutes": -5}]},
        {"modules": [{"id": "m", "minutes": 5}, {"id": "m", "minutes": 6}]},
    ],
)
def test_senseless_numbers_are_refused_and_the_rest_goes_on(change: dict[str, object]) -> None:
    found = list(answers([json.dumps({**LINE, **change}), json.dumps(LINE)], 5.0))
    assert "error" in found[0]
    assert found[1]["gain"] == 4


def test_minutes_of_modules_are_rounded_up() -> None:
    modules = [{"id": key, "minutes": 10.9, "steps": [[key, 0]]} for key in "ab"]
    line = json.dumps({"minutes": 20, "targets": {"a": 1, "b": 1}, "modules": modules})
    assert len(next(answers([line], 5.0))["modules"]) == 1


def test_no_simple_way_beats_the_plan_or_breaks_its_rules() -> None:
    source = random.Random(9)
    requests = [random_request(60, source) for _ in range(12)]
    ways = policies([f"M{n:04d}" for n in range(60)])
    scores = compare(requests, ways)
    assert scores["exact plan"].best == 1
    assert all(max(score.share) <= 1 + 1e-9 for score in scores.values())
    assert scores["greedy with bundles"].share > scores["chance"].share
    for request in requests:
        minutes = {m.id: m.minutes for m in request.modules}
        requires = {m.id: m.requires for m in request.modules}
        for choose in ways.values():
            chosen = choose(request)
            assert len(chosen) == len(set(chosen))
            assert sum(minutes[key] for key in chosen) <= (request.minutes or 0)
            assert all(r in chosen for key in chosen for r in requires[key])
            assert gain_of(request, chosen) <= plan(request).gain + 1e-9


def test_the_measurement_prints_its_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training_platform.recommendations.quality.__main__.SIZES", ((60, 3),))
    out = tmp_path / "tables.md"
    assert main(["--people", "4", "--seed", "3", "--out", str(out), "--plot", str(tmp_path / "plot.svg")]) == 0
    text = out.read_text()
    assert "| 60 modules, 3 requests | 3 of 3 | 0.0% |" in text
    assert "true gap closed" in text
    assert text.count("| exact plan |") == 3
