"""The competency framework, role profiles and facts as frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from training_platform.text import Text

LEVELS = range(6)


@dataclass(frozen=True, kw_only=True)
class Level:
    """A level of the scale 0–5, its name and the evidence that it asks for."""

    level: int
    name: Text
    evidence: Text


@dataclass(frozen=True, kw_only=True)
class Domain:
    """A domain of the framework."""

    id: str
    name: Text


@dataclass(frozen=True, kw_only=True)
class Competency:
    """A competency with one descriptor per level 1–5."""

    id: str
    domain: str
    name: Text
    levels: Mapping[int, Text]
    digcomp: tuple[str, ...] = ()
    aia: tuple[str, ...] = ()
    socle: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TaskList:
    """Tasks of a role in both languages."""

    fr: tuple[str, ...]
    en: tuple[str, ...]

    def __getitem__(self, language: str) -> tuple[str, ...]:
        return self.en if language == "en" else self.fr


@dataclass(frozen=True, kw_only=True)
class RoleProfile:
    """A job profile: target level per competency, and what AI does to its tasks."""

    id: str
    family: str
    name: Text
    synonyms: TaskList
    targets: Mapping[str, int]
    automated: TaskList
    augmented: TaskList
    unchanged: TaskList
    horizon: str
    situations: TaskList


@dataclass(frozen=True, kw_only=True)
class Horizon:
    """When the effect on a role is expected; a judgement, not a forecast."""

    years: str
    name: Text


@dataclass(frozen=True, kw_only=True)
class Fact:
    """A sourced statement that lessons cite by id."""

    id: str
    claim: Text
    ref: Text
    source: str
    confidence: str
    checked_on: date


@dataclass(frozen=True)
class Framework:
    """All of it, looked up by id."""

    version: str
    """Hash of the files that it was read from."""
    scale: tuple[Level, ...]
    domains: Mapping[str, Domain]
    competencies: Mapping[str, Competency]
    families: Mapping[str, Text]
    horizons: Mapping[str, Horizon]
    roles: Mapping[str, RoleProfile]
    facts: Mapping[str, Fact]
    evidence_rule: Text
    granted_with_proof: frozenset[int]

    @cached_property
    def by_domain(self) -> Mapping[str, tuple[Competency, ...]]:
        """Group the competencies by domain, in the framework's order."""
        return {domain: tuple(c for c in self.competencies.values() if c.domain == domain) for domain in self.domains}


def targets_of(roles: Iterable[RoleProfile]) -> dict[str, int]:
    """Return the highest target per competency over several positions."""
    targets: dict[str, int] = {}
    for role in roles:
        for competency, level in role.targets.items():
            targets[competency] = max(level, targets.get(competency, 0))
    return targets
