"""The live catalogue: publish, draft, import what ships, list what is live."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import undefer

from training_platform.catalogue import pictures
from training_platform.catalogue.format import ModuleHead, ModulePackage, Step
from training_platform.catalogue.models import Module, ModuleVersion, Question
from training_platform.catalogue.parts import DRAFT
from training_platform.db import db
from training_platform.errors import NotFoundError
from training_platform.text import Text


class UnknownModuleError(NotFoundError):
    """No live module has this address."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Ce module n'existe pas ou n'est plus au catalogue. Cherchez-le par son sujet.",
                "This module does not exist or has left the catalogue. Search for its subject.",
            )
        )


@dataclass(frozen=True, kw_only=True)
class LiveModule:
    """A module as the catalogue shows it now."""

    module_id: int
    version_id: int
    number: int
    code: str
    slug: str
    planned: bool
    content_hash: str
    head: ModuleHead
    archived: bool = False
    unit_id: int | None = None
    """The unit that it belongs to; none for the national catalogue."""
    family_id: int = 0
    """The module at the root of its copies, itself where it was not adopted."""

    def __hash__(self) -> int:
        """Tell modules apart by what they say: a head has no hash of its own."""
        return hash((self.version_id, self.content_hash))


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What an import of shipped content did, by slug."""

    added: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]
    kept_local: tuple[str, ...]


LIVE = ("planned", "published")


def live_modules() -> list[LiveModule]:
    """Return all live modules in the order of their codes; one query."""
    return _published(Module.archived.is_(False))


def _published(*conditions: ColumnElement[bool]) -> list[LiveModule]:
    rows = db.session.execute(
        select(
            ModuleVersion.id,
            ModuleVersion.content_hash,
            ModuleVersion.number,
            ModuleVersion.state,
            Module.id.label("module_id"),
            Module.code,
            Module.slug,
            Module.archived,
            Module.unit_id,
            Module.original_id,
        )
        .join(Module)
        .where(ModuleVersion.state.in_(LIVE), *conditions)
        .order_by(Module.code)
    )
    return [_live(row) for row in rows]


@lru_cache(maxsize=5000)
def _live(row: Row[Any]) -> LiveModule:
    """Parse a version's head once: all that may change of a module is in the row, and the hash of what it says."""
    head = db.session.scalar(select(ModuleVersion.head).where(ModuleVersion.id == row.id))
    return LiveModule(
        module_id=row.module_id,
        version_id=row.id,
        number=row.number,
        code=row.code,
        slug=row.slug,
        planned=row.state == "planned",
        content_hash=row.content_hash,
        head=ModuleHead.model_validate(head),
        archived=row.archived,
        unit_id=row.unit_id,
        family_id=row.original_id or row.module_id,
    )


def live_by_slug(slug: str) -> LiveModule:
    """Return one live module; raise UnknownModuleError."""
    for live in live_modules():
        if live.slug == slug:
            return live
    raise UnknownModuleError


def with_archived(slug: str) -> LiveModule:
    """Return one module, even where it has left the catalogue; raise UnknownModuleError."""
    if found := _published(Module.slug == slug):
        return found[0]
    raise UnknownModuleError


def safety_steps(modules: Iterable[LiveModule]) -> frozenset[tuple[str, int]]:
    """Return the steps with a question whose wrong answer endangers somebody: (competency, level from)."""
    return _safety_steps(tuple((live.version_id, live.content_hash) for live in modules if not live.planned))


@lru_cache(maxsize=64)
def _safety_steps(versions: tuple[tuple[int, str], ...]) -> frozenset[tuple[str, int]]:
    query = select(Question.competency, Question.from_level).where(
        Question.version_id.in_([version_id for version_id, _ in versions]), Question.document["safety"].as_boolean()
    )
    return frozenset((competency, level) for competency, level in db.session.execute(query))


def bank_sizes(modules: Iterable[LiveModule]) -> Mapping[tuple[str, int], int]:
    """Return how many questions outside exams the live bank has for each step (competency, level from)."""
    return _bank_sizes(tuple((live.version_id, live.content_hash) for live in modules if not live.planned))


