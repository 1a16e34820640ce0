"""Texts to unit vectors, by any SentenceTransformer: the shipped folder, another folder, or a hub name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

SHIPPED = Path(__file__).parent / "model"
MAX_CHARACTERS = 4000
PREFIXES = {"multilingual-e5": ("query: ", "passage: ")}
"""Query and document prefixes by a part of the model's name (Wang et al. 2024 for E5)."""


class Encoder(Protocol):
    """What turns texts into unit vectors of one dimension."""

    name: str
    dimension: int

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (texts, dimension)."""

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (texts, dimension)."""


class SentenceEncoder:
    """A SentenceTransformer, imported late: it costs seconds and 300 MB that no other command should pay."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import SentenceTransformer

        self._model: Any = SentenceTransformer(name, device="cpu", local_files_only=Path(name).exists())
        self.name = name_of(name)
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self._query, self._document = next((pair for key, pair in PREFIXES.items() if key in name), ("", ""))

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (texts, dimension); an empty text gives the zero vector."""
        return self._encode(texts, self._query)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (texts, dimension); an empty text gives the zero vector."""
        return self._encode(texts, self._document)

    def _encode(self, texts: Sequence[str], prefix: str) -> Vectors:
        cleaned = [clean(text) for text in texts]
        if not cleaned:
            return np.zeros((0, self.dimension), dtype=np.float32)
        vectors = self._model.encode(
            [prefix + text for text in cleaned], normalize_embeddings=True, show_progress_bar=False, batch_size=64
        )
        result: Vectors = np.nan_to_num(np.asarray(vectors, dtype=np.float32))
        result[[not text for text in cleaned]] = 0
        return result


def name_of(model: str) -> str:
    """Return how manifests call a model: the last two parts of its folder, or its hub name."""
    return "/".join(Path(model).resolve().parts[-2:]) if Path(model).exists() else model


def clean(text: str) -> str:
    """Return the text without control characters, spaces made single, cut to 4,000 characters."""
    text = unicodedata.normalize("NFC", text[: 4 * MAX_CHARACTERS])
    text = "".join(" " if unicodedata.category(c).startswith("C") else c for c in text)
    return re.sub(r"\s+", " ", text).strip()[:MAX_CHARACTERS]


@cache
def load_encoder(name: str = str(SHIPPED)) -> SentenceEncoder:
    """Return the encoder of a folder or hub name, loaded once per process."""
    return SentenceEncoder(name)
