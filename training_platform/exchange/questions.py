"""Questions as other systems know them, and what reading a file of them gave: understood, with losses, or not."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import nh3

from training_platform.text import LANGUAGES, Text

Said = Mapping[str, str]
"""A text by language; a file that tells no language gives only the one that the reader of the file named."""
Kind = Literal["single", "multiple", "match", "order", "number"]
MOST_CHARACTERS = 2_000_000
MOST_QUESTIONS = 500
MULTILANG = re.compile(
    r'<span\s+(?:lang="(?P<a>[a-z-]+)"\s+class="multilang"|class="multilang"\s+lang="(?P<b>[a-z-]+)")\s*>(?P<text>.*?)</span>',
    re.S,
)
BREAKS = re.compile(r"<br\s*/?>|</p>|</div>|</li>", re.I)


@dataclass(frozen=True, kw_only=True)
class ForeignOption:
    """One answer that may be chosen."""

    text: Said
    correct: bool
    why: Said


@dataclass(frozen=True, kw_only=True)
class ForeignQuestion:
    """One question in the terms that GIFT, Moodle and our bank share."""

    place: str
    """Where the file has it: its name, or the line it begins on."""
    kind: Kind
    ask: Said
    options: tuple[ForeignOption, ...] = ()
    pairs: tuple[tuple[Said, Said], ...] = ()
    items: tuple[Said, ...] = ()
    answer: float = 0.0
    tolerance: float = 0.0
    explanation: Said
    losses: tuple[Text, ...] = ()
    """What the file said that our bank cannot."""


@dataclass(frozen=True, kw_only=True)
class NotUnderstood:
    """One question that was left out, and why."""

    place: str
    reason: Text


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a file gave."""

    understood: tuple[ForeignQuestion, ...]
    left_out: tuple[NotUnderstood, ...]


class UnreadableFileError(ValueError):
    """The file as a whole cannot be read; ``message`` says why in both languages."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


PARTIAL = Text(
    "Les points partiels n'existent pas ici : la réponse est juste ou fausse.",
    "There are no partial marks here: an answer is right or wrong.",
)
FORMATTING = Text("La mise en forme a été retirée.", "Formatting was taken out.")
MEDIA = Text("Une image, un son ou un fichier joint a été retiré.", "A picture, sound or attached file was taken out.")


def plain(text: str, language: str) -> tuple[Said, tuple[Text, ...]]:
    """Return marked-up text as plain text by language, and what was lost; ``language`` is that of untold text."""
    found: dict[str, str] = {}
    for match in MULTILANG.finditer(text):
        told = (match["a"] or match["b"])[:2]
        if told in LANGUAGES:
            found[told] = found.get(told, "") + match["text"]
    parts = found or {language: text}
    losses = []
    if re.search(r"<(img|audio|video|object|embed)\b|@@PLUGINFILE@@", text, re.I):
        losses.append(MEDIA)
    if re.search(r"<(b|i|em|strong|ul|ol|table|a|h[1-6]|code|sub|sup)\b", text, re.I):
        losses.append(FORMATTING)
    return {told: _words(part) for told, part in parts.items()}, tuple(losses)


def _words(text: str) -> str:
    broken = BREAKS.sub("\n", text)
    bare = html.unescape(nh3.clean(broken, tags=set()))
    lines = (re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in bare.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