@lru_cache(maxsize=16)
def _bank_sizes(versions: tuple[tuple[int, str], ...]) -> Mapping[tuple[str, int], int]:
    query = select(Question.competency, Question.from_level).where(
        Question.version_id.in_([version_id for version_id, _ in versions]), Question.reserved.is_(False)
    )
    return Counter((competency, level) for competency, level in db.session.execute(query))


def package_of(version_id: int) -> ModulePackage:
    """Return the whole package of a version; raise UnknownModuleError."""
    content_hash = db.session.scalar(select(ModuleVersion.content_hash).where(ModuleVersion.id == version_id))
    if content_hash is None:
        raise UnknownModuleError
    return _package(version_id, content_hash)


def picture_of(slug: str, version_id: int, name: str) -> tuple[bytes, str]:
    """Return a picture of a version that was published, with its media type; raise UnknownModuleError."""
    query = select(ModuleVersion.id).join(Module).where(ModuleVersion.id == version_id, Module.slug == slug)
    if db.session.scalar(query.where(ModuleVersion.published_at.is_not(None))) is None:
        raise UnknownModuleError
    images = package_of(version_id).images
    if name not in images:
        raise UnknownModuleError
    return pictures.data_of(name, images[name])


@lru_cache(maxsize=200)
def _package(version_id: int, content_hash: str) -> ModulePackage:
    document = db.session.scalar(select(ModuleVersion.document).where(ModuleVersion.id == version_id))
    return ModulePackage.model_validate(document)


def content_hash(package: ModulePackage) -> str:
    """Return the SHA-256 of what the package says."""
    data = package.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def publish(
    package: ModulePackage,
    now: datetime,
    *,
    author_id: int | None = None,
    unit_id: int | None = None,
    shipped_hash: str | None = None,
    shipped_files: str | None = None,
    keep_draft: bool = False,
) -> ModuleVersion:
    """Make the package the live version of its module; the version before stays for those who read it."""
    module = _module(package, unit_id)
    if shipped_hash:
        module.shipped_hash, module.shipped_files = shipped_hash, shipped_files
    for version in _versions(module.id, LIVE if keep_draft else (*LIVE, "draft")):
        if version.state == "draft":
            db.session.delete(version)
        else:
            version.state = "superseded"
    db.session.flush()
    version = _new_version(module, package, "planned" if package.planned else "published", now, author_id)
    version.published_at = now
    db.session.add_all(
        Question(
            version_id=version.id,
            key=question.id,
            competency=question.step.c,
            from_level=question.step.from_level,
            reserved=question.reserved,
            document=question.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        )
        for question in package.questions
    )
    db.session.flush()
    return version


def save_draft(package: ModulePackage, now: datetime, author_id: int) -> ModuleVersion:
    """Keep the package as the module's one draft; nothing that learners see changes."""
    module = _module(package, None)
    draft = draft_of(module.id)
    if draft is None:
        return _new_version(module, package, "draft", now, author_id)
    draft.head = _dump(package)["head"]
    draft.document = _dump(package)
    draft.content_hash = content_hash(package)
    draft.author_id = author_id
    draft.created_at = now
    db.session.flush()
    return draft


def create_draft(
    *,
    title: Text,
    domain: str,
    author_id: int,
    unit_id: int | None,
    now: datetime,
    audience: Text | None = None,
    minutes: int = 15,
    steps: Sequence[Step] = (),
    requires: Sequence[str] = (),
) -> Module:
    """Start a module that only the studio sees: a code and an address of its own, and a draft to fill in."""
    module = Module(code=_free_code(), slug=_free_slug(title.fr or title.en), unit_id=unit_id)
    db.session.add(module)
    db.session.flush()
    head = {
        "code": module.code,
        "domain": domain,
        "title": {"fr": title.fr, "en": title.en},
        "audience": {"fr": audience.fr, "en": audience.en} if audience else {"fr": "", "en": ""},
        "minutes": minutes,
        "steps": list(steps),
        "requires": list(requires),
    }
    package = ModulePackage.model_validate({"slug": module.slug, "head": head}, context=DRAFT)
    _new_version(module, package, "draft", now, author_id)
    return module


LOCAL_CODE = re.compile(r"L(\d+)")


