"""Ways of ranking that are compared: models alone and with BM25 as the site ranks, BM25, character TF-IDF."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from embeddings.corpus import Passage
from embeddings.encoder import load_encoder
from embeddings.hybrid import Lexical
from embeddings.ranking import BEST, Ranker

Rank = Callable[[str], list[str]]
Make = Callable[[Sequence[Passage]], Rank]


def systems(models: Sequence[str], *, baselines: bool) -> dict[str, Make]:
    """Return the systems by name; the first is what the site uses with the first model."""
    made: dict[str, Make] = {}
    for name in models:
        label = label_of(name)
        made[f"{label} + BM25"] = by_model(name, lexical=True)
        made[label] = by_model(name, lexical=False)
    if baselines:
        made |= {"BM25": bm25, "character TF-IDF": characters}
    return made


def label_of(name: str) -> str:
    """Return a short name of a folder or hub name."""
    path = Path(name)
    return path.parent.name if path.name == "model" and path.parent.name != "embeddings" else path.name


def by_model(name: str, *, lexical: bool) -> Make:
    """Return ranking by an encoder, through the code of the site."""

    def make(passages: Sequence[Passage]) -> Rank:
        ranker = Ranker(load_encoder(name), passages, lexical=lexical)
        return lambda text: [match.item for match in ranker.rank(text, limit=100)]

    return make


def bm25(passages: Sequence[Passage]) -> Rank:
    """Return ranking by BM25 on folded words alone."""
    lexical = Lexical(passages)

    def rank(text: str) -> list[str]:
        scores = lexical.scores(text)
        return sorted(scores, key=lambda item: (-scores[item], item))

    return rank


def characters(passages: Sequence[Passage]) -> Rank:
    """Return ranking by TF-IDF over character 3- to 5-grams, mean of the best passages of each item."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), strip_accents="unicode", sublinear_tf=True)
    table = vectorizer.fit_transform(p.text for p in passages)
    places: dict[str, list[int]] = {}
    for place, passage in enumerate(passages):
        places.setdefault(passage.item, []).append(place)

    def rank(text: str) -> list[str]:
        scores = (table @ vectorizer.transform([text]).T).toarray().ravel()
        best = {item: float(np.sort(scores[own])[-BEST:].mean()) for item, own in places.items()}
        return sorted(best, key=lambda item: (-best[item], item))

    return rank
