"""The labs that ship, as the content folder holds them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TypeVar

from training_platform.catalogue import package
from training_platform.catalogue.format import ModulePackage
from training_platform.catalogue.lab_format import Lab, LabBase

MODULES = Path(__file__).parents[2] / "content" / "modules"
Kind = TypeVar("Kind", bound=LabBase)


@cache
def modules() -> tuple[ModulePackage, ...]:
    """Return the shipped modules that have a lab."""
    return tuple(package.read_folder(file.parent) for file in sorted(MODULES.glob("*/labs.yaml")))


def labs() -> list[Lab]:
    """Return all shipped labs."""
    return [lab for module in modules() for lab in module.labs]


def lab(kind: type[Kind]) -> Kind:
    """Return the shipped lab of a kind."""
    return next(found for found in labs() if isinstance(found, kind))
