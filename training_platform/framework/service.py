"""The framework of this installation, read once per process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from training_platform.errors import NotFoundError
from training_platform.framework.files import read_framework
from training_platform.framework.rules import Competency, Framework, RoleProfile
from training_platform.text import Text


class UnknownRoleError(NotFoundError):
    """No role profile has this id."""


class UnknownCompetencyError(NotFoundError):
    """No competency has this id."""


@cache
def load(folder: Path) -> Framework:
    """Return the framework of a content folder."""
    return read_framework(folder)


def role(framework: Framework, role_id: str) -> RoleProfile:
    """Return one role profile; raise UnknownRoleError."""
    if role_id not in framework.roles:
        raise UnknownRoleError(
            Text("Ce métier n'existe pas dans le référentiel.", "This role profile is not in the framework.")
        )
    return framework.roles[role_id]


def competency(framework: Framework, competency_id: str) -> Competency:
    """Return one competency; raise UnknownCompetencyError."""
    if competency_id not in framework.competencies:
        raise UnknownCompetencyError(
            Text("Cette compétence n'existe pas dans le référentiel.", "This competency is not in the framework.")
        )
    return framework.competencies[competency_id]
