"""What an experienced author would remark on a question while it is being written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from training_platform.catalogue.format import BankQuestion, PracticeQuestion
from training_platform.text import LANGUAGES, Text

UNLIKE = 2.2
"""How many times longer than the shortest an option may be before its length gives something away."""
SHORT = 25
"""Characters under which the length of an option tells nothing."""
LANGUAGE_NAMES = {"fr": Text("français", "French"), "en": Text("anglais", "English")}
NEGATION = {
    "fr": re.compile(
        r"\b(?:ne|n['’])\s*\S+\s+(?:pas|plus|jamais|aucun\w*)\b|\bsauf\b|\b[Ll]aquelle n['’]est\b", re.IGNORECASE
    ),
    "en": re.compile(r"\bnot\b|n['’]t\b|\bexcept\b|\bnever\b", re.IGNORECASE),
}
ALL_OF_THEM = {
    "fr": re.compile(
        r"\b(?:toutes? (?:les|ces) réponses|tous les choix|aucune (?:de ces|des) réponses)", re.IGNORECASE
    ),
    "en": re.compile(r"\b(?:all|none|both) of the (?:above|answers)\b|\bnone of these\b", re.IGNORECASE),
}
ABSOLUTE = {
    "fr": re.compile(r"\b(?:toujours|jamais|systématiquement)\b", re.IGNORECASE),
    "en": re.compile(r"\b(?:always|never)\b", re.IGNORECASE),
}


@dataclass(frozen=True, kw_only=True)
class Warning:
    """A remark: ``must`` where publication refuses it, ``may`` where the author decides; and the field it is about."""

    weight: Literal["must", "may"]
    field: str
    text: Text


def warnings_of(question: PracticeQuestion) -> list[Warning]:
    """Return the remarks on one question, the grave ones first."""
    found = [*_missing(question), *_choices(question), *_others(question)]
    for language in LANGUAGES:
        found += _wording(question, language)
    return sorted(found, key=lambda one: one.weight != "must")


def _must(field: str, fr: str, en: str) -> Warning:
    return Warning(weight="must", field=field, text=Text(fr, en))


def _may(field: str, fr: str, en: str) -> Warning:
    return Warning(weight="may", field=field, text=Text(fr, en))


def _missing(question: PracticeQuestion) -> list[Warning]:
    """Return the texts that are still empty, by language."""
    found = []
    for language in LANGUAGES:
        name = LANGUAGE_NAMES[language]
        if not question.ask[language]:
            found.append(
                _must(f"ask_{language}", f"La question manque en {name.fr}.", f"The question is missing in {name.en}.")
            )
        if not question.explanation[language]:
            found.append(
                _must(
                    f"explanation_{language}",
                    f"L'explication manque en {name.fr}.",
                    f"The explanation is missing in {name.en}.",
                )
            )
        for rank, option in enumerate(question.options, 1):
            if not option.text[language]:
                found.append(
                    _must(
                        f"option_{rank}_{language}",
                        f"L'option {rank} est vide en {name.fr}.",
                        f"Option {rank} is empty in {name.en}.",
                    )
                )
            elif not option.why[language]:
                found.append(
                    _must(
                        f"option_{rank}_why_{language}",
                        f"L'option {rank} ne dit pas pourquoi elle est {'juste' if option.correct else 'fausse'} ({name.fr}).",
                        f"Option {rank} does not say why it is {'right' if option.correct else 'wrong'} ({name.en}).",
                    )
                )
        for rank, item in enumerate(question.items, 1):
            if not item.text[language]:
                found.append(
                    _must(
                        f"item_{rank}_{language}",
                        f"L'élément {rank} est vide en {name.fr}.",
                        f"Item {rank} is empty in {name.en}.",
                    )
                )
        for rank, pair in enumerate(question.pairs, 1):
            for side in ("left", "right"):
                if not (pair.left if side == "left" else pair.right)[language]:
                    found.append(
                        _must(
                            f"pair_{rank}_{side}_{language}",
                            f"La paire {rank} est incomplète en {name.fr}.",
                            f"Pair {rank} is incomplete in {name.en}.",
                        )
                    )
    return found


def _choices(question: PracticeQuestion) -> list[Warning]:
    if question.kind not in ("single", "multiple"):
        return []
    found, right = [], sum(option.correct for option in question.options)
    fewest = 2 if question.kind == "single" else 3
    if len(question.options) < fewest:
        found.append(_must("options", f"Il faut au moins {fewest} options.", f"At least {fewest} options are needed."))
    if question.kind == "single" and right != 1:
        found.append(_must("options", "Cochez une bonne réponse et une seule.", "Tick one right answer, and only one."))
    if question.kind == "multiple" and not right:
        found.append(_must("options", "Cochez au moins une bonne réponse.", "Tick at least one right answer."))
    for language in LANGUAGES:
        found += _lengths(question, language)
    return found


def _lengths(question: PracticeQuestion, language: str) -> list[Warning]:
    """Remark on what the lengths of the options give away."""
    name = LANGUAGE_NAMES[language]
    lengths = {rank: len(option.text[language]) for rank, option in enumerate(question.options, 1)}
    if len(lengths) < 2 or not all(lengths.values()):
        return []
    found, longest = [], max(lengths, key=lambda rank: lengths[rank])
    others = max(length for rank, length in lengths.items() if rank != longest)
    if question.kind == "single" and question.options[longest - 1].correct and lengths[longest] > others:
        found.append(
            _may(
                f"option_{longest}_{language}",
                f"La bonne réponse est la plus longue ({name.fr}) : on peut la deviner sans savoir. Raccourcissez-la ou étoffez une autre option.",
                f"The right answer is the longest ({name.en}): it can be guessed without knowing. Shorten it or fill out another option.",
            )
        )
    if lengths[longest] > SHORT and lengths[longest] > UNLIKE * min(lengths.values()):
        found.append(
            _may(
                f"option_{longest}_{language}",
                f"Les options sont de longueurs très différentes ({name.fr}, {min(lengths.values())} à {lengths[longest]} caractères).",
                f"The options differ much in length ({name.en}, {min(lengths.values())} to {lengths[longest]} characters).",
            )
        )
    return found


def _others(question: PracticeQuestion) -> list[Warning]:
    if question.kind == "order" and len(question.items) < 3:
        return [
            _must(
                "items",
                "Il faut au moins trois éléments à ordonner.",
                "At least three items to put in order are needed.",
            )
        ]
    if question.kind == "match":
        if len(question.pairs) < 2:
            return [_must("pairs", "Il faut au moins deux paires.", "At least two pairs are needed.")]
        if any(len({pair.right[language] for pair in question.pairs}) < len(question.pairs) for language in LANGUAGES):
            return [
                _must(
                    "pairs",
                    "Deux paires ont le même côté droit : on ne peut pas les distinguer.",
                    "Two pairs have the same right side: they cannot be told apart.",
                )
            ]
    if question.kind == "number":
        if question.answer is None:
            return [
                _must(
                    "answer",
                    "La réponse attendue manque : écrivez un nombre.",
                    "The expected answer is missing: write a number.",
                )
            ]
        if not question.tolerance and question.answer != int(question.answer):
            return [
                _may(
                    "tolerance",
                    "La réponse a des décimales et aucune tolérance : un arrondi sera compté faux.",
                    "The answer has decimals and no tolerance: a rounded answer will count as wrong.",
                )
            ]
    if isinstance(question, BankQuestion) and question.scene is None:
        return [
            _may(
                "scene_fr",
                "Une courte scène de travail aide à juger ce que la personne sait faire.",
                "A short scene from work helps to judge what the person can do.",
            )
        ]
    return []


def _wording(question: PracticeQuestion, language: str) -> list[Warning]:
    name, found = LANGUAGE_NAMES[language], []
    if NEGATION[language].search(question.ask[language]):
        found.append(
            _may(
                f"ask_{language}",
                f"La question est à la forme négative ({name.fr}) : beaucoup la liront à l'envers. Posez-la dans le sens positif, sauf si la négation est le sujet.",
                f"The question is negative ({name.en}): many will read it the other way round. Ask it positively, unless the negation is the point.",
            )
        )
    for rank, option in enumerate(question.options, 1):
        if ALL_OF_THEM[language].search(option.text[language]):
            found.append(
                _may(
                    f"option_{rank}_{language}",
                    f"« {option.text[language]} » se devine par élimination : proposez une vraie erreur.",
                    f"“{option.text[language]}” can be guessed by elimination: offer a real mistake.",
                )
            )
        elif not option.correct and ABSOLUTE[language].search(option.text[language]):
            found.append(
                _may(
                    f"option_{rank}_{language}",
                    f"L'option {rank} dit « toujours » ou « jamais » ({name.fr}) : un tel mot trahit souvent la mauvaise réponse.",
                    f"Option {rank} says “always” or “never” ({name.en}): such a word often gives the wrong answer away.",
                )
            )
    return found
