"""What a text means for the catalogue: nearest roles, competencies, modules and questions, with what made each match."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from embeddings.confidence import confidences
from embeddings.corpus import Passage, competency_passages, module_passages, role_passages
from embeddings.encoder import load_encoder
from embeddings.index import Kind
from embeddings.ranking import Match, Ranker, is_saved, open_or_build, save
from training_platform.catalogue.models import Module, ModuleVersion, Question
from training_platform.catalogue.service import LiveModule, live_modules
from training_platform.db import db
from training_platform.framework.rules import Competency, Framework, RoleProfile, TaskList

SURE = 0.5
UNLIKELY = 0.05
"""Probability from which a role is ticked beforehand, and below which it is not even proposed."""
NOTHING_FITS = 0.45
"""Where the likeliest roles together stay below this, the answer is "none of these"."""
NEAR = 0.25
"""Cosine (mean of the best passages) below which a module does not answer a search."""
PARTS = re.compile(r"[,;+/.\n]|\b(?:et|and|puis|then|plus)\b", re.IGNORECASE)
MOST_PARTS, LIKELY_PART = 6, 0.25
"""A text is also read part by part, up to six, as people tell two positions in one sentence; a part counts from 0.25."""
MENTIONED = 0.4
"""Cosine from which a text speaks of a competency."""
ALIKE = 0.82
"""Cosine from which two questions ask nearly the same: 99 of 100 questions of the bank are further from all others."""


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """Which encoder, and where its saved indexes are."""

    model: str
    folder: Path | None = None
    kind: Kind = "exact"


@dataclass(frozen=True, kw_only=True)
class RoleMatch:
    """A proposed role with how sure it is and the words that made the match."""

    role: RoleProfile
    confidence: float
    because: tuple[str, ...]

    @property
    def sure(self) -> bool:
        """Tell whether the match is strong enough to be ticked beforehand."""
        return self.confidence >= SURE


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """Roles that a text may mean; ``fits`` is False where the honest answer is "none of these"."""

    matches: tuple[RoleMatch, ...]
    fits: bool


@dataclass(frozen=True, kw_only=True)
class CompetencyMatch:
    """A competency that a text speaks of, with the level whose description is nearest and the words that say so."""

    competency: Competency
    level: int
    score: float
    because: str


@dataclass(frozen=True, kw_only=True)
class ModuleMatch:
    """A module found by meaning, with the passage that answers best."""

    module: LiveModule
    score: float
    because: str


@dataclass(frozen=True, kw_only=True)
class QuestionMatch:
    """A bank question that asks nearly the same."""

    key: str
    text: str
    score: float


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a search keeps: at most so many minutes, a step from this level, this domain, this kind of exercise."""

    minutes: int | None = None
    level: int | None = None
    domain: str | None = None
    exercise: str | None = None
    written: bool = False


MOST_TEXTS_KEPT = 5000
_near: dict[str, tuple[Ranker, dict[str, float]]] = {}
"""Closeness by text: people read their path more often than they change their job."""
_lock = threading.Lock()
_rankers: dict[str, tuple[object, Ranker]] = {}


def match_roles(text: str, framework: Framework, meaning: Meaning, limit: int = 5, *, language: str = "fr") -> Proposal:
    """Return the nearest role profiles, those of the whole text first, and whether they fit; several positions may be told.

    What each is close to is quoted in the reader's language where there is such a phrase.
    """
    passages = [passage for role in framework.roles.values() for passage in _of_role(role)]
    ranker = _ranker("roles", framework, passages, meaning)
    found = {match.role.id: match for match in _stated(ranker.rank(text, limit), framework, meaning, language)}
    parts = [part for part in PARTS.split(text) if len(part.strip()) > 3]
    for part in parts[:MOST_PARTS] if len(parts) > 1 else ():
        for match in _stated(ranker.rank(part, limit), framework, meaning, language)[:1]:
            before = found.get(match.role.id)
            if match.confidence >= LIKELY_PART and (before is None or match.confidence > before.confidence):
                found[match.role.id] = match
    kept = [match for match in found.values() if match.confidence >= UNLIKELY]
    return Proposal(matches=tuple(kept), fits=sum(match.confidence for match in found.values()) >= NOTHING_FITS)


def _stated(matches: Sequence[Match], framework: Framework, meaning: Meaning, language: str) -> list[RoleMatch]:
    stated = confidences(matches, meaning.model) or [max(m.score, 0.0) for m in matches]
    return [
        RoleMatch(role=framework.roles[m.item], confidence=p, because=_readable(m, language))
        for m, p in zip(matches, stated, strict=True)
    ]


