"""Reading framework.yaml, roles.yaml, role_situations.yaml and facts.yaml, checked by pydantic."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from training_platform.framework.rules import (
    Competency,
    Domain,
    Fact,
    Framework,
    Horizon,
    Level,
    RoleProfile,
    TaskList,
)
from training_platform.text import Text

Model = TypeVar("Model", bound=BaseModel)


class FrameworkFileError(Exception):
    """A framework file is wrong; the message names file, place and reason."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Pair(_Part):
    fr: str
    en: str

    @property
    def text(self) -> Text:
        return Text(self.fr, self.en)


class _Lists(_Part):
    fr: list[str]
    en: list[str]

    @property
    def tasks(self) -> TaskList:
        return TaskList(fr=tuple(self.fr), en=tuple(self.en))


class _Level(_Part):
    level: int
    name: _Pair
    evidence: _Pair


class _Domain(_Part):
    id: str
    name: _Pair


class _Competency(_Part):
    id: str
    domain: str
    name: _Pair
    digcomp: list[str] = []
    aia: list[str] = []
    socle: list[str] = []
    levels: dict[int, _Pair]


class _FrameworkFile(_Part):
    version: int
    scale: list[_Level]
    domains: list[_Domain]
    competencies: list[_Competency]
    evidence_rule: _Pair
    granted_with_workplace_proof: list[int]


class _Impact(_Part):
    automated: _Lists
    augmented: _Lists
    unchanged: _Lists
    horizon: str


class _Role(_Part):
    id: str
    family: str
    name: _Pair
    synonyms: _Lists
    targets: dict[str, int]
    impact: _Impact


class _Horizon(_Part):
    years: str
    name: _Pair


class _RoleFile(_Part):
    version: int
    families: dict[str, _Pair]
    horizons: dict[str, _Horizon]
    roles: list[_Role]


class _RoleSituations(_Part):
    version: int = 1
    roles: dict[str, _Lists]


class _Fact(_Part):
    id: str
    claim: _Pair
    ref: _Pair
    source: str
    confidence: str
    checked_on: date


class _Theme(_Part):
    id: str
    name: _Pair


class _FactFile(_Part):
    version: int
    themes: list[_Theme]
    facts: list[_Fact]


def read_framework(folder: Path) -> Framework:
    """Read the four files of the framework; raise FrameworkFileError naming file, place and reason."""
    framework = _read(folder / "framework.yaml", _FrameworkFile)
    role_file = _read(folder / "roles.yaml", _RoleFile)
    role_situations = folder / "role_situations.yaml"
    situations = _read(role_situations, _RoleSituations).roles if role_situations.exists() else {}
    facts = _read(folder / "facts.yaml", _FactFile).facts
    _check_references(framework, role_file)
    return Framework(
        version=_version(folder),
        scale=tuple(Level(level=x.level, name=x.name.text, evidence=x.evidence.text) for x in framework.scale),
        domains={x.id: Domain(id=x.id, name=x.name.text) for x in framework.domains},
        competencies={x.id: _competency(x) for x in framework.competencies},
        families={key: name.text for key, name in role_file.families.items()},
        horizons={key: Horizon(years=x.years, name=x.name.text) for key, x in role_file.horizons.items()},
        roles={x.id: _role(x, situations.get(x.id, _Lists(fr=[], en=[]))) for x in role_file.roles},
        facts={x.id: _fact(x) for x in facts},
        evidence_rule=framework.evidence_rule.text,
        granted_with_proof=frozenset(framework.granted_with_workplace_proof),
    )


def _version(folder: Path) -> str:
    """Return the hash of what sets targets: the framework and the role profiles."""
    texts = (folder / name for name in ("framework.yaml", "roles.yaml"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in texts)).hexdigest()[:16]


def _read(file: Path, model: type[Model]) -> Model:
    try:
        data: Any = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return model.model_validate(data)
    except FileNotFoundError as error:
        raise FrameworkFileError(f"{file}: this file is missing") from error
    except yaml.YAMLError as error:
        raise FrameworkFileError(f"{file}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise FrameworkFileError(f"{file}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _check_references(framework: _FrameworkFile, roles: _RoleFile) -> None:
    competencies = {c.id for c in framework.competencies}
    for role in roles.roles:
        if unknown := set(role.targets) - competencies:
            raise FrameworkFileError(f"roles.yaml: {role.id}: unknown competency {', '.join(sorted(unknown))}")
        if role.family not in roles.families or role.impact.horizon not in roles.horizons:
            raise FrameworkFileError(f"roles.yaml: {role.id}: unknown family or horizon")


def _competency(x: _Competency) -> Competency:
    return Competency(
        id=x.id,
        domain=x.domain,
        name=x.name.text,
        levels={level: descriptor.text for level, descriptor in x.levels.items()},
        digcomp=tuple(x.digcomp),
        aia=tuple(x.aia),
        socle=tuple(x.socle),
    )


def _role(x: _Role, situations: _Lists) -> RoleProfile:
    return RoleProfile(
        id=x.id,
        family=x.family,
        name=x.name.text,
        synonyms=x.synonyms.tasks,
        targets=x.targets,
        automated=x.impact.automated.tasks,
        augmented=x.impact.augmented.tasks,
        unchanged=x.impact.unchanged.tasks,
        horizon=x.impact.horizon,
        situations=situations.tasks,
    )


def _fact(x: _Fact) -> Fact:
    return Fact(
        id=x.id,
        claim=x.claim.text,
        ref=x.ref.text,
        source=x.source,
        confidence=x.confidence,
        checked_on=x.checked_on,
    )
