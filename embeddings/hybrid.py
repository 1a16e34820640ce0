"""Words beside meaning: BM25 over folded words, and the fusion of both rankings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from embeddings.corpus import Passage

STEM = 6
"""Words are cut to this length: French and English inflect at the end, and a cut needs no language detection."""
WORD = re.compile(r"[a-z0-9]{2,}")


def words(text: str) -> list[str]:
    """Return the words of a text in lower case, without accents, cut to their stem."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return [word[:STEM] for word in WORD.findall("".join(c for c in folded if not unicodedata.combining(c)))]


class Lexical:
    """BM25 over all that is said about each item (Robertson and Zaragoza 2009)."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        import bm25s

        texts: dict[str, list[str]] = {}
        for passage in passages:
            texts.setdefault(passage.item, []).extend(words(passage.text))
        self.items = list(texts)
        self._index: Any = bm25s.BM25()
        self._index.index(list(texts.values()), show_progress=False)

    def scores(self, text: str) -> dict[str, float]:
        """Return the score of every item, 0 where no word is shared."""
        tokens = [word for word in words(text) if word in self._index.vocab_dict]
        values = self._index.get_scores(tokens) if tokens else np.zeros(len(self.items))
        return dict(zip(self.items, map(float, values), strict=True))


def fuse(rankings: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean of the rankings' standard scores (CombSUM: Shaw and Fox 1994; standardised: Renda and Straccia 2003)."""
    total: dict[str, float] = dict.fromkeys(rankings[0], 0.0)
    for ranking in rankings:
        values = np.fromiter(ranking.values(), dtype=float)
        mean, spread = float(values.mean()), float(values.std()) or 1.0
        for item, value in ranking.items():
            total[item] += (value - mean) / spread / len(rankings)
    return total