def mentioned(
    text: str, language: str, framework: Framework, meaning: Meaning, limit: int = 4
) -> list[CompetencyMatch]:
    """Return the competencies that a text speaks of, each with its nearest level: tags of a draft, extras of a job."""
    competencies = _competencies(framework)
    passages = [p for c in competencies.values() for p in competency_passages(c)]
    matches = _ranker("competencies", framework, passages, meaning).rank(text, limit)
    return [
        CompetencyMatch(
            competency=framework.competencies[m.item],
            level=next((int(p.kind) for p in m.passages if p.kind.isdecimal()), 1),
            score=m.score,
            because=_said(m, language),
        )
        for m in matches
        if m.score >= MENTIONED
    ]


def search(
    text: str,
    language: str,
    framework: Framework,
    meaning: Meaning,
    filters: Filters | None = None,
    limit: int = 10,
    among: Iterable[LiveModule] | None = None,
) -> list[ModuleMatch]:
    """Return the modules nearest in meaning that pass the filters, the best first; follows every publication at once.

    ``among`` are the modules that the person sees: the index holds all, and is filtered after ranking.
    """
    modules = {live.code: live for live in live_modules()}
    shown = {live.head.code: live for live in among} if among is not None else modules
    kept = _passing(shown, filters or Filters())
    matches = _module_ranker(modules, framework, meaning).rank(text, len(modules))
    found = [
        ModuleMatch(module=shown[m.item], score=m.score, because=_said(m, language))
        for m in matches
        if m.score >= NEAR and m.item in kept
    ]
    return found[:limit]


def _passing(modules: Mapping[str, LiveModule], filters: Filters) -> set[str]:
    kinds = _exercise_kinds(modules.values()) if filters.exercise else {}
    return {
        code
        for code, live in modules.items()
        if (filters.minutes is None or live.head.minutes <= filters.minutes)
        and (filters.level is None or any(s.from_level <= filters.level < s.to for s in live.head.steps))
        and (filters.domain is None or live.head.domain == filters.domain)
        and (filters.exercise is None or filters.exercise in kinds.get(live.version_id, ()))
        and not (filters.written and live.planned)
    }


def closeness(text: str, modules: Mapping[str, LiveModule], framework: Framework, meaning: Meaning) -> dict[str, float]:
    """Return how near each of the live modules is to a person's own words, by code, 0 to 1 (two decimals)."""
    ranker = _module_ranker(modules, framework, meaning)
    known = _near.get(text)
    if known is None or known[0] is not ranker:
        if len(_near) >= MOST_TEXTS_KEPT:
            _near.clear()
        scores = {m.item: round(min(max(m.score, 0.0), 1.0), 2) for m in ranker.rank(text, len(modules))}
        known = _near[text] = (ranker, scores)
    return known[1]


def similar_questions(texts: Sequence[str], own: str, meaning: Meaning) -> list[QuestionMatch]:
    """Return questions of modules other than ``own``, its original and its copies, that ask nearly the same as a text."""
    rows = db.session.execute(
        select(Question.key, Question.document["scene"], Question.document["ask"], Module)
        .join(ModuleVersion, Question.version_id == ModuleVersion.id)
        .join(Module)
        .where(ModuleVersion.state == "published")
        .order_by(Question.id)
    ).all()
    family = next((module.original_id or module.id for *_, module in rows if module.code == own), None)
    asked = {
        key: f"{(scene or {}).get('fr', '')} {ask['fr']}"
        for key, scene, ask, module in rows
        if module.code != own and (module.original_id or module.id) != family
    }
    passages = [Passage(item=key, language="fr", kind="question", text=text) for key, text in asked.items()]
    encoder = load_encoder(meaning.model)
    ranker = _ranker("questions", tuple(asked), passages, meaning)
    found: dict[str, QuestionMatch] = {}
    ids, scores = ranker.index.search(encoder.encode_queries(texts), 3) if texts and passages else ((), ())
    for near, strengths in zip(ids, scores, strict=True):
        for place, score in zip(near, strengths, strict=True):
            if place >= 0 and score >= ALIKE:
                passage = passages[place]
                found[passage.item] = QuestionMatch(key=passage.item, text=passage.text, score=float(score))
    return sorted(found.values(), key=lambda match: -match.score)


