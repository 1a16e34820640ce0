"""What a lesson can point to, found by words; and the pictures that it shows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from training_platform.catalogue import pictures
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage
from training_platform.errors import NotFoundError, RefusedError
from training_platform.framework.rules import Framework
from training_platform.studio import drafts
from training_platform.text import Text

MOST_FOUND = 30
MOST_PICTURES, MOST_TOGETHER = 40, 3 * 1024 * 1024
SHORTEST_ALTERNATIVE = 10


@dataclass(frozen=True, kw_only=True)
class Insertion:
    """Something to put into a lesson: what to write, in a line of its own or in the sentence, and how it is shown."""

    write: str
    title: str
    detail: str
    alone: bool


def find(kind: str, words: str, package: ModulePackage, framework: Framework, language: str) -> list[Insertion]:
    """Return what matches all the words, accents and case aside; the best first."""
    makers = {
        "fact": lambda: _facts(framework, language),
        "exercise": lambda: _exercises(package, language),
        "lab": lambda: _labs(package, language),
        "figure": lambda: _figures(package, language),
        "module": lambda: _modules(package, language),
    }
    if kind not in makers:
        raise NotFoundError(
            Text("Rien de ce genre ne s'insère dans une leçon.", "Nothing of this kind goes into a lesson.")
        )
    wanted = _plain(words).split()
    ranked = [(_score(wanted, f"{one.title} {one.detail} {one.write}"), one) for one in makers[kind]()]
    kept = sorted((pair for pair in ranked if pair[0] >= 0), key=lambda pair: -pair[0])
    return [one for _, one in kept[:MOST_FOUND]]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def _score(wanted: list[str], text: str) -> int:
    """Return how many words are found whole, -1 where one is not found at all."""
    plain = _plain(text)
    if not all(word in plain for word in wanted):
        return -1
    return sum(len(re.findall(rf"\b{re.escape(word)}\b", plain)) for word in wanted)


def _facts(framework: Framework, language: str) -> list[Insertion]:
    return [
        Insertion(
            write=f"[^{fact.id}]",
            title=fact.claim[language],
            detail=f"{fact.id} · {fact.ref[language]}, {fact.source} · {fact.confidence}",
            alone=False,
        )
        for fact in framework.facts.values()
    ]


def _exercises(package: ModulePackage, language: str) -> list[Insertion]:
    return [
        Insertion(write=f"::exercise{{{one.id}}}", title=one.title[language], detail=one.id, alone=True)
        for one in package.exercises
    ]


def _labs(package: ModulePackage, language: str) -> list[Insertion]:
    return [
        Insertion(write=f"::lab{{{one.id}}}", title=one.title[language], detail=one.id, alone=True)
        for one in package.labs
    ]


def _figures(package: ModulePackage, language: str) -> list[Insertion]:
    other = ".en." if language == "fr" else ".fr."
    alternative = "Décrivez ici ce que montre la figure" if language == "fr" else "Describe here what the figure shows"
    return [
        Insertion(write=f"![{alternative}](../img/{name})", title=name, detail="", alone=True)
        for name in package.images
        if other not in name
    ]


def _modules(package: ModulePackage, language: str) -> list[Insertion]:
    return [
        Insertion(
            write=f"[{live.head.title[language]}](module:{live.code})",
            title=live.head.title[language],
            detail=live.code,
            alone=False,
        )
        for live in catalogue.live_modules()
        if live.code != package.head.code
    ]


def used_pictures(package: ModulePackage) -> frozenset[str]:
    """Return the names of the pictures that a lesson shows."""
    texts = "\n".join(text for lesson in package.lessons for text in (lesson.text.fr, lesson.text.en))
    return frozenset(name for name in package.images if f"/img/{name}" in texts)


def add_picture(
    person_id: int, slug: str, filename: str, data: bytes, alternatives: Mapping[str, str], now: datetime
) -> str:
    """Keep a picture in the draft, made small and clean; return its name. Raise RefusedError with the remedy."""
    edited, current = drafts.hold(person_id, slug)
    if not data:
        raise RefusedError(Text("Choisissez une image à ajouter.", "Choose a picture to add."))
    if any(len(text) < SHORTEST_ALTERNATIVE for text in alternatives.values()):
        raise RefusedError(
            Text(
                "Décrivez l'image dans les deux langues, en dix caractères au moins : c'est ce qu'entend qui ne la voit pas.",
                "Describe the picture in both languages, in ten characters at least: it is what those who cannot see it hear.",
            )
        )
    is_svg = filename.lower().endswith(".svg") or data.lstrip()[:5] in (b"<?xml", b"<svg ")
    kept = pictures.drawing(data) if is_svg else pictures.photograph(data)
    if len(current.images) >= MOST_PICTURES or sum(map(len, current.images.values())) + len(kept) > MOST_TOGETHER:
        raise RefusedError(
            Text(
                "Ce module a déjà beaucoup d'images (40 images et 3 Mo au plus). Retirez-en qui ne servent pas, puis recommencez.",
                "This module has many pictures already (40 pictures and 3 MB at most). Take out those not used, then try again.",
            )
        )
    name = _free_name(filename, ".svg" if is_svg else ".webp", current)
    package = current.model_copy(update={"images": current.images | {name: kept}})
    drafts.write(edited, current, package, person_id, now)
    return name


def _free_name(filename: str, ending: str, package: ModulePackage) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", _plain(filename.rsplit(".", 1)[0])).strip("-")[:40] or "image"
    names = (f"{stem}{ending}" if n == 1 else f"{stem}-{n}{ending}" for n in range(1, 1000))
    return next(name for name in names if name not in package.images)


def remove_picture(person_id: int, slug: str, name: str, now: datetime) -> None:
    """Take a picture that no lesson shows out of the draft."""
    edited, current = drafts.hold(person_id, slug)
    if name in used_pictures(current):
        raise RefusedError(
            Text(
                "Une leçon montre cette image. Retirez-la d'abord du texte de la leçon.",
                "A lesson shows this picture. Take it out of the lesson's text first.",
            )
        )
    images = {key: kept for key, kept in current.images.items() if key != name}
    drafts.write(edited, current, current.model_copy(update={"images": images}), person_id, now)
