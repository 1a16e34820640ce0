"""Sentences with numbers, in both languages: decimal comma and narrow spaces in French, point and commas in English."""

from __future__ import annotations

from training_platform.catalogue.parts import Wording
from training_platform.text import LANGUAGES, NARROW, WIDE, Text, noun

Value = float | str | Text | Wording


def say(fr: str, en: str, **values: Value) -> Text:
    """Fill the same values into both wordings."""
    french, english = ({key: _shown(value, language) for key, value in values.items()} for language in LANGUAGES)
    return Text(fr.format(**french), en.format(**english))


def figure(value: Value, fr: str = "", en: str | None = None) -> Text:
    """Return a number with its unit."""
    return say(f"{{value}}{fr}", f"{{value}}{fr if en is None else en}", value=value)


def percent(share: float) -> Text:
    """Return a share as a whole percentage."""
    return figure(round(100 * share), " %", "%")


def both(text: Wording | str) -> Text:
    """Return a wording of the content, or a name that is the same in both languages, as a text."""
    return Text(text, text) if isinstance(text, str) else Text(text.fr, text.en)


def counted(count: float, fr: tuple[str, str], en: tuple[str, str]) -> Text:
    """Return a number, written as in this lab, with its noun."""
    return say(f"{{n}}{WIDE}{{noun}}", f"{{n}}{WIDE}{{noun}}", n=count, noun=noun(count, fr, en))


def points(count: float) -> Text:
    """Return so many points."""
    return counted(count, ("point", "points"), ("point", "points"))


def joined(parts: list[Text]) -> Text:
    """Join texts with commas."""
    return Text(", ".join(part.fr for part in parts), ", ".join(part.en for part in parts))


def _shown(value: Value, language: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Text | Wording):
        return value[language]
    written = f"{value:,.1f}".removesuffix(".0")
    return written.replace(",", NARROW).replace(".", ",") if language == "fr" else written
