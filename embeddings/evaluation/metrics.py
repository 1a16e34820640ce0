"""Ranking metrics, as defined by Järvelin and Kekäläinen (2002) and usual in information retrieval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], k: int = 10) -> float:
    """Return nDCG@k with gain 2^grade − 1 and discount log2(rank + 1)."""
    gains = [2 ** grades.get(item, 0) - 1 for item in ranked[:k]]
    ideal = sorted((2**grade - 1 for grade in grades.values()), reverse=True)[:k]
    best = _discounted(ideal)
    return _discounted(gains) / best if best else 0.0


def _discounted(gains: Sequence[int]) -> float:
    return float(sum(gain / np.log2(rank + 1) for rank, gain in enumerate(gains, 1)))


def recall(ranked: Sequence[str], relevant: set[str], k: int) -> float:
    """Return the share of relevant items among the first k."""
    return len(relevant & set(ranked[:k])) / len(relevant) if relevant else 0.0


def average_precision(ranked: Sequence[str], relevant: set[str]) -> float:
    """Return the mean precision at each relevant item; those not ranked count as zero."""
    hits = 0
    total = 0.0
    for rank, item in enumerate(ranked, 1):
        if item in relevant:
            hits += 1
            total += hits / rank
    return total / len(relevant) if relevant else 0.0


def reciprocal_rank(ranked: Sequence[str], relevant: set[str]) -> float:
    """Return the inverse rank of the first relevant item, 0 where there is none."""
    return next((1 / rank for rank, item in enumerate(ranked, 1) if item in relevant), 0.0)


def interval(values: Sequence[float], seed: int = 7, rounds: int = 2000) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of the mean (Efron 1979)."""
    source = np.random.default_rng(seed)
    data = np.asarray(values, dtype=float)
    means = data[source.integers(0, len(data), (rounds, len(data)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def paired_p(first: Sequence[float], second: Sequence[float], seed: int = 7, rounds: int = 10_000) -> float:
    """Return the two-sided p-value that two systems are alike, by random sign flips (Smucker, Allan, Carterette 2007)."""
    differences = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    source = np.random.default_rng(seed)
    flips = source.choice((-1.0, 1.0), (rounds, len(differences)))
    reached = np.abs((flips * differences).mean(axis=1)) >= abs(differences.mean()) - 1e-12
    return float((reached.sum() + 1) / (rounds + 1))
