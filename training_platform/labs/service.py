"""Finding a lab, showing it at a setting, keeping what a person concludes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from pydantic import TypeAdapter
from sqlalchemy import select

from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage
from training_platform.catalogue.lab_format import Lab
from training_platform.catalogue.models import Module, ModuleVersion
from training_platform.catalogue.service import LiveModule
from training_platform.db import db
from training_platform.errors import NotFoundError, RefusedError
from training_platform.labs.kinds.kind import Kind
from training_platform.labs.kinds.opening import open_lab
from training_platform.labs.models import LabAttempt
from training_platform.labs.rules.view import Ask, Finding, Setting, View
from training_platform.text import Text

READABLE = ("published", "superseded")
LABS: TypeAdapter[Lab] = TypeAdapter(Lab)


class UnknownLabError(NotFoundError):
    """The module has no such lab, in this version."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Ce laboratoire n'existe pas ou n'existe plus dans ce module. Choisissez-en un dans la liste.",
                "This lab does not exist, or no longer does, in this module. Choose one from the list.",
            )
        )


class IncompleteConclusionError(RefusedError):
    """A conclusion lacks an answer; ``errors`` says which, by question."""

    def __init__(self, errors: dict[str, Text]) -> None:
        super().__init__(next(iter(errors.values())))
        self.errors = errors


@dataclass(frozen=True, kw_only=True)
class Place:
    """A lab in a version of a module."""

    slug: str
    version_id: int
    package: ModulePackage
    lab: Lab


@dataclass(frozen=True, kw_only=True)
class ShownLab:
    """A lab as a person sees it: at a setting, with what was concluded."""

    slug: str
    version_id: int
    lab: Lab
    view: View
    given: Mapping[str, str]
    findings: tuple[Finding, ...]
    """Empty before a conclusion."""
    concluded: Text | None
    """What the lab showed at the setting that was checked, None before a conclusion."""


@dataclass(frozen=True, kw_only=True)
class ListedLab:
    """A lab of the live catalogue."""

    module: LiveModule
    lab: Lab


def listed(modules: Iterable[LiveModule]) -> list[ListedLab]:
    """Return the labs of the modules that a person sees, in the order of their modules; one query."""
    live = {module.version_id: module for module in modules if not module.planned}
    rows = db.session.execute(
        select(ModuleVersion.id, ModuleVersion.document["labs"]).where(ModuleVersion.id.in_(live))
    ).all()
    found = [(live[version_id], LABS.validate_python(lab)) for version_id, labs in rows for lab in labs or ()]
    return [ListedLab(module=module, lab=lab) for module, lab in sorted(found, key=lambda pair: pair[0].code)]


def place_of(slug: str, lab_id: str, version_id: int) -> Place:
    """Find a lab in a version of a module that is or was published; raise UnknownLabError."""
    query = select(ModuleVersion.id).join(Module).where(Module.slug == slug, ModuleVersion.id == version_id)
    if db.session.scalar(query.where(ModuleVersion.state.in_(READABLE))) is None:
        raise UnknownLabError
    package = catalogue.package_of(version_id)
    for lab in package.labs:
        if lab.id == lab_id:
            return Place(slug=slug, version_id=version_id, package=package, lab=lab)
    raise UnknownLabError


def shown(person_id: int, place: Place, fields: Setting) -> ShownLab:
    """Show a lab at the setting of the fields, or where the person left it, with the last conclusion."""
    attempt = _attempt(person_id, place)
    kind = kind_of(place.lab)
    setting = kind.read(fields or (attempt.setting if attempt else {}))
    checked = kind.show(kind.read(attempt.setting)) if attempt else None
    return ShownLab(
        slug=place.slug,
        version_id=place.version_id,
        lab=place.lab,
        view=kind.show(setting),
        given=attempt.given if attempt else {},
        findings=kind.judge(checked.setting, _answers(checked.asks, attempt.given)) if attempt and checked else (),
        concluded=checked.summary if checked else None,
    )


def shown_in_lesson(person_id: int, slug: str, version_id: int, lab_ids: Sequence[str]) -> dict[str, ShownLab]:
    """Return the labs that a lesson places, by id, as its reader left them; an unknown one is left out."""
    if not lab_ids:
        return {}
    package = catalogue.package_of(version_id)
    places = [Place(slug=slug, version_id=version_id, package=package, lab=lab) for lab in package.labs]
    return {place.lab.id: shown(person_id, place, {}) for place in places if place.lab.id in lab_ids}


def conclude(person_id: int, place: Place, fields: Mapping[str, str], now: datetime) -> bool:
    """Check a conclusion and keep it (the last one counts); tell whether all of it holds.

    Raise IncompleteConclusionError naming each question without a readable answer.
    """
    kind = kind_of(place.lab)
    setting = kind.read(fields)
    given = {ask: fields.get(f"ask-{ask}", "").strip()[:40] for ask in place.lab.conclusions}
    correct = all(finding.right for finding in kind.judge(setting, _answers(kind.show(setting).asks, given)))
    attempt = _attempt(person_id, place)
    if attempt is None:
        attempt = LabAttempt(person_id=person_id, version_id=place.version_id, lab=place.lab.id)
        db.session.add(attempt)
    attempt.setting, attempt.given, attempt.correct, attempt.at = setting, given, correct, now
    db.session.flush()
    return correct


def start_again(person_id: int, place: Place) -> None:
    """Forget a conclusion, to play the lab again."""
    attempt = _attempt(person_id, place)
    if attempt is not None:
        db.session.delete(attempt)
        db.session.flush()


def _attempt(person_id: int, place: Place) -> LabAttempt | None:
    return db.session.scalar(
        select(LabAttempt).where(
            LabAttempt.person_id == person_id,
            LabAttempt.version_id == place.version_id,
            LabAttempt.lab == place.lab.id,
        )
    )


def _answers(asks: tuple[Ask, ...], given: Mapping[str, str]) -> dict[str, float | str]:
    """Read numbers and choices; raise IncompleteConclusionError."""
    answers: dict[str, float | str] = {}
    errors: dict[str, Text] = {}
    for ask in asks:
        text = given.get(ask.name, "")
        if ask.options:
            if text in {option.value for option in ask.options}:
                answers[ask.name] = text
            else:
                errors[ask.name] = Text("Choisissez une réponse.", "Choose an answer.")
            continue
        number = _number(text)
        if number is None:
            errors[ask.name] = Text(
                "Écrivez un nombre, par exemple 12 ou 3,5.", "Write a number, for example 12 or 3.5."
            )
        else:
            answers[ask.name] = number
    if errors:
        raise IncompleteConclusionError(errors)
    return answers


def _number(text: str) -> float | None:
    try:
        number = float("".join(text.split()).replace(",", "."))
    except ValueError:
        return None
    return number if abs(number) < 1e9 else None


def kind_of(lab: Lab) -> Kind:
    """Return a lab with its data, made once for each content of a lab."""
    return _kind(json.dumps(lab.model_dump(mode="json", by_alias=True), sort_keys=True))


@lru_cache(maxsize=64)
def _kind(document: str) -> Kind:
    return open_lab(LABS.validate_json(document))
