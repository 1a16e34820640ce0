"""A text that a person reads: one French and one English wording, side by side, typeset by the rules of its language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")
NARROW, WIDE = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Text:
    """Hold both wordings of one text; ``text["fr"]`` gives one of them."""

    fr: str
    en: str

    def __getitem__(self, language: str) -> str:
        return self.en if language == "en" else self.fr


def noun(count: float, fr: tuple[str, str], en: tuple[str, str]) -> Text:
    """Return the noun that goes with a number: French keeps the singular below two, English only for one."""
    return Text(fr[abs(count) >= 2], en[count != 1])


def counted(count: int, fr: tuple[str, str], en: tuple[str, str]) -> Text:
    """Return a number with its noun."""
    said = noun(count, fr, en)
    return Text(f"{count}{WIDE}{said.fr}", f"{count}{WIDE}{said.en}")


def excess(text: str, most: int) -> Text | None:
    """Say by how much a text is longer than what its field keeps; None where it fits. Nothing is ever cut unsaid."""
    if len(text) <= most:
        return None
    has, limit = f"{len(text):,}", f"{most:,}"
    return Text(
        f"Votre texte a {has.replace(',', ' ')} caractères, {limit.replace(',', ' ')} au plus sont gardés. Raccourcissez-le : "
        "rien n'a été coupé, rien n'est encore enregistré.",
        f"Your text has {has} characters, at most {limit} are kept. Shorten it: nothing was cut, nothing is saved yet.",
    )


@lru_cache(maxsize=4096)
def typeset(text: str, language: str) -> str:
    """Keep signs on the line of their word: in French spaces that do not break (narrow before ; ? ! and thousands), in English 5%."""
    if language != "fr":
        return re.sub(r"(?<=\d) %", "%", text)
    text = re.sub(r" (?=[;?!])|(?<=\d) (?=\d{3}(?!\d))", NARROW, text)
    return re.sub(r"(?<=«) | (?=[:»%€])|(?<=\d) (?=(?:h|min|Ko|Mo)\b)|(?<=\d h) (?=\d)", WIDE, text)
