"""The metrics against values worked by hand, and the command on small judgement files."""

from __future__ import annotations

import gzip
import json
import math
from pathlib import Path

import pytest

from embeddings.encoder import SHIPPED
from embeddings.evaluation import __main__ as command
from embeddings.evaluation.metrics import average_precision, interval, ndcg, paired_p, recall, reciprocal_rank

CONTENT = Path(__file__).parents[2] / "content"


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


def test_average_precision_by_hand() -> None:
    assert average_precision(["A", "X", "B"], {"A", "B"}) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(["A"], {"A", "B"}) == 0.5
    assert average_precision(["A"], set()) == 0


def test_a_paired_test_tells_a_real_difference_from_none() -> None:
    first = [0.6, 0.7, 0.8, 0.5, 0.9, 0.7, 0.6, 0.8]
    assert paired_p(first, first) == 1
    assert paired_p(first, [x - 0.2 for x in first]) < 0.02


@pytest.fixture
def judgements(tmp_path: Path) -> list[str]:
    needs, roles = tmp_path / "needs.jsonl", tmp_path / "roles.jsonl"
    need = {"text": "hameçonnage : un courriel me demande mon mot de passe", "lang": "fr", "kind": "situation"}
    needs.write_text(json.dumps(need | {"relevance": {"M25": 3}}))
    roles.write_text(json.dumps({"text": "infirmière", "lang": "fr", "role": "R10", "alternates": []}))
    return ["--needs", str(needs), "--roles", str(roles), "--model", str(SHIPPED)]


def test_the_command_prints_tables_and_stores_the_figures(
    tmp_path: Path, judgements: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    data = make_occupations(tmp_path / "data")
    assert (
        command.main([*judgements, "--json", str(out), "--data", str(data), "--content", str(small_content(tmp_path))])
        == 0
    )
    stored = json.loads(out.read_text())["sets"]
    needs = stored["needs (needs.jsonl, 1 texts)"]
    assert set(needs) == {"model + BM25", "model", "BM25", "character TF-IDF"}
    assert needs["model + BM25"]["recall@5 of grade 3"] == 1
    assert needs["model + BM25"]["nDCG@10, by group"] == {"fr": 1.0, "situation": 1.0}
    assert "nDCG@10, p against the first" in needs["BM25"]
    assert stored["lessons, French ↔ English"]["model"]["recall@1"] == 1
    jobs = stored["occupation → skills, fr (dev, 1 occupations)"]
    assert jobs["model: vote of neighbours"]["nDCG@10"] == 1
    printed = capsys.readouterr().out
    assert "| model | texts a second |" in printed
    assert "| nDCG@10, by group | fr | situation |" in printed


def small_content(tmp_path: Path) -> Path:
    """Return a content folder with the framework, the roles and two of the shipped modules."""
    folder = tmp_path / "content"
    (folder / "modules").mkdir(parents=True)
    for name in ("framework.yaml", "roles.yaml", "role_situations.yaml"):
        (folder / name).symlink_to(CONTENT / name)
    for slug in ("hygiene-numerique-douze-gestes", "rester-maitre"):
        (folder / "modules" / slug).symlink_to(CONTENT / "modules" / slug)
    return folder


def make_occupations(folder: Path) -> Path:
    """Write a tiny ESCO: two training occupations that share a skill, one to be tested."""
    folder.mkdir()
    jobs: list[tuple[str, ...]] = [
        ("j1", "infirmier", "nurse"),
        ("j2", "boulanger", "baker"),
        ("j3", "infirmière de bloc", "theatre nurse"),
    ]
    skills: list[tuple[str, ...]] = [
        ("s1", "poser une perfusion", "set up a drip"),
        ("s2", "cuire le pain", "bake bread"),
    ]
    (folder / "occupation_split.csv").write_text(
        "conceptUri,isco,health,split\nj1,1,1,train\nj2,2,0,train\nj3,3,1,dev\n", encoding="utf-8"
    )
    tables: dict[str, tuple[str, list[tuple[str, ...]]]] = {
        "esco_occupations_bilingual.csv.gz": (
            "conceptUri,fr_label,en_label,fr_alt,en_alt,fr_desc,en_desc",
            [(*job, "", "", "", "") for job in jobs],
        ),
        "esco_skills_bilingual.csv.gz": ("conceptUri,fr_label,en_label", skills),
        "occ_skill.csv.gz": (
            "occupationUri,skillUri,relationType",
            [("j1", "s1", "essential"), ("j2", "s2", "essential"), ("j3", "s1", "essential"), ("j3", "s2", "optional")],
        ),
    }
    for name, (head, rows) in tables.items():
        with gzip.open(folder / name, "wt", encoding="utf-8") as stream:
            stream.write("\n".join([head, *(",".join(row) for row in rows)]) + "\n")
    return folder


def test_json_alone_goes_to_standard_output(judgements: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([*judgements, "--no-baselines", "--quick", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["speed"]["model"]["texts a second"] > 100


def test_absent_judgements_are_said_to_be_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nothing = str(tmp_path / "nothing")
    options = ["--needs", nothing, "--roles", nothing, "--data", nothing, "--no-baselines", "--model", str(SHIPPED)]
    assert command.main([*options, "--content", str(small_content(tmp_path))]) == 0
    assert capsys.readouterr().err.count("left out") == 3
