"""From a text to ranked items, with the passages that made each match: the one code path of site and evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from embeddings.corpus import Passage
from embeddings.encoder import Encoder
from embeddings.hybrid import Lexical, fuse
from embeddings.index import VectorIndex

BEST = 3
"""An item's meaning is the mean of its best passages: one lucky passage is not enough."""


@dataclass(frozen=True, kw_only=True)
class Match:
    """An item with its cosine (mean of its best passages), its place in the ranking, and those passages, the best first."""

    item: str
    score: float
    strength: float
    """Standard score of meaning and words together: what the ranking goes by."""
    passages: tuple[Passage, ...]


class Ranker:
    """Passages, their vectors in an index, the encoder that made them, and their words where words are to count."""

    def __init__(self, encoder: Encoder, passages: Sequence[Passage], *, lexical: bool = True) -> None:
        self.encoder = encoder
        self.passages = list(passages)
        self.index = build(encoder, self.passages)
        self.lexical = Lexical(self.passages) if lexical and self.passages else None
        self._items = list(dict.fromkeys(p.item for p in self.passages))
        number = {item: n for n, item in enumerate(self._items)}
        self._item_of = np.array([number[p.item] for p in self.passages], dtype=np.int64)
        self._starts = np.concatenate(([0], np.cumsum(np.bincount(self._item_of, minlength=len(self._items)))))

    def rank(self, text: str, limit: int = 10) -> list[Match]:
        """Return the items nearest to a text, the best first; nothing for a text without a known word."""
        vector = self.encoder.encode_queries([text])
        if not self.passages or not vector.any():
            return []
        ids, scores = self.index.search(vector, len(self.passages))
        by_item = np.argsort(self._item_of[ids[0]], kind="stable")
        best = {
            item: by_item[start : min(start + BEST, end)]
            for item, start, end in zip(self._items, self._starts, self._starts[1:], strict=False)
        }
        meaning = {item: float(scores[0][places].mean()) for item, places in best.items()}
        strength = fuse([meaning, self.lexical.scores(text)] if self.lexical else [meaning])
        order = sorted(self._items, key=lambda item: (-strength[item], item))[:limit]
        return [
            Match(
                item=item,
                score=meaning[item],
                strength=strength[item],
                passages=tuple(self.passages[ids[0][place]] for place in best[item]),
            )
            for item in order
        ]


def build(encoder: Encoder, passages: Sequence[Passage]) -> VectorIndex:
    """Encode the passages into an exact index; ids are their places."""
    index = VectorIndex(encoder.dimension)
    index.add(range(len(passages)), encoder.encode_documents([p.text for p in passages]))
    return index
