"""From a text to ranked items, with the passages that made each match: the one code path of site and evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embeddings.corpus import Passage
from embeddings.encoder import Encoder, Vectors
from embeddings.index import VectorIndex

BEST = 3
"""An item's score is the mean of its best passages: one lucky passage is not enough."""


@dataclass(frozen=True, kw_only=True)
class Match:
    """An item with its score (mean cosine of its best passages) and those passages, the best first."""

    item: str
    score: float
    passages: tuple[Passage, ...]


class Ranker:
    """Passages, their vectors in an index, and the encoder that made them."""

    def __init__(self, encoder: Encoder, passages: Sequence[Passage], index: VectorIndex | None = None) -> None:
        self.encoder = encoder
        self.passages = list(passages)
        self.index = index or build(encoder, self.passages)

    def rank(self, text: str, limit: int = 10) -> list[Match]:
        """Return the items nearest to a text, the best first; nothing for a text without a known word."""
        vector = self.encoder.encode_queries([text])
        return self.rank_vector(vector, limit) if vector.any() else []

    def rank_vector(self, vector: Vectors, limit: int) -> list[Match]:
        """Return the items nearest to one vector of shape (1, dimension)."""
        if not self.passages:
            return []
        ids, scores = self.index.search(vector, len(self.passages))
        found: dict[str, list[tuple[float, Passage]]] = {}
        for place, score in zip(ids[0], scores[0], strict=True):
            best = found.setdefault(self.passages[place].item, [])
            if len(best) < BEST:
                best.append((float(score), self.passages[place]))
        matches = [
            Match(item=item, score=float(np.mean([s for s, _ in best])), passages=tuple(p for _, p in best))
            for item, best in found.items()
        ]
        return sorted(matches, key=lambda match: (-match.score, match.item))[:limit]


def build(encoder: Encoder, passages: Sequence[Passage]) -> VectorIndex:
    """Encode the passages into an exact index; ids are their places."""
    index = VectorIndex(encoder.dimension)
    index.add(range(len(passages)), encoder.encode_documents([p.text for p in passages]))
    return index
