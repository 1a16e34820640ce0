"""Where a comment belongs: a paragraph, found again after the text around it or in it has changed a little."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

ALIKE = 0.6
"""Share of common words, in order, from which an edited paragraph is still the same paragraph."""
LONGEST_EXCERPT = 600


@dataclass(frozen=True, kw_only=True)
class Anchor:
    """A paragraph as it was when somebody commented on it."""

    index: int
    hash: str
    excerpt: str


def anchor(paragraphs: Sequence[str], index: int) -> Anchor:
    """Return the anchor of one paragraph; raise IndexError where there is none."""
    if index < 0:
        raise IndexError(index)
    text = plain(paragraphs[index])
    return Anchor(index=index, hash=digest(text), excerpt=text[:LONGEST_EXCERPT])


def find(placed: Anchor, paragraphs: Sequence[str]) -> int | None:
    """Return where the paragraph is now: the same text nearest its old place, else the most alike; None once it is gone."""
    texts = [plain(paragraph) for paragraph in paragraphs]
    same = [index for index, text in enumerate(texts) if digest(text) == placed.hash]
    if same:
        return min(same, key=lambda index: abs(index - placed.index))
    scores = [
        (_likeness(placed.excerpt, text[:LONGEST_EXCERPT]), -abs(i - placed.index), i) for i, text in enumerate(texts)
    ]
    score, _, index = max(scores, default=(0.0, 0, 0))
    return index if score >= ALIKE else None


def plain(text: str) -> str:
    """Return the text with its white space made single: re-flowing a paragraph does not change it."""
    return re.sub(r"\s+", " ", text).strip()


def digest(text: str) -> str:
    """Return the hash by which a paragraph is recognised."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _likeness(old: str, new: str) -> float:
    return SequenceMatcher(None, old.split(), new.split(), autojunk=False).ratio()
