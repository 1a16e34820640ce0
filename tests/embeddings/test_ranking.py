"""The shipped encoder and the ranking of the site: bad input, both genders, words beside meaning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embeddings.corpus import Passage, read_modules, read_roles
from embeddings.encoder import SHIPPED, clean, load_encoder
from embeddings.hybrid import Lexical, fuse, words
from embeddings.ranking import Ranker

CONTENT = Path(__file__).parents[2] / "content"


def passage(item: str, text: str) -> Passage:
    return Passage(item=item, language="fr", kind="title", text=text)


def test_the_shipped_model_is_small_and_gives_unit_vectors() -> None:
    assert sum(f.stat().st_size for f in SHIPPED.rglob("*") if f.is_file()) <= 25_000_000
    vectors = load_encoder().encode_documents(["le lait", "the milk", "un bilan sanguin"])
    assert vectors.shape == (3, load_encoder().dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("text", ["", "   ", "\x00\x01", "\u200b"])
def test_nothing_to_read_gives_the_zero_vector_and_no_match(text: str) -> None:
    assert not load_encoder().encode_queries([text]).any()
    assert Ranker(load_encoder(), [passage("A", "lait")]).rank(text) == []


@pytest.mark.parametrize("text", ["x", "мы не знаем", "🙂", "я" * 100_000, "perfusion " * 20_000])
def test_odd_texts_still_rank(text: str) -> None:
    ranker = Ranker(load_encoder(), [passage("A", "poser une perfusion"), passage("B", "payer une facture")])
    assert all(np.isfinite(m.score) for m in ranker.rank(text))
    assert len(clean(text)) <= 4000


def test_an_empty_catalogue_matches_nothing() -> None:
    assert Ranker(load_encoder(), []).rank("perfusion") == []
    assert load_encoder().encode_documents([]).shape == (0, load_encoder().dimension)


def test_words_are_folded_and_counted() -> None:
    assert words("L'Identité, l'IDENTITES à 12 €") == ["identi", "identi", "12"]
    lexical = Lexical([passage("A", "les factures rejetées"), passage("B", "les perfusions")])
    scores = lexical.scores("une facture rejetée")
    assert scores["A"] > 0 == scores["B"]
    assert set(lexical.scores("zzz").values()) == {0.0}


def test_fusion_weighs_both_rankings_alike() -> None:
    fused = fuse([{"A": 1.0, "B": 2.0, "C": 3.0}, {"A": 300.0, "B": 100.0, "C": 200.0}])
    assert fused["C"] > fused["A"] > fused["B"]
    assert fuse([{"A": 1.0, "B": 1.0}]) == {"A": 0.0, "B": 0.0}


@pytest.mark.parametrize(
    ("masculine", "feminine"),
    [
        ("infirmier de nuit en réanimation", "infirmière de nuit en réanimation"),
        ("directeur des soins", "directrice des soins"),
        ("technicien de laboratoire", "technicienne de laboratoire"),
        ("aide-soignant en gériatrie", "aide-soignante en gériatrie"),
        ("préparateur en pharmacie", "préparatrice en pharmacie"),
        ("agent d'entretien du bionettoyage", "agente d'entretien du bionettoyage"),
    ],
)
def test_masculine_and_feminine_titles_give_the_same_role(masculine: str, feminine: str) -> None:
    ranker = Ranker(load_encoder(), read_roles(CONTENT))
    first, second = ranker.rank(masculine, 3), ranker.rank(feminine, 3)
    assert first[0].item == second[0].item


def test_held_out_situations_find_their_module() -> None:
    from embeddings.training.pairs import held_out

    passages = read_modules(CONTENT)
    kept = [p for p in passages if p.kind == "situation" and held_out(p.text)]
    ranker = Ranker(load_encoder(), [p for p in passages if p not in set(kept)])
    found = [p.item in [m.item for m in ranker.rank(p.text, 5)] for p in kept]
    assert len(kept) > 300
    assert np.mean(found) > 0.65