def _free_code() -> str:
    """Return the next code of a module written here; shipped ones start with M."""
    codes = db.session.scalars(select(Module.code).where(Module.code.like("L%")))
    return f"L{max((int(m[1]) for m in map(LOCAL_CODE.fullmatch, codes) if m), default=0) + 1:02d}"


def _free_slug(title: str) -> str:
    """Return an address made of the title's words, with a number where it is taken."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].strip("-") or "module"
    taken = set(db.session.scalars(select(Module.slug).where(Module.slug.like(f"{slug}%"))))
    return slug if slug not in taken else next(s for n in range(2, 10_000) if (s := f"{slug}-{n}") not in taken)


def draft_of(module_id: int) -> ModuleVersion | None:
    """Return the module's draft, None where there is none."""
    return db.session.scalar(
        select(ModuleVersion)
        .where(ModuleVersion.module_id == module_id, ModuleVersion.state == "draft")
        .options(undefer(ModuleVersion.document))
    )


def import_shipped(
    packages: Iterable[ModulePackage],
    now: datetime,
    *,
    overwrite: bool = False,
    files: Mapping[str, str] | None = None,
) -> ImportReport:
    """Bring shipped packages in; a module edited here is kept unless ``overwrite`` asks otherwise.

    ``files`` gives the fingerprint of the files of each module, by slug, to know them by the next time.
    """
    report: dict[str, list[str]] = {"added": [], "updated": [], "unchanged": [], "kept_local": []}
    for package in packages:
        done = _import_one(package, now, overwrite, (files or {}).get(package.slug))
        report[done].append(package.slug)
    return ImportReport(**{key: tuple(slugs) for key, slugs in report.items()})


def shipped_files() -> set[str]:
    """Return the fingerprints of the files that live modules came from, of those that say what these files say."""
    query = select(Module.shipped_files).join(ModuleVersion, ModuleVersion.module_id == Module.id)
    as_shipped = ModuleVersion.content_hash == Module.shipped_hash
    return {files for files in db.session.scalars(query.where(ModuleVersion.state.in_(LIVE), as_shipped)) if files}


def _import_one(package: ModulePackage, now: datetime, overwrite: bool, files: str | None) -> str:
    shipped = content_hash(package)
    row = db.session.execute(
        select(Module, ModuleVersion.content_hash)
        .join(ModuleVersion)
        .where(Module.code == package.head.code, ModuleVersion.state.in_(LIVE))
    ).one_or_none()
    if row is None:
        publish(package, now, shipped_hash=shipped, shipped_files=files)
        return "added"
    module, live = row
    if live == shipped == module.shipped_hash:
        module.shipped_files = files or module.shipped_files
    if live == shipped or (module.shipped_hash == shipped and not overwrite):
        return "unchanged" if live == shipped else "kept_local"
    if live != module.shipped_hash and not overwrite:
        return "kept_local"
    publish(package, now, shipped_hash=shipped, shipped_files=files)
    return "updated"


def _module(package: ModulePackage, unit_id: int | None) -> Module:
    module = db.session.scalar(select(Module).where(Module.code == package.head.code))
    if module is None:
        module = Module(code=package.head.code, slug=package.slug, unit_id=unit_id)
        db.session.add(module)
        db.session.flush()
    return module


def _versions(module_id: int, states: tuple[str, ...]) -> list[ModuleVersion]:
    query = select(ModuleVersion).where(ModuleVersion.module_id == module_id, ModuleVersion.state.in_(states))
    return list(db.session.scalars(query))


def _new_version(
    module: Module, package: ModulePackage, state: str, now: datetime, author_id: int | None
) -> ModuleVersion:
    last = db.session.scalar(select(func.max(ModuleVersion.number)).where(ModuleVersion.module_id == module.id))
    document = _dump(package)
    version = ModuleVersion(
        module_id=module.id,
        number=(last or 0) + 1,
        state=state,
        head=document["head"],
        document=document,
        content_hash=content_hash(package),
        author_id=author_id,
        created_at=now,
    )
    db.session.add(version)
    db.session.flush()
    return version


def _dump(package: ModulePackage) -> dict[str, Any]:
    return package.model_dump(mode="json", by_alias=True, exclude_defaults=True)
