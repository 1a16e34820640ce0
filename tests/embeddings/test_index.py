"""The index: exact search, add and remove, refusal of stale and damaged files, a save that fails whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings.encoder import Vectors
from embeddings.index import CorruptIndexError, IndexFileError, Kind, Manifest, StaleIndexError, VectorIndex, load_index

DIMENSION = 16
MANIFEST = Manifest(model="m", dimension=DIMENSION, kind="exact", count=0, content_hash="h")


def vectors(count: int, seed: int = 1) -> Vectors:
    found = np.random.default_rng(seed).normal(size=(count, DIMENSION)).astype(np.float32)
    unit: Vectors = found / np.linalg.norm(found, axis=1, keepdims=True)
    return unit


def filled(kind: Kind = "exact", count: int = 200) -> VectorIndex:
    index = VectorIndex(DIMENSION, kind, lists=4, probes=4)
    index.train(vectors(count))
    index.add(range(1000, 1000 + count), vectors(count))
    return index


@pytest.mark.parametrize("kind", ["exact", "hnsw", "ivf"])
def test_every_kind_finds_a_vector_by_itself(kind: Kind) -> None:
    ids, scores = filled(kind).search(vectors(200)[:20], 3)
    assert list(ids[:, 0]) == list(range(1000, 1020))
    assert np.allclose(scores[:, 0], 1, atol=1e-5)
    assert (np.diff(scores, axis=1) <= 1e-6).all()


@pytest.mark.parametrize("kind", ["exact", "ivf"])
def test_removed_vectors_are_not_found_and_new_ones_are(kind: Kind) -> None:
    index = filled(kind)
    assert index.remove([1000, 1001, 9]) == 2
    assert index.count == 198
    index.add([7], vectors(200)[:1])
    assert index.search(vectors(200)[:1], 1)[0][0, 0] == 7


def test_fewer_vectors_than_asked_leave_empty_places() -> None:
    assert list(filled(count=2).search(vectors(1), 4)[0][0, 2:]) == [-1, -1]


def test_vectors_of_another_dimension_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit 1 ids of dimension 16"):
        VectorIndex(DIMENSION).add([1], np.ones((1, 8), dtype=np.float32))
    with pytest.raises(StaleIndexError, match="dimension 8, the index 16; build it again"):
        filled().search(np.ones((1, 8), dtype=np.float32), 1)


def test_a_saved_index_answers_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    filled().save(folder, MANIFEST)
    filled(count=150).save(folder, MANIFEST)
    again = load_index(folder, model="m", dimension=DIMENSION, content_hash="h")
    assert again.count == 150
    assert list(again.search(vectors(150)[:5], 1)[0][:, 0]) == [1000, 1001, 1002, 1003, 1004]
    assert [f.name for f in tmp_path.iterdir()] == ["index"]


def _cut(folder: Path) -> None:
    file = folder / "vectors.faiss"
    file.write_bytes(file.read_bytes()[:100])


def _no_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def _odd_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text(json.dumps({"model": "m"}))


def _no_vectors(folder: Path) -> None:
    (folder / "vectors.faiss").unlink()


@pytest.mark.parametrize("damage", [_cut, _no_manifest, _odd_manifest, _no_vectors])
def test_damaged_files_are_refused_with_the_way_to_rebuild(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    filled().save(tmp_path / "index", MANIFEST)
    damage(tmp_path / "index")
    with pytest.raises(CorruptIndexError, match="build it again"):
        load_index(tmp_path / "index", model="m", dimension=DIMENSION, content_hash="h")


@pytest.mark.parametrize("change", [{"model": "other"}, {"dimension": 32}, {"content_hash": "new"}])
def test_an_index_of_something_else_is_stale(tmp_path: Path, change: dict[str, Any]) -> None:
    filled().save(tmp_path / "index", MANIFEST)
    wanted: dict[str, Any] = {"model": "m", "dimension": DIMENSION, "content_hash": "h", **change}
    with pytest.raises(StaleIndexError, match="build it again"):
        load_index(tmp_path / "index", **wanted)


def test_a_disk_that_fills_up_leaves_the_old_index_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "index"
    filled().save(folder, MANIFEST)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        filled(count=3).save(folder, MANIFEST)
    monkeypatch.undo()
    assert load_index(folder, model="m", dimension=DIMENSION, content_hash="h").count == 200
    assert [f.name for f in tmp_path.iterdir()] == ["index"]
    assert issubclass(StaleIndexError, IndexFileError)
