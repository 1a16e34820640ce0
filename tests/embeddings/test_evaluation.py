"""The metrics against values worked by hand, and the command on small judgement files."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from embeddings.evaluation import __main__ as command
from embeddings.evaluation.metrics import interval, ndcg, recall, reciprocal_rank


def test_ndcg_by_hand() -> None:
    grades = {"A": 3, "B": 1}
    best = 7 + 1 / math.log2(3)
    assert ndcg(["A", "B"], grades) == pytest.approx(1)
    assert ndcg(["X", "A", "B"], grades) == pytest.approx((7 / math.log2(3) + 1 / 2) / best)
    assert ndcg(["X"] * 10 + ["A"], grades) == 0
    assert ndcg(["A"], {}) == 0


def test_recall_and_reciprocal_rank_by_hand() -> None:
    assert recall(["X", "A", "B"], {"A", "C"}, 2) == 0.5
    assert recall(["A"], set(), 5) == 0
    assert reciprocal_rank(["X", "A"], {"A"}) == 0.5
    assert reciprocal_rank(["X"], {"A"}) == 0


def test_the_interval_holds_the_mean_and_narrows() -> None:
    low, high = interval([0.0, 1.0] * 50)
    assert 0.38 < low < 0.5 < high < 0.62
    wide = interval([0.0, 1.0] * 5)
    assert wide[1] - wide[0] > high - low


def test_the_command_prints_and_stores_the_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    needs, roles, out = tmp_path / "needs.jsonl", tmp_path / "roles.jsonl", tmp_path / "out.json"
    needs.write_text(
        json.dumps(
            {"text": "hameçonnage : un courriel me demande mon mot de passe", "lang": "fr", "relevance": {"M25": 3}}
        )
    )
    roles.write_text(json.dumps({"text": "infirmière", "lang": "fr", "role": "R10", "alternates": []}))
    monkeypatch.setattr("sys.argv", ["x", "--needs", str(needs), "--roles", str(roles), "--json", str(out)])
    assert command.main() == 0
    stored = json.loads(out.read_text())
    assert set(stored) == {"model", "model + BM25", "BM25"}
    assert stored["model + BM25"]["needs recall@5 of grade 3"] == 1
    assert "texts a second" in capsys.readouterr().out


def test_absent_judgements_are_said_to_be_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = str(tmp_path / "nothing")
    monkeypatch.setattr("sys.argv", ["x", "--needs", nothing, "--roles", nothing, "--no-baselines"])
    assert command.main() == 0
    assert capsys.readouterr().err.count("left out") >= 2
