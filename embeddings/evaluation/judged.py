"""Figures per text on judged needs, job descriptions and situations kept out of training."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from embeddings.corpus import Passage
from embeddings.evaluation.metrics import average_precision, ndcg, recall, reciprocal_rank
from embeddings.evaluation.systems import Make, Rank
from embeddings.training.pairs import held_out

DEEP = 50


@dataclass(frozen=True, kw_only=True)
class Row:
    """The figures of one text, with what it is grouped by."""

    groups: tuple[str, ...]
    figures: Mapping[str, float]


def lines_of(file: Path) -> list[dict[str, Any]]:
    """Return the objects of a JSON-lines file."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def needs_rows(rank: Rank, lines: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return nDCG@10, MAP and recall@50 of graded modules, recall@5 and MRR of grade 3."""
    rows = []
    for line in lines:
        ranked, grades = rank(line["text"]), line["relevance"]
        best, related = {m for m, grade in grades.items() if grade == 3}, {m for m, grade in grades.items() if grade}
        figures = {
            "nDCG@10": ndcg(ranked, grades),
            "recall@5 of grade 3": recall(ranked, best, 5),
            "MRR of grade 3": reciprocal_rank(ranked, best),
            "MAP": average_precision(ranked, related),
            f"recall@{DEEP}": recall(ranked, related, DEEP),
        }
        rows.append(Row(groups=_groups(line), figures=figures))
    return rows


def role_rows(rank: Rank, lines: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return accuracy@1 and @3 with alternates, the strict ones, and MRR."""
    rows = []
    for line in lines:
        ranked, strict = rank(line["text"]), {line["role"]}
        accepted = strict | set(line.get("alternates", ()))
        figures = {
            "accuracy@1": float(bool(accepted & set(ranked[:1]))),
            "accuracy@3": float(bool(accepted & set(ranked[:3]))),
            "strict accuracy@1": float(bool(strict & set(ranked[:1]))),
            "strict accuracy@3": float(bool(strict & set(ranked[:3]))),
            "MRR": reciprocal_rank(ranked, accepted),
        }
        rows.append(Row(groups=_groups(line), figures=figures))
    return rows


def situation_rows(make: Make, passages: Sequence[Passage]) -> list[Row]:
    """Return accuracy@1, @5 and MRR of the fifth of the situations kept out of training, ranked without them."""
    kept = [p for p in passages if p.kind == "situation" and held_out(p.text)]
    rank = make([p for p in passages if p.kind != "situation" or not held_out(p.text)])
    rows = []
    for passage in kept:
        ranked = rank(passage.text)
        figures = {
            "accuracy@1": float(passage.item in ranked[:1]),
            "accuracy@5": float(passage.item in ranked[:5]),
            "MRR": reciprocal_rank(ranked, {passage.item}),
        }
        rows.append(Row(groups=(passage.language,), figures=figures))
    return rows


def _groups(line: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(line[key]) for key in ("lang", "kind") if key in line)
