"""What the machine proposes to an author: competencies with the sentence that suggests each, near modules, prerequisites."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from training_platform.catalogue import service as catalogue
from training_platform.catalogue.check import NOTE
from training_platform.catalogue.format import ModulePackage, read_draft
from training_platform.catalogue.service import LiveModule
from training_platform.errors import RefusedError
from training_platform.framework.rules import Competency, Framework
from training_platform.matching import service as matcher
from training_platform.matching.service import Meaning, ModuleMatch, QuestionMatch
from training_platform.studio import drafts
from training_platform.studio.editing import gist
from training_platform.text import Text

MOST_SENTENCES, SHORTEST_SENTENCE = 40, 30
SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
NOISE = re.compile(r"^(?:#+|:::?\S*|[-*|>])\s*|^!\[.*$|\*\*")


@dataclass(frozen=True, kw_only=True)
class StepProposal:
    """A step that the text speaks of, with its own sentence that suggests it."""

    competency: Competency
    level: int
    sentence: str
    announced: bool


@dataclass(frozen=True, kw_only=True)
class Help:
    """All that is proposed; nothing is done unless the author accepts it."""

    steps: tuple[StepProposal, ...]
    near: tuple[ModuleMatch, ...]
    before: tuple[tuple[LiveModule, str], ...]
    """Modules that teach the level below a step of this one, with the step."""
    questions: tuple[QuestionMatch, ...]


def propose(package: ModulePackage, language: str, framework: Framework, meaning: Meaning) -> Help:
    """Return what the text suggests."""
    text = gist(package)
    near = matcher.search(text, language, framework, meaning, limit=6)
    asked = [f"{q.scene.fr if q.scene else ''} {q.ask.fr}" for q in package.questions]
    return Help(
        steps=tuple(_steps(package, text, language, framework, meaning)),
        near=tuple(match for match in near if match.module.code != package.head.code)[:5],
        before=tuple(prerequisites(package, catalogue.live_modules())),
        questions=tuple(matcher.similar_questions(asked, package.head.code, meaning)[:8]),
    )


def _steps(
    package: ModulePackage, text: str, language: str, framework: Framework, meaning: Meaning
) -> list[StepProposal]:
    """Return the competencies of the whole text, each with the sentence nearest to it."""
    best: dict[str, tuple[float, str]] = {}
    for sentence in sentences(package, language):
        for tag in matcher.mentioned(sentence, language, framework, meaning, limit=2):
            if tag.score > best.get(tag.competency.id, (0.0, ""))[0]:
                best[tag.competency.id] = (tag.score, sentence)
    taught = {(step.c, level) for step in package.head.steps for level in range(step.from_level, step.to)}
    return [
        StepProposal(
            competency=tag.competency,
            level=tag.level,
            sentence=best.get(tag.competency.id, (0.0, tag.because))[1],
            announced=(tag.competency.id, tag.level - 1) in taught,
        )
        for tag in matcher.mentioned(text, language, framework, meaning)
    ]


def sentences(package: ModulePackage, language: str) -> list[str]:
    """Return the sentences of the summary, the objectives and the lessons that are long enough to mean something."""
    head = package.head
    texts = [head.summary[language] if head.summary else "", *(one.text[language] for one in head.objectives)]
    texts += [lesson.text[language] for lesson in package.lessons]
    plain = (NOISE.sub("", NOTE.sub("", part)).strip() for text in texts for part in SENTENCE.split(text))
    found = [part for part in plain if SHORTEST_SENTENCE <= len(part) <= 400 and not part.startswith(":")]
    spread = max(1, len(found) // MOST_SENTENCES)
    return found[::spread][:MOST_SENTENCES]


def prerequisites(package: ModulePackage, modules: Sequence[LiveModule]) -> list[tuple[LiveModule, str]]:
    """Return for each step that starts above 0 the shortest written module that teaches the level below."""
    found = {}
    for step in package.head.steps:
        if step.from_level == 0:
            continue
        teaching = [
            live
            for live in modules
            if live.code != package.head.code
            and not live.planned
            and any(s.c == step.c and s.from_level < step.from_level <= s.to for s in live.head.steps)
        ]
        if teaching and not any(live.code in package.head.requires for live in teaching):
            shortest = min(teaching, key=lambda live: (live.head.minutes, live.code))
            found[shortest.code] = (shortest, f"{step.c} {step.from_level}→{step.to}")
    return list(found.values())


def accept(person_id: int, slug: str, proposal: str, now: datetime) -> None:
    """Put an accepted proposal into the draft: ``step:DAT1:1`` (the level reached) or ``requires:M01``."""
    edited, current = drafts.hold(person_id, slug)
    kind, _, value = proposal.partition(":")
    head = current.head.model_dump(by_alias=True)
    if kind == "requires" and value in {live.code for live in catalogue.live_modules()}:
        head["requires"] = list(dict.fromkeys([*head["requires"], value]))
    elif kind == "step" and (match := re.fullmatch(r"(\w+):([1-5])", value)):
        step = {"c": match[1], "from": int(match[2]) - 1, "to": int(match[2])}
        head["steps"] = [*head["steps"], step] if step not in head["steps"] else head["steps"]
    else:
        raise RefusedError(Text("Cette proposition n'existe plus.", "This proposal no longer exists."))
    package = read_draft(current.model_dump(by_alias=True) | {"head": head})
    drafts.write(edited, current, package, person_id, now)
