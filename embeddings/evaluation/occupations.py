"""Occupation to skills on ESCO, as job matching is usually measured; the vote of the nearest occupations is the yardstick.

An occupation is read with its label, alternative labels and description; right are its essential and optional skills.
Labels: European Commission, ESCO v1.1.1; the split keeps whole ISCO unit groups apart. Only ``train`` occupations vote.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embeddings.encoder import Encoder
from embeddings.evaluation.judged import Row
from embeddings.evaluation.metrics import average_precision, ndcg
from embeddings.training.pairs import rows_of

NEIGHBOURS = 20
SHARPNESS = 0.3
Scores = NDArray[np.float64]


class Occupations:
    """Training occupations with their essential skills, and those of a split to be tested, in one language."""

    def __init__(self, data: Path, split: str, language: str) -> None:
        kept = {row["conceptUri"]: row["split"] for row in rows_of(data / "occupation_split.csv")}
        texts = {row["conceptUri"]: _text(row, language) for row in rows_of(data / "esco_occupations_bilingual.csv.gz")}
        skills = {r["conceptUri"]: r[f"{language}_label"] for r in rows_of(data / "esco_skills_bilingual.csv.gz")}
        ids = [key for key, label in skills.items() if label]
        self.skills = [skills[key] for key in ids]
        place = {key: number for number, key in enumerate(ids)}
        self.needs: dict[str, list[int]] = defaultdict(list)
        for row in rows_of(data / "occ_skill.csv.gz"):
            if row["skillUri"] in place:
                self.needs[row["occupationUri"]].append(place[row["skillUri"]])
        self.known = [job for job in self.needs if kept.get(job) == "train" and texts.get(job)]
        self.tested = [job for job in self.needs if kept.get(job) == split and texts.get(job)]
        self.known_texts = [texts[job] for job in self.known]
        self.tested_texts = [texts[job] for job in self.tested]

    def votes(self, nearness: Scores) -> Scores:
        """Return, per tested occupation and skill, the votes of the nearest training occupations, 1 for the most."""
        votes = np.zeros((len(self.tested), len(self.skills)))
        for row, near in enumerate(nearness):
            nearest = np.argsort(-near, kind="stable")[:NEIGHBOURS]
            for other, vote in zip(nearest, np.exp(SHARPNESS * (near[nearest] - near[nearest[0]])), strict=True):
                votes[row, self.needs[self.known[other]]] += vote
        return np.asarray(votes / votes.max(axis=1, keepdims=True))

    def rows(self, scores: Scores) -> list[Row]:
        """Return nDCG@10 and MAP per tested occupation."""
        rows = []
        for job, own in zip(self.tested, scores, strict=True):
            order = [str(place) for place in np.argsort(-own, kind="stable")[:1000]]
            right = {str(place) for place in self.needs[job]}
            figures = {
                "nDCG@10": ndcg(order, dict.fromkeys(right, 1)),
                "MAP": average_precision(order, right),
            }
            rows.append(Row(groups=(), figures=figures))
        return rows


def _text(row: dict[str, str], language: str) -> str:
    parts = (row[f"{language}_label"], row[f"{language}_alt"].replace("|", ". "), row[f"{language}_desc"])
    return ". ".join(part for part in parts if part)


def by_encoder(encoder: Encoder, sets: Occupations) -> dict[str, list[Row]]:
    """Return the rows of an encoder beside characters, of the vote that it leads alone, and of its nearness."""
    queries = encoder.encode_queries(sets.tested_texts)
    skills = (queries @ encoder.encode_documents(sets.skills).T).astype(float)
    jobs = (queries @ encoder.encode_documents(sets.known_texts).T).astype(float)
    character_jobs, character_skills = _characters(sets)
    votes = sets.votes(_standard(jobs) + _standard(character_jobs))
    return {
        "votes by meaning and characters, and nearness": sets.rows(votes + 0.5 * skills + character_skills),
        "vote of neighbours": sets.rows(sets.votes(_standard(jobs))),
        "nearness": sets.rows(skills),
    }


def by_characters(sets: Occupations) -> dict[str, list[Row]]:
    """Return the rows of character TF-IDF: the vote of its neighbours, and nearness of labels."""
    jobs, skills = _characters(sets)
    return {"vote of neighbours": sets.rows(sets.votes(_standard(jobs))), "nearness": sets.rows(skills)}


def _characters(sets: Occupations) -> tuple[Scores, Scores]:
    """Return the TF-IDF cosines of tested occupations with known ones and with skills."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), strip_accents="unicode", sublinear_tf=True)
    table = vectorizer.fit_transform([*sets.tested_texts, *sets.known_texts, *sets.skills])
    tested, end = table[: len(sets.tested)], len(sets.tested) + len(sets.known)
    return (tested @ table[len(sets.tested) : end].T).toarray(), (tested @ table[end:].T).toarray()


def _standard(scores: Scores) -> Scores:
    spread = scores.std(axis=1, keepdims=True)
    return np.asarray((scores - scores.mean(axis=1, keepdims=True)) / np.where(spread > 0, spread, 1))
