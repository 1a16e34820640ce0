"""Languages: both wordings stand side by side where they are used, so none can be missing."""

from __future__ import annotations

from datetime import date, datetime

from flask import Flask, g, request, session
from flask_babel import Babel, format_date, format_datetime, format_decimal
from flask_login import current_user

from training_platform.text import LANGUAGES, WIDE, Text, noun, typeset

babel = Babel()


def language() -> str:
    """Return the language of this request: the person's, else the session's, else the browser's, else French."""
    chosen = g.get("language")
    if chosen is None:
        chosen = g.language = _choose()
    return str(chosen)


def read_in(wanted: str) -> None:
    """Show the rest of this request in another language: an author looks at the other version."""
    g.language = wanted


def _choose() -> str:
    if current_user and current_user.is_authenticated:
        return str(current_user.language)
    chosen = session.get("language")
    return str(chosen) if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or "fr"


def t(fr: str | Text, en: str = "") -> str:
    """Return the wording of this request's language."""
    text, chosen = fr if isinstance(fr, Text) else Text(fr, en), language()
    return typeset(text[chosen], chosen)


def plural(count: float, fr: tuple[str, str], en: tuple[str, str]) -> str:
    """Return count and noun in this request's language."""
    return f"{number(count)}\N{NO-BREAK SPACE}{noun(count, fr, en)[language()]}"


def number(value: float, decimals: int = 1) -> str:
    """Format a number by locale, at most so many decimals."""
    return str(format_decimal(round(value, decimals) + 0.0)).replace("-", "\N{MINUS SIGN}")


def percent(value: float, decimals: int = 1) -> str:
    """Write a number of hundredths with its sign, by locale: 70 %, 70%."""
    return number(value, decimals) + (f"{WIDE}%" if language() == "fr" else "%")


def minutes(value: float) -> str:
    """Write a duration in minutes, from one hour on as hours and minutes."""
    whole = round(value)
    if whole < 60:
        return f"{whole}\N{NO-BREAK SPACE}min"
    return f"{whole // 60}\N{NO-BREAK SPACE}h" + (f"\N{NO-BREAK SPACE}{whole % 60:02d}" if whole % 60 else "")


def day(value: date | datetime) -> str:
    """Write a date by locale: 2 août 2026, 2 August 2026; the day stays on the line of its month."""
    text = str(format_date(value, "d MMMM y")).replace(" ", "\N{NO-BREAK SPACE}", 1)
    return f"1er{text[1:]}" if language() == "fr" and text.startswith("1\N{NO-BREAK SPACE}") else text


def moment(value: datetime) -> str:
    """Write a date with its hour, by locale, on the clock of the establishment (SILLAGE_TIME_ZONE)."""
    return f"{day(value)} {t('à', 'at')} {format_datetime(value, 'HH:mm')}"


def de(text: str) -> str:
    """Put « de » before a French noun, elided where it must be."""
    elided = text[:1].lower() in "aeiouyàâéèêëîïôûœh"
    return f"d'{text}" if elided else f"de {text}"


def quoted(text: str) -> str:
    """Put a text between the quotation marks of the language."""
    return f"“{text}”" if language() == "en" else f"«{WIDE}{text}{WIDE}»"


def midway(text: str) -> str:
    """Lower the first letter, to go on inside a sentence; an acronym keeps its capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def init_app(app: Flask) -> None:
    """Offer the language to templates."""
    babel.init_app(app, locale_selector=lambda: "en_GB" if language() == "en" else "fr")
    app.jinja_env.globals.update(t=t, plural=plural, noun=noun, language=language)
    app.jinja_env.filters.update(
        minutes=minutes,
        day=day,
        moment=moment,
        quoted=quoted,
        midway=midway,
        de=de,
        number=number,
        percent=percent,
        text=t,
    )
