"""Pairs of texts that mean the same or belong together, from public occupation data and from our own content."""

from __future__ import annotations

import csv
import gzip
import hashlib
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from embeddings.corpus import Passage, read_modules, read_roles


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two texts of one item; the item keeps two texts of the same item out of one batch."""

    item: str
    first: str
    second: str


def held_out(text: str) -> bool:
    """Tell whether a situation belongs to the fifth kept out of training, by a stable hash."""
    return hashlib.sha256(text.encode()).digest()[0] % 5 == 0


def rows_of(file: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file, compressed or not."""
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def occupation_pairs(data: Path, source: random.Random) -> list[Pair]:
    """Return pairs from ESCO and ROME: labels across languages, alternatives, descriptions, jobs with skills.

    Nothing of an occupation outside ``split = train`` is used.
    """
    split = {row["conceptUri"]: row["split"] for row in rows_of(data / "occupation_split.csv")}
    pairs: list[Pair] = []
    names: dict[str, tuple[str, str]] = {}
    for row in rows_of(data / "esco_skills_bilingual.csv.gz"):
        fr, en = row["fr_label"], row["en_label"]
        names[row["conceptUri"]] = (fr or en, en)
        pairs += _label_pairs(row["conceptUri"], fr, en, row["fr_alt"], row["en_alt"], source)
        pairs += [
            Pair(item=row["conceptUri"], first=a, second=b[:300])
            for a, b in ((en, row["en_desc"]), (fr, row["fr_desc"]))
            if a and b
        ]
    jobs: dict[str, tuple[str, str]] = {}
    for row in rows_of(data / "esco_occupations_bilingual.csv.gz"):
        if split.get(row["conceptUri"]) != "train":
            continue
        fr, en = row["fr_label"], row["en_label"]
        jobs[row["conceptUri"]] = (fr, en)
        alternatives = row["fr_alt"], row["en_alt"]
        pairs += 2 * _label_pairs(row["conceptUri"], fr, en, *alternatives, source)
        descriptions = row["fr_desc"], row["en_desc"]
        pairs += [
            Pair(item=row["conceptUri"], first=a, second=b[:300])
            for a, b in ((fr, descriptions[0]), (en, descriptions[1]))
            if a and b
        ]
    skills: dict[str, list[str]] = defaultdict(list)
    for row in rows_of(data / "occ_skill.csv.gz"):
        if row["occupationUri"] in jobs and row["relationType"] == "essential" and row["skillUri"] in names:
            skills[row["occupationUri"]].append(row["skillUri"])
    for job, its in skills.items():
        for skill in source.sample(its, min(6, len(its))):
            language = source.randrange(2)
            pairs.append(Pair(item=job, first=jobs[job][language], second=names[skill][language]))
    for row in rows_of(data / "rome_title_to_occupation.csv.gz"):
        job = row["occupationUri"]
        if job in jobs:
            pairs.append(Pair(item=job, first=row["title"], second=jobs[job][source.randrange(2)]))
            masculine, _, feminine = row["title"].partition(" / ")
            pairs += [Pair(item=job, first=masculine, second=feminine)] if feminine else []
    return [pair for pair in pairs if pair.first and pair.second]


def _label_pairs(item: str, fr: str, en: str, fr_alt: str, en_alt: str, source: random.Random) -> list[Pair]:
    pairs = [Pair(item=item, first=fr, second=en)] if fr and en else []
    for label, alternatives in ((fr, fr_alt), (en, en_alt)):
        options = [text for text in alternatives.split("|") if text.strip()]
        pairs += [
            Pair(item=item, first=label, second=text) for text in source.sample(options, min(3, len(options))) if label
        ]
    return pairs


def content_pairs(content: Path, source: random.Random) -> list[Pair]:
    """Return pairs within each module and each role: across languages, and situation to title, objective, situation."""
    pairs: list[Pair] = []
    for passages in (read_modules(content), read_roles(content)):
        by_item: dict[str, list[Passage]] = defaultdict(list)
        for passage in passages:
            if passage.kind != "situation" or not held_out(passage.text):
                by_item[passage.item].append(passage)
        for item, its in by_item.items():
            for passage in its:
                others = [other for other in its if other.text != passage.text]
                for other in source.sample(others, min(6, len(others))):
                    pairs.append(Pair(item=item, first=passage.text, second=other.text))
    return pairs
