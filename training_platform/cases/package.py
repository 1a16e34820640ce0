"""Case files on disk: read whole or refused whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from training_platform.cases.format import Case
from training_platform.catalogue.package import PackageError, Problem
from training_platform.text import Text


def read_case(file: Path) -> Case:
    """Read cases/<slug>.yaml; raise PackageError with everything that is wrong."""
    try:
        document: Any = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        return Case.model_validate({**document, "slug": file.stem})
    except ValidationError as error:
        raise PackageError(tuple(_problem(file, _place(e["loc"]) + e["msg"]) for e in error.errors())) from error
    except (yaml.YAMLError, TypeError, UnicodeDecodeError) as error:
        raise PackageError((_problem(file, str(error)),)) from error


def read_cases(content: Path) -> dict[str, Case]:
    """Read all cases of a content folder by slug, in the order of their codes."""
    found = [read_case(file) for file in (content / "cases").glob("*.yaml")]
    return {case.slug: case for case in sorted(found, key=lambda case: case.code)}


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) + ": " if location else ""


def _problem(file: Path, reason: str) -> Problem:
    return Problem(file=f"cases/{file.name}", line=1, reason=Text(reason, reason))
