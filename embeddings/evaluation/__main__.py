"""Print the quality of matching on judged needs and job texts: ``python -m embeddings.evaluation``.

``--needs`` and ``--roles`` take JSON lines in the format of the development sets: needs have ``text`` and ``relevance``
(module code to grade 0–3), roles have ``text``, ``role`` and ``alternates``. Ranking goes through the code path of the
site (embeddings.ranking).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from embeddings.corpus import Passage, read_modules, read_roles
from embeddings.encoder import SHIPPED, load_encoder
from embeddings.evaluation.metrics import interval, ndcg, recall, reciprocal_rank
from embeddings.hybrid import Lexical
from embeddings.ranking import Ranker

ROOT = Path(__file__).parents[2]
Rank = Callable[[str], list[str]]


def main() -> int:
    """Measure every model asked for, print the table, write the JSON."""
    options = _options()
    modules, roles = read_modules(options.content), read_roles(options.content)
    results: dict[str, dict[str, Any]] = {}
    for name in options.model:
        label = Path(name).name
        results[label] = measure(_by_model(name, lexical=False), modules, roles, options) | speed(name)
        results[f"{label} + BM25"] = measure(_by_model(name, lexical=True), modules, roles, options)
    if options.baselines:
        results["BM25"] = measure(_bm25, modules, roles, options)
    for name, row in results.items():
        print(f"\n{name}")
        for key, value in row.items():
            print(f"  {key:34} {value if isinstance(value, str) else f'{value:.3f}'}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1, ensure_ascii=False))
    return 0


def measure(
    make: Callable[[list[Passage]], Rank], modules: list[Passage], roles: list[Passage], options: Any
) -> dict[str, Any]:
    """Return the figures of one way of ranking on both sets; a set that is absent is left out and said so."""
    row: dict[str, Any] = {}
    if options.needs.exists():
        row |= needs_figures(make(modules), _lines(options.needs))
    else:
        print(f"left out: {options.needs} is not here (--needs FILE)", file=sys.stderr)
    if options.roles.exists():
        row |= role_figures(make(roles), _lines(options.roles))
    else:
        print(f"left out: {options.roles} is not here (--roles FILE)", file=sys.stderr)
    return row


def needs_figures(rank: Rank, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Return nDCG@10, recall@5 and reciprocal rank of grade 3, overall and by language."""
    rows = []
    for line in lines:
        ranked, best = rank(line["text"]), {m for m, grade in line["relevance"].items() if grade == 3}
        rows.append(
            (
                line.get("lang", ""),
                ndcg(ranked, line["relevance"]),
                recall(ranked, best, 5),
                reciprocal_rank(ranked, best),
            )
        )
    table = np.array([r[1:] for r in rows])
    low, high = interval(list(table[:, 0]))
    figures = {
        "needs nDCG@10": float(table[:, 0].mean()),
        "needs nDCG@10, 95 % interval": f"{low:.3f}–{high:.3f}",
        "needs recall@5 of grade 3": float(table[:, 1].mean()),
        "needs MRR of grade 3": float(table[:, 2].mean()),
    }
    for language in sorted({r[0] for r in rows}):
        figures[f"needs nDCG@10 ({language})"] = float(np.mean([r[1] for r in rows if r[0] == language]))
    return figures


def role_figures(rank: Rank, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Return accuracy@1 and @3, strict and with alternates, overall and by language."""
    rows = []
    for line in lines:
        ranked, right = rank(line["text"]), {line["role"]}
        accepted = right | set(line.get("alternates", ()))
        rows.append(
            (line.get("lang", ""), *(float(bool(s & set(ranked[:k]))) for s in (right, accepted) for k in (1, 3)))
        )
    table = np.array([r[1:] for r in rows])
    names = ("strict accuracy@1", "strict accuracy@3", "accuracy@1", "accuracy@3")
    figures: dict[str, Any] = {f"roles {name}": float(table[:, i].mean()) for i, name in enumerate(names)}
    low, high = interval(list(table[:, 2]))
    figures["roles accuracy@1, 95 % interval"] = f"{low:.3f}–{high:.3f}"
    for language in sorted({r[0] for r in rows}):
        figures[f"roles accuracy@1 ({language})"] = float(np.mean([r[3] for r in rows if r[0] == language]))
    return figures


def speed(name: str) -> dict[str, Any]:
    """Return texts a second, milliseconds a query, and megabytes."""
    encoder = load_encoder(name)
    texts = [f"Je saisis les transmissions sur tablette en gériatrie, lit {n}." for n in range(2000)]
    encoder.encode_queries(texts[:10])
    started = time.perf_counter()
    encoder.encode_documents(texts)
    rate = len(texts) / (time.perf_counter() - started)
    times = []
    for text in texts[:200]:
        started = time.perf_counter()
        encoder.encode_queries([text])
        times.append(1000 * (time.perf_counter() - started))
    folder = Path(name)
    size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6 if folder.exists() else float("nan")
    return {"texts a second": rate, "query ms, p95": float(np.quantile(times, 0.95)), "MB": size}


def _by_model(name: str, *, lexical: bool) -> Callable[[list[Passage]], Rank]:
    def make(passages: list[Passage]) -> Rank:
        ranker = Ranker(load_encoder(name), passages, lexical=lexical)
        return lambda text: [match.item for match in ranker.rank(text, limit=100)]

    return make


def _bm25(passages: list[Passage]) -> Rank:
    lexical = Lexical(passages)

    def rank(text: str) -> list[str]:
        scores = lexical.scores(text)
        return sorted(scores, key=lambda item: (-scores[item], item))

    return rank


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def _options() -> Any:
    shared = ROOT.parent / "shared" / "eval"
    parser = argparse.ArgumentParser(prog="python -m embeddings.evaluation", description=main.__doc__)
    parser.add_argument("--needs", type=Path, default=shared / "needs.dev.jsonl")
    parser.add_argument("--roles", type=Path, default=shared / "roles.dev.jsonl")
    parser.add_argument("--content", type=Path, default=ROOT / "content")
    parser.add_argument("--model", action="append", default=[], help="a folder or hub name; the shipped model without")
    parser.add_argument("--no-baselines", dest="baselines", action="store_false")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    options.model = options.model or [str(SHIPPED)]
    return options


if __name__ == "__main__":
    sys.exit(main())
