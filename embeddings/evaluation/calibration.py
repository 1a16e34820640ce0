"""Fit and measure the confidence of role matches: ``python -m embeddings.evaluation.calibration``.

Right and wrong: the situations of roles kept out of training. Nothing fits: ESCO occupations of trades that no hospital
has (agriculture, armed forces, mining, aviation and ships, performing arts). Half fits, the other half measures.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embeddings.confidence import CANDIDATES, FILE, features
from embeddings.corpus import Passage, read_roles
from embeddings.encoder import SHIPPED, load_encoder
from embeddings.evaluation.judged import lines_of
from embeddings.ranking import Ranker
from embeddings.training.pairs import held_out, rows_of

ROOT = Path(__file__).parents[2]
ELSEWHERE = ("0", "6", "811", "921", "265", "315", "835", "516")
"""ISCO-08 groups far from any hospital: armed forces, agriculture, mining, performing arts, aviation and ships…"""
Vector = NDArray[np.float64]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit on one half, print how honest it is on the other, write the weights of all beside the model."""
    parser = argparse.ArgumentParser(prog="python -m embeddings.evaluation.calibration", description=__doc__)
    parser.add_argument("--model", default=str(SHIPPED))
    parser.add_argument("--content", type=Path, default=ROOT / "content")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "occupations")
    parser.add_argument("--roles", type=Path, default=ROOT.parent / "shared" / "eval" / "roles.dev.jsonl")
    options = parser.parse_args(arguments)
    roles = read_roles(options.content)
    texts = known_texts(roles) + strange_texts(options.data)
    random.Random(3).shuffle(texts)
    ranker = Ranker(load_encoder(options.model), [p for p in roles if p.kind != "situation" or not held_out(p.text)])
    examples = [_examples(ranker, text, role) for text, role in texts]
    half = len(examples) // 2
    weights = _fit(examples[:half])
    report("the other half", weights, examples[half:])
    if options.roles.exists():
        judged = [
            _examples(ranker, line["text"], {line["role"], *line.get("alternates", ())})
            for line in lines_of(options.roles)
        ]
        report(options.roles.name, weights, judged)
    final = _fit(examples)
    stored = {
        "weights": [round(float(w), 4) for w in final],
        "features": "1, cosine, strength, below first, above next",
    }
    (Path(options.model) / FILE).write_text(json.dumps(stored, indent=1) + "\n")
    return 0


def known_texts(roles: Sequence[Passage]) -> list[tuple[str, set[str]]]:
    """Return the situations kept out of training with the role that is right."""
    return [(p.text, {p.item}) for p in roles if p.kind == "situation" and held_out(p.text)]


def strange_texts(data: Path) -> list[tuple[str, set[str]]]:
    """Return titles and descriptions of jobs that no hospital has, in both languages, with no right role."""
    texts: list[tuple[str, set[str]]] = []
    for row in rows_of(data / "esco_occupations_bilingual.csv.gz"):
        if row["isco"].lstrip("C").startswith(ELSEWHERE) and row["health"] == "0":
            for language in ("fr", "en"):
                if row[f"{language}_label"]:
                    about = row[f"{language}_desc"].split(". ")[0][:160]
                    texts.append((f"{row[f'{language}_label']}. {about}".strip(), set()))
    return random.Random(5).sample(texts, min(len(texts), 300))


def _examples(ranker: Ranker, text: str, right: set[str]) -> tuple[Vector, Vector]:
    """Return features of the first candidates and whether each is right."""
    matches = ranker.rank(text, CANDIDATES + 1)
    return features(matches)[:CANDIDATES], np.array([m.item in right for m in matches[:CANDIDATES]], dtype=float)


def _fit(examples: Sequence[tuple[Vector, Vector]]) -> Vector:
    from sklearn.linear_model import LogisticRegression

    table, right = (np.concatenate(parts) for parts in zip(*examples, strict=True))
    fitted: Any = LogisticRegression(C=10.0, max_iter=1000).fit(table, right)
    return np.concatenate([fitted.intercept_, fitted.coef_[0]])


def report(name: str, weights: Vector, examples: Sequence[tuple[Vector, Vector]]) -> None:
    """Print how honest the probabilities of the first match are, and how well they tell that nothing fits."""
    from scipy.special import expit

    first = [
        (float(expit(weights[0] + table[0] @ weights[1:])), float(right[0])) for table, right in examples if len(table)
    ]
    stated, right = np.array([p for p, _ in first]), np.array([r for _, r in first])
    bins = np.clip((stated * 5).astype(int), 0, 4)
    error = sum(abs(stated[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in set(bins))
    print(
        f"\n{name}: {len(first)} texts, expected calibration error {error:.3f}, Brier {np.mean((stated - right) ** 2):.3f}"
    )
    print("| stated | texts | first match right |\n|---|--:|--:|")
    for b in sorted(set(bins)):
        inside = bins == b
        print(f"| {b / 5:.1f}–{(b + 1) / 5:.1f} | {inside.sum()} | {right[inside].mean():.2f} |")


if __name__ == "__main__":
    sys.exit(main())
