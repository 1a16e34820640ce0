"""Spelling of the catalogue in French and English: words that neither the dictionaries nor the glossary know."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from spellchecker import SpellChecker

from training_platform.catalogue.format import ModulePackage
from training_platform.catalogue.package import Problem
from training_platform.text import LANGUAGES, Language, Text

MARKUP = re.compile(r"\[\^[A-Z]{3}-\d+\]|\{\w+\}|\(\.\./img/\S*|\(module:\w+\)|^::.*$", re.MULTILINE)
ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|lorsqu|puisqu|jusqu|quelqu|aujourd)['’]", re.IGNORECASE)
GENITIVE = re.compile(r"(?:n['’]t|['’](?:s|t|re|ve|ll|d))\b")
WORD = re.compile(r"(?<![\w@./])[a-zà-öø-ÿœ]{3,}(?![\w@])")


def misspelt(package: ModulePackage, glossary: Mapping[str, set[str]]) -> list[Problem]:
    """Return one problem for each unknown word of the package; words with a capital are names and pass."""
    texts = {
        language: [(f"{package.slug}/{file}", text) for file, text in _texts(package, language)]
        for language in LANGUAGES
    }
    return unknown_words(texts, glossary)


def misspelt_in(file: str, document: Any, glossary: Mapping[str, set[str]]) -> list[Problem]:
    """Return one problem for each unknown word in the wordings of one dumped document."""
    texts = {language: [(file, "\n".join(_wordings(document, language)))] for language in LANGUAGES}
    return unknown_words(texts, glossary)


def unknown_words(
    texts: Mapping[Language, Sequence[tuple[str, str]]], glossary: Mapping[str, set[str]]
) -> list[Problem]:
    """Return one problem per language for each word that neither dictionary nor glossary knows, with its first file."""
    problems = []
    for language, files in texts.items():
        found: dict[str, str] = {}
        for file, text in files:
            for word in _words(text, language):
                if word not in found and word not in glossary[language] and not _known(word, language):
                    found[word] = file
        problems += [
            Problem(
                file=file,
                line=1,
                reason=Text(f"Mot inconnu ({language}) : {word}.", f"Unknown word ({language}): {word}."),
            )
            for word, file in found.items()
        ]
    return problems


def read_glossary(content: Path) -> dict[str, set[str]]:
    """Read the words that the dictionaries lack; a French term of art may stand in English text."""
    words: dict[str, list[str]] = yaml.safe_load((content / "glossary.yaml").read_text(encoding="utf-8"))["words"]
    french = set(words["fr"])
    return {"fr": french, "en": french | set(words["en"])}


def _texts(package: ModulePackage, language: str) -> Iterator[tuple[str, str]]:
    for lesson in package.lessons:
        yield f"{language}/{lesson.name[language]}.md", lesson.text[language]
    parts = (
        ("module.yaml", package.head),
        ("questions.yaml", package.questions),
        ("exercises.yaml", package.exercises),
        ("labs.yaml", package.labs),
    )
    for file, part in parts:
        data = [x.model_dump() for x in part] if isinstance(part, list) else part.model_dump()
        yield file, "\n".join(_wordings(data, language))


def _wordings(data: Any, language: str) -> Iterator[str]:
    if isinstance(data, dict) and set(data) == set(LANGUAGES):
        yield data[language]
    elif isinstance(data, dict | list):
        for part in data.values() if isinstance(data, dict) else data:
            yield from _wordings(part, language)


def _words(text: str, language: str) -> list[str]:
    text = MARKUP.sub(" ", text)
    text = ELISION.sub(" ", text) if language == "fr" else GENITIVE.sub("", text)
    return WORD.findall(text.replace("-", " "))


def _known(word: str, language: str) -> bool:
    return word in _dictionary(language)


@cache
def _dictionary(language: str) -> SpellChecker:
    return SpellChecker(language=language)
