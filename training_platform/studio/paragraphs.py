"""A draft cut into the paragraphs that a reviewer may comment on, in one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from training_platform.catalogue.format import BankQuestion, ModulePackage
from training_platform.framework.rules import Fact
from training_platform.learning.rendering import Block, LabPlace, Prose, RenderedLesson, render
from training_platform.studio.rules import anchors
from training_platform.text import Text

LABELS = (
    Text("Titre", "Title"),
    Text("Résumé", "Summary"),
    Text("Public", "Audience"),
    Text("Objectif", "Objective"),
)
WHOLE = "module"
"""The place of a comment on the module as a whole."""


@dataclass(frozen=True, kw_only=True)
class ParagraphView:
    """One paragraph of the page, as the reader sees it, with what can be said about it."""

    place: str
    index: int
    hash: str
    text: str
    block: Block | None = None
    label: Text | None = None
    """What the paragraph is, where it does not say so itself."""


@dataclass(frozen=True, kw_only=True)
class ReviewPage:
    """All that can be commented on in one language, by place, and the sources that each lesson cites."""

    places: Mapping[str, Sequence[ParagraphView]]
    sources: Mapping[str, RenderedLesson]


def page_of(package: ModulePackage, facts: Mapping[str, Fact], language: str) -> ReviewPage:
    """Return the review page of a package in one language."""
    head = package.head
    sheet = [(LABELS[0], head.title), (LABELS[1], head.summary), (LABELS[2], head.audience)]
    sheet += [(LABELS[3], objective.text) for objective in head.objectives]
    said = [(label, words[language]) for label, words in sheet if words]
    found = {"head": [replace(p, label=said[p.index][0]) for p in _texts("head", [text for _, text in said])]}
    sources: dict[str, RenderedLesson] = {}
    for number, lesson in enumerate(package.lessons, 1):
        place = f"lesson:{number:02d}"
        rendered = render(
            lesson.text[language],
            images=package.images,
            facts=facts,
            language=language,
            prefix=f"l{number}-",
            by_paragraph=True,
        )
        sources[place] = rendered
        found[place] = [_paragraph(place, index, _source(block), block) for index, block in enumerate(rendered.blocks)]
    found["questions"] = _texts("questions", [_said(question, language) for question in package.questions])
    found[WHOLE] = _texts(WHOLE, [""])
    return ReviewPage(places=found, sources=sources)


def _texts(place: str, texts: Sequence[str]) -> list[ParagraphView]:
    return [_paragraph(place, index, text, None) for index, text in enumerate(texts)]


def _source(block: Block) -> str:
    if isinstance(block, Prose):
        return block.source
    return f"::lab{{{block.lab_id}}}" if isinstance(block, LabPlace) else f"::exercise{{{block.exercise_id}}}"


def _paragraph(place: str, index: int, text: str, block: Block | None) -> ParagraphView:
    return ParagraphView(
        place=place, index=index, hash=anchors.digest(anchors.plain(text)), text=anchors.plain(text), block=block
    )


def _said(question: BankQuestion, language: str) -> str:
    parts = [question.scene, question.ask, *(o.text for o in question.options), question.explanation]
    return " ".join([question.id, *(part[language] for part in parts if part)])
