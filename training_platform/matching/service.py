"""What a text means for the catalogue: nearest role profiles, nearest modules, with the passages that say why."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from embeddings.corpus import Passage, module_passages, role_passages
from embeddings.encoder import load_encoder
from embeddings.ranking import Match, Ranker
from training_platform.catalogue.models import ModuleVersion
from training_platform.catalogue.service import LiveModule, live_modules
from training_platform.db import db
from training_platform.framework.rules import Framework, RoleProfile, TaskList

SURE = 0.45
UNLIKELY = 0.25
"""Mean cosine of the best passages: above SURE a match is proposed first, below UNLIKELY none is proposed."""


@dataclass(frozen=True, kw_only=True)
class RoleMatch:
    """A proposed role with the words that made the match."""

    role: RoleProfile
    score: float
    because: tuple[str, ...]

    @property
    def sure(self) -> bool:
        """Tell whether the match is strong enough to be proposed first."""
        return self.score >= SURE


@dataclass(frozen=True, kw_only=True)
class ModuleMatch:
    """A module found by meaning, with the passage that answers best."""

    module: LiveModule
    score: float
    because: str


_lock = threading.Lock()
_rankers: dict[str, tuple[object, Ranker]] = {}


def match_roles(text: str, framework: Framework, model: str, limit: int = 5) -> list[RoleMatch]:
    """Return the nearest role profiles, the best first; none where nothing is near enough."""
    encoder = load_encoder(model)
    ranker = _ranker(
        "roles",
        (encoder.name, framework),
        lambda: Ranker(encoder, [passage for role in framework.roles.values() for passage in _of_role(role)]),
    )
    matches = ranker.rank(text, limit)
    return [
        RoleMatch(role=framework.roles[m.item], score=m.score, because=tuple(p.text for p in m.passages))
        for m in matches
        if m.score >= UNLIKELY
    ]


def search(text: str, language: str, framework: Framework, model: str, limit: int = 10) -> list[ModuleMatch]:
    """Return the modules nearest in meaning, the best first; follows every publication at once."""
    modules = {live.code: live for live in live_modules()}
    matches = _module_ranker(modules, framework, model).rank(text, limit)
    return [
        ModuleMatch(module=modules[m.item], score=m.score, because=_said(m, language))
        for m in matches
        if m.score >= UNLIKELY
    ]


def closeness(text: str, modules: Mapping[str, LiveModule], framework: Framework, model: str) -> dict[str, float]:
    """Return how near each of the live modules is to a person's own words, by code, 0 to 1 (two decimals)."""
    ranker = _module_ranker(modules, framework, model)
    return {m.item: round(min(max(m.score, 0.0), 1.0), 2) for m in ranker.rank(text, len(modules))}


def _module_ranker(modules: Mapping[str, LiveModule], framework: Framework, model: str) -> Ranker:
    encoder = load_encoder(model)
    return _ranker(
        "modules",
        (encoder.name, framework, tuple((live.version_id, live.content_hash) for live in modules.values())),
        lambda: Ranker(encoder, module_texts(list(modules.values()), framework)),
    )


def warm(framework: Framework, model: str) -> None:
    """Load the encoder and both rankers, so that nobody waits for them."""
    match_roles("infirmière", framework, model)
    search("données", "fr", framework, model)


def module_texts(modules: Sequence[LiveModule], framework: Framework) -> list[Passage]:
    """Return the passages of live modules, as the evaluation makes them from the files."""
    competencies = {
        c.id: {
            "name": {"fr": c.name.fr, "en": c.name.en},
            "levels": {n: {"fr": d.fr, "en": d.en} for n, d in c.levels.items()},
        }
        for c in framework.competencies.values()
    }
    situations = _situations([live.version_id for live in modules])
    return [
        passage
        for live in modules
        for passage in module_passages(
            live.code, live.head.model_dump(by_alias=True), situations.get(live.version_id, {}), competencies
        )
    ]


_known: dict[int, dict[str, list[str]]] = {}


def _situations(versions: Sequence[int]) -> dict[int, dict[str, list[str]]]:
    """Return the situations of versions; a published version never changes, so each is read once per process."""
    if missing := [version for version in versions if version not in _known]:
        query = select(ModuleVersion.id, ModuleVersion.document["situations"]).where(ModuleVersion.id.in_(missing))
        for version_id, situations in db.session.execute(query):
            _known[version_id] = situations or {}
    return {version: _known[version] for version in versions if version in _known}


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


def _ranker(kind: str, key: object, make: Callable[[], Ranker]) -> Ranker:
    """Return the ranker of what ``key`` names, made again only when that has changed."""
    with _lock:
        if kind not in _rankers or _rankers[kind][0] != key:
            _rankers[kind] = (key, make())
        return _rankers[kind][1]


def _said(match: Match, language: str) -> str:
    """Return the best passage in the reader's language, else the best of all."""
    own = [p for p in match.passages if p.language == language]
    return (own or list(match.passages))[0].text