def build_indexes(framework: Framework, meaning: Meaning) -> int:
    """Write the indexes of modules, roles and competencies where they are not up to date; return how many passages."""
    if meaning.folder is None:
        raise ValueError("a folder is needed to write indexes")
    sets = {
        "modules": module_texts(live_modules(), framework),
        "roles": [passage for role in framework.roles.values() for passage in _of_role(role)],
        "competencies": [p for c in _competencies(framework).values() for p in competency_passages(c)],
    }
    for name, passages in sets.items():
        if not is_saved(meaning.model, passages, meaning.folder / name, meaning.kind):
            save(load_encoder(meaning.model), passages, meaning.folder / name, meaning.kind)
    return sum(len(passages) for passages in sets.values())


def warm(framework: Framework, meaning: Meaning) -> None:
    """Load the encoder and the rankers, so that nobody waits for them."""
    match_roles("infirmière", framework, meaning)
    mentioned("infirmière", "fr", framework, meaning)
    search("données", "fr", framework, meaning)


def _module_ranker(modules: Mapping[str, LiveModule], framework: Framework, meaning: Meaning) -> Ranker:
    key = (framework, tuple((live.version_id, live.content_hash) for live in modules.values()))
    return _ranker("modules", key, lambda: module_texts(list(modules.values()), framework), meaning)


def module_texts(modules: Sequence[LiveModule], framework: Framework) -> list[Passage]:
    """Return the passages of live modules, as the evaluation makes them from the files."""
    competencies = _competencies(framework)
    situations = _situations([live.version_id for live in modules])
    return [
        passage
        for live in modules
        for passage in module_passages(
            live.code, live.head.model_dump(by_alias=True), situations.get(live.version_id, {}), competencies
        )
    ]


def _competencies(framework: Framework) -> dict[str, dict[str, Any]]:
    return {
        c.id: {
            "id": c.id,
            "name": {"fr": c.name.fr, "en": c.name.en},
            "levels": {n: {"fr": d.fr, "en": d.en} for n, d in c.levels.items()},
        }
        for c in framework.competencies.values()
    }


_known: dict[int, dict[str, list[str]]] = {}


def _situations(versions: Sequence[int]) -> dict[int, dict[str, list[str]]]:
    """Return the situations of versions; a published version never changes, so each is read once per process."""
    if missing := [version for version in versions if version not in _known]:
        query = select(ModuleVersion.id, ModuleVersion.document["situations"]).where(ModuleVersion.id.in_(missing))
        for version_id, situations in db.session.execute(query):
            _known[version_id] = situations or {}
    return {version: _known[version] for version in versions if version in _known}


def _exercise_kinds(modules: Iterable[LiveModule]) -> dict[int, set[str]]:
    """Return the kinds of exercises of each version."""
    versions = [live.version_id for live in modules if not live.planned]
    query = select(ModuleVersion.id, ModuleVersion.document["exercises"]).where(ModuleVersion.id.in_(versions))
    return {version: {e["kind"] for e in exercises or ()} for version, exercises in db.session.execute(query)}


def _of_role(role: RoleProfile) -> list[Passage]:
    def both(tasks: TaskList) -> dict[str, tuple[str, ...]]:
        return {"fr": tasks.fr, "en": tasks.en}

    plain = {
        "id": role.id,
        "name": {"fr": role.name.fr, "en": role.name.en},
        "synonyms": both(role.synonyms),
        "impact": {
            "automated": both(role.automated),
            "augmented": both(role.augmented),
            "unchanged": both(role.unchanged),
        },
    }
    return role_passages(plain, both(role.situations))


def _ranker(
    name: str, key: object, passages: Sequence[Passage] | Callable[[], Sequence[Passage]], meaning: Meaning
) -> Ranker:
    """Return the ranker of what ``key`` names, made again only when that has changed; from the saved index if it fits."""
    with _lock:
        if name not in _rankers or _rankers[name][0] != (meaning, key):
            texts = passages() if callable(passages) else passages
            encoder = load_encoder(meaning.model)
            index = open_or_build(encoder, texts, meaning.folder / name, meaning.kind) if meaning.folder else None
            _rankers[name] = ((meaning, key), Ranker(encoder, texts, index=index))
        return _rankers[name][1]


def _said(match: Match, language: str) -> str:
    """Return the best passage in the reader's language, else the best of all."""
    return _readable(match, language)[0]


def _readable(match: Match, language: str) -> tuple[str, ...]:
    """Return the passages in the reader's language, the best first; all where there is none."""
    own = [p for p in match.passages if p.language == language]
    return tuple(p.text for p in own or match.passages)
