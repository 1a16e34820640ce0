"""What to do about a question, in plain words, from its statistics and its calibrated difficulty."""

from __future__ import annotations

from dataclasses import dataclass

from training_platform.item_analysis.rules.statistics import ENOUGH, NOBODY, Difference, Statistics
from training_platform.text import Text

FAR = 0.6
"""Levels between the intended and the found difficulty that are worth a second look."""
WEAK, WRONG_WAY = 0.1, -0.05
TIMES_SURE = 1.96


@dataclass(frozen=True, kw_only=True)
class Difficulty:
    """What the author intended, and what the answers show with its standard error; levels."""

    intended: float
    found: float | None
    error: float | None


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One thing noticed: ``grave``, ``look`` or ``fine``, what it is and what to do."""

    kind: str
    weight: str
    said: Text
    do: Text


def too_few(answers: int, needed: int = ENOUGH) -> Text:
    """Say that nothing can be said yet."""
    return Text(f"Trop peu de réponses ({answers} sur {needed})", f"Too few answers ({answers} of {needed})")


def advise(statistics: Statistics, difficulty: Difficulty, right_options: frozenset[str]) -> tuple[Advice, ...]:
    """Return what an author should know, the gravest first; one ``fine`` where there is nothing to do."""
    if not statistics.enough:
        wait = Text("Attendez d'autres réponses : il n'y a rien à faire.", "Wait for more answers: nothing to do.")
        return (Advice(kind="too_few", weight="wait", said=too_few(statistics.answers), do=wait),)
    found = [
        *_key(statistics, right_options),
        *_difficulty(difficulty),
        *_options(statistics, right_options),
        *_drift(statistics.drift),
        *(_group(name, one) for name, one in statistics.groups.items() if one.kind != "A"),
    ]
    if not found:
        fine = Text("Rien à faire.", "Nothing to do.")
        found = [
            Advice(
                kind="fine", weight="fine", said=Text("Cette question fait son travail", "It does its work"), do=fine
            )
        ]
    return tuple(sorted(found, key=lambda one: one.weight != "grave"))


def _key(statistics: Statistics, right_options: frozenset[str]) -> list[Advice]:
    """Look for a wrong key: those who know more answer less well, or prefer a wrong option."""
    r = statistics.discrimination
    tempting = _tempting(statistics, right_options)
    if r is not None and r < WRONG_WAY:
        return [
            Advice(
                kind="key",
                weight="grave",
                said=Text("Ceux qui savent échouent plus souvent", "Those who know fail more often"),
                do=Text(
                    "Vérifiez d'abord la bonne réponse : elle est peut-être fausse, ou une autre est défendable.",
                    "Check the right answer first: it may be wrong, or another one can be defended.",
                ),
            )
        ]
    if r is not None and (r < WEAK or tempting):
        named = f" ({tempting})" if tempting else ""
        return [
            Advice(
                kind="discrimination",
                weight="look",
                said=Text(
                    f"Elle distingue mal ceux qui savent{named}", f"It hardly tells those who know from others{named}"
                ),
                do=Text(
                    "Relisez l'énoncé : est-il ambigu, ou une option fausse attire-t-elle ceux qui savent ?",
                    "Read the wording again: is it ambiguous, or does a wrong option attract those who know?",
                ),
            )
        ]
    return []


def _tempting(statistics: Statistics, right_options: frozenset[str]) -> str:
    """Return a wrong option that people of a higher level choose than the right one, empty where there is none."""
    best = [one.level for one in statistics.options if one.id in right_options and one.level is not None]
    if not best:
        return ""
    wrong = [one for one in statistics.options if one.id not in right_options and one.share >= 0.1]
    return next((one.id for one in wrong if one.level is not None and one.level > max(best)), "")


def _difficulty(difficulty: Difficulty) -> list[Advice]:
    if difficulty.found is None or difficulty.error is None:
        return []
    away = difficulty.found - difficulty.intended
    if abs(away) < FAR or abs(away) < TIMES_SURE * difficulty.error:
        return []
    if away > 0:
        return [
            Advice(
                kind="harder",
                weight="look",
                said=Text("Plus difficile que prévu", "Harder than intended"),
                do=Text(
                    "Simplifiez l'énoncé ou enseignez mieux ce point ; sinon, déplacez-la au palier suivant.",
                    "Simplify the wording or teach the point better; else move it to the next step.",
                ),
            )
        ]
    return [
        Advice(
            kind="easier",
            weight="look",
            said=Text("Plus facile que prévu", "Easier than intended"),
            do=Text(
                "Rendez les options fausses plus crédibles, ou déplacez-la au palier précédent.",
                "Make the wrong options more believable, or move it to the step before.",
            ),
        )
    ]


def _options(statistics: Statistics, right_options: frozenset[str]) -> list[Advice]:
    idle = [one.id for one in statistics.options if one.share < NOBODY and one.id not in right_options]
    if not idle:
        return []
    names = ", ".join(idle)
    return [
        Advice(
            kind="options",
            weight="look",
            said=Text(f"Presque personne ne choisit : {names}", f"Hardly anybody chooses: {names}"),
            do=Text(
                "Remplacez chaque option sans effet par une erreur que de vrais collègues commettent.",
                "Replace each idle option by a mistake that real colleagues make.",
            ),
        )
    ]


def _drift(drift: Difference | None) -> list[Advice]:
    if drift is None or drift.kind == "A":
        return []
    easier = drift.delta > 0
    return [
        Advice(
            kind="drift",
            weight="grave" if drift.kind == "C" else "look",
            said=Text(
                f"À niveau égal, elle devient plus {'facile' if easier else 'difficile'} avec le temps",
                f"At equal level, it becomes {'easier' if easier else 'harder'} over time",
            ),
            do=Text(
                "Elle circule peut-être : réécrivez-la."
                if easier
                else "Le sujet a peut-être changé : mettez-la à jour.",
                "It may be going round: rewrite it."
                if easier
                else "The subject may have changed: bring it up to date.",
            ),
        )
    ]


def _group(name: str, found: Difference) -> Advice:
    harder = found.delta < 0
    return Advice(
        kind=f"group:{name}",
        weight="grave" if found.kind == "C" else "look",
        said=Text(
            f"À niveau égal, elle est plus {'difficile' if harder else 'facile'} pour un groupe",
            f"At equal level, it is {'harder' if harder else 'easier'} for one group",
        ),
        do=Text(
            "Cherchez un mot, une scène ou une traduction qui n'a rien à voir avec la compétence. Une question sur vingt environ est signalée par hasard.",
            "Look for a word, a scene or a translation that has nothing to do with the competency. About one question in twenty is flagged by chance.",
        ),
    )
