"""Search over many vectors: build time, memory, p50, p99 and recall@10 of the exact, IVF and HNSW indexes.

``script/load vectors [N…]`` (default 20000 1000000). The vectors are the catalogue's own passages, each moved at random
within the distance of its neighbours, so that they cluster as real texts do; queries are moved once more.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import faiss
import numpy as np

from embeddings.corpus import read_modules, read_roles
from embeddings.encoder import Vectors, load_encoder
from embeddings.index import Kind, Manifest, VectorIndex

QUERIES = 500
SPREAD = 0.6
CONTENT = Path(__file__).parent.parent / "content"


def main() -> None:
    """Print a table for each number of vectors."""
    passages = [p.text for p in (*read_modules(CONTENT), *read_roles(CONTENT))]
    base = load_encoder().encode_documents(passages)
    faiss.omp_set_num_threads(2)
    for number in [int(text) for text in sys.argv[1:]] or [20_000, 1_000_000]:
        source = np.random.default_rng(1)
        vectors = moved(base, number, source)
        queries = moved(vectors, QUERIES, source)
        print(
            f"\n| {number} vectors of {base.shape[1]} | build s | MB on disk | p50 ms | p99 ms | recall@10 |",
            flush=True,
        )
        print("|---|--:|--:|--:|--:|--:|", flush=True)
        truth = None
        kinds: tuple[Kind, ...] = ("exact", "ivf", "hnsw")
        for kind in kinds:
            begun = time.perf_counter()
            index = VectorIndex(base.shape[1], kind, lists=min(4096, number // 40), probes=64)
            faiss.omp_set_num_threads(2)
            index.train(vectors[: min(number, 200_000)])
            index.add(range(number), vectors)
            built = time.perf_counter() - begun
            faiss.omp_set_num_threads(1)
            found, times = _searched(index, queries)
            truth = found if truth is None else truth
            recall = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found, truth, strict=True)])
            p50, p99 = np.quantile(times, [0.5, 0.99])
            print(
                f"| {kind} | {built:.1f} | {_size(index, kind):.0f} | {p50:.2f} | {p99:.2f} | {recall:.3f} |",
                flush=True,
            )
            del index
    print(f"\nlargest resident memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def moved(base: Vectors, number: int, source: np.random.Generator) -> Vectors:
    """Return so many of the vectors, each moved at random and of unit length again."""
    out = np.empty((number, base.shape[1]), dtype=np.float32)
    for start in range(0, number, 50_000):
        end = min(start + 50_000, number)
        noise = source.normal(size=(end - start, base.shape[1])).astype(np.float32) * SPREAD / np.sqrt(base.shape[1])
        part = base[source.integers(0, len(base), end - start)] + noise
        out[start:end] = part / np.linalg.norm(part, axis=1, keepdims=True)
    return out


def _searched(index: VectorIndex, queries: Vectors) -> tuple[list[list[int]], list[float]]:
    """Return the ten nearest of each query and the milliseconds that each took, one query at a time, one core."""
    found, times = [], []
    index.search(queries[:5], 10)
    for query in queries:
        begun = time.perf_counter()
        ids, _ = index.search(query[None], 10)
        times.append(1000 * (time.perf_counter() - begun))
        found.append(list(map(int, ids[0])))
    return found, times


def _size(index: VectorIndex, kind: Kind) -> float:
    with tempfile.TemporaryDirectory() as folder:
        manifest = Manifest(model="m", dimension=index.dimension, kind=kind, count=0, content_hash="")
        index.save(Path(folder) / "index", manifest)
        return (Path(folder) / "index" / "vectors.faiss").stat().st_size / 1e6


if __name__ == "__main__":
    main()
