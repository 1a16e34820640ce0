"""A FAISS index of unit vectors with ids: exact by default, HNSW or IVF by choice; saved whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import faiss
import numpy as np
from numpy.typing import NDArray

from embeddings.encoder import Vectors

Kind = Literal["exact", "hnsw", "ivf"]
REBUILD = "build it again: flask --app training_platform index build"


class IndexFileError(Exception):
    """The saved index cannot be used; the message says why and how to rebuild it."""


class StaleIndexError(IndexFileError):
    """The index was built with another model, dimension or content."""


class CorruptIndexError(IndexFileError):
    """The index files are missing, cut short or changed."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What an index was built from, to refuse a stale pair."""

    model: str
    dimension: int
    kind: Kind
    count: int
    content_hash: str
    checksum: str = ""


class VectorIndex:
    """Inner product over unit vectors, that is cosine similarity, with an integer id per vector."""

    def __init__(self, dimension: int, kind: Kind = "exact", *, lists: int = 1024, probes: int = 32) -> None:
        self.dimension = dimension
        self.kind = kind
        self._index: Any = faiss.IndexIDMap2(_bare(dimension, kind, lists))
        self._probes = probes

    @property
    def count(self) -> int:
        """Number of vectors."""
        return int(self._index.ntotal)

    def train(self, vectors: Vectors) -> None:
        """Train the lists of an IVF index; nothing to do for the others."""
        self._index.train(vectors)

    def add(self, ids: Sequence[int], vectors: Vectors) -> None:
        """Add vectors, shape (ids, dimension); raise ValueError on another dimension."""
        if vectors.ndim != 2 or vectors.shape != (len(ids), self.dimension):
            raise ValueError(
                f"vectors of shape {vectors.shape} do not fit {len(ids)} ids of dimension {self.dimension}"
            )
        self._index.add_with_ids(np.ascontiguousarray(vectors), np.asarray(ids, dtype=np.int64))

    def remove(self, ids: Sequence[int]) -> int:
        """Remove vectors by id; return how many there were (HNSW cannot remove: RuntimeError)."""
        return int(self._index.remove_ids(np.asarray(ids, dtype=np.int64)))

    def search(self, queries: Vectors, k: int) -> tuple[NDArray[np.int64], Vectors]:
        """Return ids and cosine similarities of the k nearest, each of shape (queries, k); id −1 where there is none."""
        if queries.shape[1] != self.dimension:
            raise StaleIndexError(f"the query has dimension {queries.shape[1]}, the index {self.dimension}; {REBUILD}")
        if self.kind == "ivf":
            faiss.extract_index_ivf(self._index).nprobe = self._probes
        scores, ids = self._index.search(np.ascontiguousarray(queries), k)
        return ids, scores

    def save(self, folder: Path, manifest: Manifest) -> None:
        """Write index and manifest beside the old ones, then swap folders: a full disk leaves the old index whole."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            faiss.write_index(self._index, str(fresh / "vectors.faiss"))
            complete = asdict(manifest) | {"checksum": _checksum(fresh / "vectors.faiss"), "count": self.count}
            (fresh / "manifest.json").write_text(json.dumps(complete, indent=1))
            old = fresh.with_name(fresh.name + "-old")
            if folder.exists():
                os.replace(folder, old)
            os.replace(fresh, folder)
            shutil.rmtree(old, ignore_errors=True)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise


def load_index(folder: Path, *, model: str, dimension: int, content_hash: str) -> VectorIndex:
    """Load a saved index, memory-mapped; raise CorruptIndexError or StaleIndexError."""
    manifest = read_manifest(folder)
    if manifest.checksum != _checksum(folder / "vectors.faiss"):
        raise CorruptIndexError(f"{folder}: the index is not what was written; {REBUILD}")
    if (manifest.model, manifest.dimension) != (model, dimension):
        raise StaleIndexError(
            f"{folder}: built with {manifest.model} ({manifest.dimension}), not {model} ({dimension}); {REBUILD}"
        )
    if manifest.content_hash != content_hash:
        raise StaleIndexError(f"{folder}: the catalogue has changed since it was built; {REBUILD}")
    index = VectorIndex(dimension, "exact")
    index.kind = manifest.kind
    index._index = faiss.read_index(str(folder / "vectors.faiss"), faiss.IO_FLAG_MMAP)
    return index


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest; raise CorruptIndexError."""
    try:
        return Manifest(**json.loads((folder / "manifest.json").read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise CorruptIndexError(f"{folder}: no readable manifest; {REBUILD}") from error


def _bare(dimension: int, kind: Kind, lists: int) -> Any:
    index: Any
    if kind == "hnsw":
        index = faiss.IndexHNSWFlat(dimension, 32, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction, index.hnsw.efSearch = 200, 128
        return index
    flat: Any = faiss.IndexFlatIP(dimension)
    if kind == "ivf":
        index = faiss.IndexIVFFlat(flat, dimension, lists, faiss.METRIC_INNER_PRODUCT)
        flat.this.disown()
        index.own_fields = True
        return index
    return flat


def _checksum(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise CorruptIndexError(f"{file}: cannot be read; {REBUILD}") from error
