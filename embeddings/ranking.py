"""From a text to ranked items, with the passages that made each match: the one code path of site and evaluation."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from embeddings.corpus import Passage
from embeddings.encoder import Encoder, Vectors, name_of
from embeddings.hybrid import Lexical, fuse
from embeddings.index import IndexFileError, Kind, Manifest, VectorIndex, load_index, read_manifest

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

    def __init__(
        self, encoder: Encoder, passages: Sequence[Passage], *, lexical: bool = True, index: VectorIndex | None = None
    ) -> None:
        self.encoder = encoder
        self.passages = list(passages)
        self.index = index or build(encoder, self.passages)
        self.lexical = Lexical(self.passages) if lexical and self.passages else None
        self._items = list(dict.fromkeys(p.item for p in self.passages))
        number = {item: n for n, item in enumerate(self._items)}
        self._item_of = np.array([number[p.item] for p in self.passages], dtype=np.int64)

    def rank(self, text: str, limit: int = 10) -> list[Match]:
        """Return the items nearest to a text, the best first; nothing for a text without a known word."""
        vector = self.encoder.encode_queries([text])
        if not self.passages or not vector.any():
            return []
        ids, scores = self.index.search(vector, len(self.passages))
        found = ids[0] >= 0
        places, near = ids[0][found], scores[0][found]
        items = self._item_of[places]
        by_item = np.argsort(items, kind="stable")
        ends = np.cumsum(np.bincount(items, minlength=len(self._items)))
        best = {
            item: by_item[start : min(start + BEST, end)]
            for item, start, end in zip(self._items, (0, *ends[:-1]), ends, strict=True)
        }
        unseen = float(near.min())
        meaning = {item: float(near[own].mean()) if len(own) else unseen for item, own in best.items()}
        strength = fuse([meaning, self.lexical.scores(text)] if self.lexical else [meaning])
        seen = (item for item in self._items if len(best[item]))
        order = sorted(seen, key=lambda item: (-strength[item], item))[:limit]
        return [
            Match(
                item=item,
                score=meaning[item],
                strength=strength[item],
                passages=tuple(self.passages[place] for place in places[best[item]]),
            )
            for item in order
        ]


def build(encoder: Encoder, passages: Sequence[Passage], kind: Kind = "exact") -> VectorIndex:
    """Encode the passages into an index; ids are their places."""
    vectors = _encoded(encoder, [p.text for p in passages])
    lists = max(min(1024, len(passages) // 40), 1)
    index = VectorIndex(encoder.dimension, kind, lists=lists)
    if len(passages):
        index.train(vectors)
        index.add(range(len(passages)), vectors)
    return index


def save(encoder: Encoder, passages: Sequence[Passage], folder: Path, kind: Kind = "exact") -> VectorIndex:
    """Build the index and write it with its manifest; the old one stays whole until the new one is."""
    index = build(encoder, passages, kind)
    index.save(
        folder,
        Manifest(
            model=encoder.name,
            dimension=encoder.dimension,
            kind=kind,
            count=index.count,
            content_hash=content_hash(passages),
        ),
    )
    return index


def is_saved(model: str, passages: Sequence[Passage], folder: Path, kind: Kind) -> bool:
    """Tell, without loading the encoder, whether a folder already holds the index of these passages."""
    try:
        manifest = read_manifest(folder)
        load_index(folder, model=name_of(model), dimension=manifest.dimension, content_hash=content_hash(passages))
    except IndexFileError:
        return False
    return manifest.kind == kind


def open_or_build(encoder: Encoder, passages: Sequence[Passage], folder: Path, kind: Kind = "exact") -> VectorIndex:
    """Open the saved index where it fits these passages; say why not and build it in memory otherwise."""
    try:
        return load_index(folder, model=encoder.name, dimension=encoder.dimension, content_hash=content_hash(passages))
    except IndexFileError as error:
        logging.getLogger(__name__).info("%s", error)
        return build(encoder, passages, kind)


def content_hash(passages: Sequence[Passage]) -> str:
    """Return the hash of what an index is about."""
    digest = hashlib.sha256()
    for passage in passages:
        digest.update(f"{passage.item}\t{passage.language}\t{passage.kind}\t{passage.text}\n".encode())
    return digest.hexdigest()


_vectors: dict[tuple[str, str], Vectors] = {}


def _encoded(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    """Encode texts, each once per process: a publication costs its own passages, not the whole catalogue."""
    new = [text for text in dict.fromkeys(texts) if (encoder.name, text) not in _vectors]
    for text, vector in zip(new, encoder.encode_documents(new), strict=True):
        _vectors[encoder.name, text] = vector
    if not texts:
        return np.zeros((0, encoder.dimension), dtype=np.float32)
    return np.stack([_vectors[encoder.name, text] for text in texts])
