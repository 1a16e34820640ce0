"""What the machine checks of the cases beyond the schema: names, facts, figures, ways through, balance of choices."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from training_platform.cases import rules
from training_platform.cases.format import Case, Condition
from training_platform.catalogue import spelling
from training_platform.catalogue.check import FIGURE_BEARING, NOTE
from training_platform.catalogue.package import Problem
from training_platform.framework.rules import Framework
from training_platform.text import LANGUAGES, Text, counted

TO_BE_CHECKED = {"fr": "à vérifier", "en": "to be checked"}
UNCERTAIN = re.compile(r"confirm|diverg|vérifi|check|selon|according|annonc|announc", re.IGNORECASE)
SAID_AFTERWARDS = re.compile(r"\.(why|model_answer)$|^(debrief|traps)\b")
"""Texts in our own voice: a figure in them is sourced or recomputed. All the rest is fiction."""


def check_cases(
    cases: Sequence[Case], framework: Framework, modules: Set[str], tracks: Set[str], glossary: Mapping[str, Set[str]]
) -> list[Problem]:
    """Return every problem of the cases."""
    codes = Counter(case.code for case in cases)
    problems = [
        _problem(case, "code", f"{case.code} sert deux fois", f"{case.code} is used twice")
        for case in cases
        if codes[case.code] > 1
    ]
    for case in cases:
        problems += check_case(case, framework, modules, tracks)
        problems += spelling.misspelt_in(
            f"cases/{case.slug}.yaml", case.model_dump(mode="json"), {k: set(v) for k, v in glossary.items()}
        )
    return problems


def check_case(case: Case, framework: Framework, modules: Set[str], tracks: Set[str]) -> list[Problem]:
    """Return the problems of one case; the ways through are walked only where all names are known."""
    problems = [*_names(case, framework, modules, tracks), *_conditions(case), *_figures(case)]
    if not problems:
        problems = [*_texts(case, framework), *_walk(case), *_balance(case)]
    return problems


def _names(case: Case, framework: Framework, modules: Set[str], tracks: Set[str]) -> Iterator[Problem]:
    states = {state.id for state in case.state}
    effects = {key for decision in case.decisions for choice in decision.choices for key in choice.effects}
    for fr, en, found, known in (
        ("Métier inconnu", "Unknown role", {actor.role for actor in case.actors}, set(framework.roles)),
        ("Module inconnu", "Unknown module", set(case.modules), modules),
        ("Certification inconnue", "Unknown track", set(case.tracks), tracks),
        ("Compétence inconnue", "Unknown competency", set(case.competencies), set(framework.competencies)),
        ("Fait inconnu", "Unknown fact", set(case.facts), set(framework.facts)),
        ("État inconnu", "Unknown state", effects, states),
    ):
        for name in sorted(found - known):
            yield _problem(case, name, fr, en)


def _conditions(case: Case) -> Iterator[Problem]:
    states = {state.id for state in case.state}
    choices = {f"{decision.id}.{choice.id}" for decision in case.decisions for choice in decision.choices}
    for place, condition in _all_conditions(case):
        for name in sorted(set(condition.chose) - choices):
            yield _problem(
                case, place, f"choix inconnu dans une condition, {name}", f"unknown choice in a condition, {name}"
            )
        if condition.state and condition.state not in states:
            yield _problem(case, place, f"état inconnu, {condition.state}", f"unknown state, {condition.state}")


def _all_conditions(case: Case) -> Iterator[tuple[str, Condition]]:
    parts: list[tuple[str, Condition | None]] = [(document.id, document.if_) for document in case.documents]
    for decision in case.decisions:
        parts += [(decision.id, aside.if_) for aside in decision.also]
        for choice in decision.choices:
            place = f"{decision.id}.{choice.id}"
            parts += [(place, choice.if_), *((place, aside.if_) for aside in choice.also)]
            parts += [(place, detour.if_) for detour in choice.detours]
    return ((place, condition) for place, condition in parts if condition is not None)


def _figures(case: Case) -> Iterator[Problem]:
    known = rules.cells(case)
    for figure in case.figures:
        try:
            value = rules.compute(figure.of, known, percent=figure.percent)
        except ValueError as error:
            yield _problem(case, figure.id, str(error), str(error))
            continue
        if round(value, figure.decimals) != round(figure.value, figure.decimals):
            yield _problem(case, figure.id, f"le calcul donne {value:.4g}", f"the calculation gives {value:.4g}")


def _texts(case: Case, framework: Framework) -> Iterator[Problem]:
    ids = {figure.id for figure in case.figures}
    cited: set[str] = set()
    for place, wording in texts(case):
        notes = {language: NOTE.findall(wording[language]) for language in LANGUAGES}
        figures = {language: rules.FIGURE.findall(wording[language]) for language in LANGUAGES}
        cited.update(*notes.values())
        if sorted(notes["fr"]) != sorted(notes["en"]) or set(figures["fr"]) != set(figures["en"]):
            yield _problem(
                case,
                place,
                "notes ou chiffres différents en français et en anglais",
                "notes or figures differ between French and English",
            )
        if len(wording["fr"].split("\n\n")) != len(wording["en"].split("\n\n")):
            yield _problem(case, place, "nombre de paragraphes différent", "number of paragraphs differs")
        for name in sorted({name for found in figures.values() for name in found} - ids):
            yield _problem(case, place, f"chiffre inconnu, {name}", f"unknown figure, {name}")
        for language in LANGUAGES:
            yield from _paragraphs(case, place, wording[language], language, framework)
    if cited != set(case.facts):
        names = ", ".join(sorted(cited ^ set(case.facts)))
        yield _problem(
            case,
            "facts",
            f"faits cités et faits annoncés diffèrent, {names}",
            f"facts cited and facts listed differ, {names}",
        )


def _paragraphs(case: Case, place: str, text: str, language: str, framework: Framework) -> Iterator[Problem]:
    for paragraph in text.split("\n\n"):
        notes = NOTE.findall(paragraph)
        if (
            SAID_AFTERWARDS.search(place)
            and FIGURE_BEARING.search(paragraph)
            and not (notes or rules.FIGURE.search(paragraph))
        ):
            yield _problem(
                case, place, f"phrase chiffrée sans note, {paragraph[:50]}", f"figure without a note, {paragraph[:50]}"
            )
        confidence = {framework.facts[note].confidence for note in notes if note in framework.facts}
        if "MEM" in confidence and TO_BE_CHECKED[language] not in paragraph:
            yield _problem(
                case, place, "fait à vérifier, qui ne le dit pas", "a fact to be checked that does not say so"
            )
        if "CONFLICT" in confidence and not UNCERTAIN.search(paragraph):
            yield _problem(
                case,
                place,
                "sources divergentes, ce que la phrase ne dit pas",
                "sources disagree, which the sentence does not say",
            )


def _walk(case: Case) -> Iterator[Problem]:
    """Play every way: each ends, each meets only decisions with a sound choice, every decision is met."""
    met: set[str] = set()
    for way in rules.ways(case):
        met |= {step.decision.id for step in way.steps}
    for name in sorted({decision.id for decision in case.decisions} - met):
        yield _problem(case, name, "aucun chemin n'y mène", "no way leads there")
    if best(case) < 1:
        yield _problem(case, "decisions", "aucun chemin ne donne la note entière", "no way gives the full score")


def best(case: Case) -> float:
    """Return the largest share of points that a way can give."""
    return max(way.score / way.max for way in rules.ways(case))


def _balance(case: Case) -> Iterator[Problem]:
    """Check that the sound choice is not given away by its place or its length."""
    sound = [
        (decision, next(i for i, c in enumerate(decision.choices) if c.score == rules.SOUND))
        for decision in case.decisions
    ]
    place, times = Counter(index for _, index in sound).most_common(1)[0]
    if times > (len(sound) + 1) // 2:
        yield _problem(
            case,
            "decisions",
            f"le choix solide est trop souvent en place {place + 1}",
            f"the sound choice is too often in place {place + 1}",
        )
    for language in LANGUAGES:
        longest = sum(
            len(decision.choices[index].text[language])
            > max(len(c.text[language]) for c in decision.choices if c.score != rules.SOUND)
            for decision, index in sound
        )
        if longest > len(sound) // 2:
            told = counted(longest, ("décision", "décisions"), ("decision", "decisions"))
            yield _problem(
                case,
                "decisions",
                f"le choix solide est le plus long dans {told.fr} ({language})",
                f"the sound choice is the longest in {told.en} ({language})",
            )


def texts(case: Case) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield every text of a case in both languages, with its place."""
    yield from _wordings(case.model_dump(mode="json"), "")


def _wordings(part: Any, place: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    if isinstance(part, dict) and set(part) == set(LANGUAGES):
        yield place, part
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from _wordings(value, f"{place}.{key}" if place else key)
    elif isinstance(part, list):
        for index, value in enumerate(part):
            yield from _wordings(
                value, f"{place}.{value['id'] if isinstance(value, dict) and 'id' in value else index}"
            )


def words(case: Case) -> dict[str, int]:
    """Return the number of words per language."""
    return {language: sum(len(wording[language].split()) for _, wording in texts(case)) for language in LANGUAGES}


def _problem(case: Case, place: str, fr: str, en: str) -> Problem:
    return Problem(file=f"cases/{case.slug}.yaml", line=1, reason=Text(f"{place} : {fr}.", f"{place}: {en}."))
