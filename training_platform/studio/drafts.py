"""Saving a draft without losing anybody's words: each save is merged with what others saved since, and kept as a revision."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload, undefer

from training_platform.accounts.models import Person
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.check import NOTE
from training_platform.catalogue.format import ModulePackage, read_draft
from training_platform.catalogue.models import Module
from training_platform.catalogue.parts import LONGEST_TEXT
from training_platform.db import db
from training_platform.studio import work
from training_platform.studio.draft_models import DraftRevision, OpenEditor, TranslationMark
from training_platform.studio.rules.merging import Place, merge
from training_platform.studio.rules.translation import Mark, Pair, follow_all, pairs_of
from training_platform.studio.service import EditedModule, editable, working_copy
from training_platform.text import Text

REVISIONS_KEPT = 40
STILL_OPEN = timedelta(hours=12)
"""An editor not heard of for longer is closed: the session is over."""
PRESENT = timedelta(seconds=45)
"""An editor heard of within this time is somebody at work; it reports every fifteen seconds."""
Change = Callable[[ModulePackage], tuple[ModulePackage, dict[str, Text]]]


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A module opened for writing."""

    edited: EditedModule
    package: ModulePackage
    token: str
    base: int


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What a save did: the draft of all, the revision that it is now, what others' changes it took in, what to decide."""

    package: ModulePackage
    base: int
    written: bool
    brought: tuple[Place, ...]
    by: tuple[str, ...]
    seen: str
    """Hash of the draft as others left it, for a form that shows it where no revision is kept of it."""
    mine: ModulePackage
    """The change alone, as it would be without the others."""
    theirs: ModulePackage | None
    """Where both changed the same words: the package with theirs, as ``package`` has mine. Nothing is written then."""
    errors: dict[str, Text]


@dataclass(frozen=True, kw_only=True)
class Colleague:
    """Somebody else with the same module open."""

    name: str
    seen_at: datetime


def open_draft(person_id: int, slug: str, now: datetime) -> Opened:
    """Open a module for writing; the revision shown is kept while the editor is open."""
    edited = editable(person_id, slug)
    package = working_copy(edited)
    base = _revision_of(edited, package, None, now)
    token = secrets.token_hex(16)
    db.session.execute(delete(OpenEditor).where(OpenEditor.seen_at < now - STILL_OPEN))
    db.session.add(OpenEditor(module_id=edited.module_id, person_id=person_id, token=token, base_id=base, seen_at=now))
    db.session.flush()
    return Opened(edited=edited, package=package, token=token, base=base)


def heard(person_id: int, slug: str, token: str, now: datetime) -> list[Colleague]:
    """Note that an editor is still open; return the others at work on the module, one line a person."""
    edited = editable(person_id, slug)
    own = db.session.scalar(select(OpenEditor).where(OpenEditor.token == token, OpenEditor.person_id == person_id))
    if own is not None:
        own.seen_at = now
        db.session.flush()
    return colleagues(edited, person_id, now)


def colleagues(edited: EditedModule, person_id: int, now: datetime) -> list[Colleague]:
    """Return the other people who have the module open now."""
    rows = db.session.scalars(
        select(OpenEditor)
        .where(
            OpenEditor.module_id == edited.module_id,
            OpenEditor.person_id != person_id,
            OpenEditor.seen_at > now - PRESENT,
        )
        .options(joinedload(OpenEditor.person))
        .order_by(OpenEditor.seen_at)
    )
    return list({row.person_id: Colleague(name=row.person.name, seen_at=row.seen_at) for row in rows}.values())


def leave(person_id: int, token: str) -> None:
    """Close an editor."""
    db.session.execute(delete(OpenEditor).where(OpenEditor.token == token, OpenEditor.person_id == person_id))


def save(person_id: int, slug: str, base: int, token: str, change: Change, now: datetime, *, seen: str = "") -> Saved:
    """Apply a change made on revision ``base`` to the draft as it is now; on a conflict nothing is written.

    ``change`` gets the package of the base and returns it changed, with what is wrong by field (those stay as they were).
    ``seen`` is the hash of the draft that a form shows where no revision of it was kept.
    """
    edited, current = hold(person_id, slug)
    revision = _find(edited.module_id, base)
    known = revision is not None or seen == catalogue.content_hash(current)
    before = _with_pictures(revision.document, current) if revision else current
    mine, errors = change(before)
    documents = (_plain(before) if known else {}, _plain(current), _plain(mine))
    merged = merge(*documents)
    package = _with_pictures(_numbered(merged.document), current)
    theirs = None
    if merged.conflicts:
        theirs = _with_pictures(_numbered(merge(*documents, prefer_mine=False).document), current)
    at = _revision_of(edited, current, None, now)
    by = _authors_since(edited.module_id, base, person_id) if merged.brought or merged.conflicts else ()
    written = not merged.conflicts and (package != current or catalogue.draft_of(edited.module_id) is None)
    if written:
        at = write(edited, current, package, person_id, now)
    _move(person_id, token, at, now)
    return Saved(
        package=package,
        base=at,
        written=written,
        brought=merged.brought,
        by=by,
        seen=catalogue.content_hash(current),
        mine=mine,
        theirs=theirs,
        errors=errors,
    )


def hold(person_id: int, slug: str) -> tuple[EditedModule, ModulePackage]:
    """Return a module and its draft for a change, held until the commit so that no other save slips in between."""
    edited = editable(person_id, slug)
    db.session.get_one(Module, edited.module_id, with_for_update=True)
    return edited, working_copy(edited)


def write(edited: EditedModule, before: ModulePackage, package: ModulePackage, person_id: int, now: datetime) -> int:
    """Keep a package as the draft and as a revision, and note which translations it leaves behind."""
    package = with_facts(package)
    catalogue.save_draft(package, now, person_id)
    work.edited(person_id, edited.module_id, now)
    _mark(edited.module_id, pairs_of(before), pairs_of(package), now)
    at = _revision_of(edited, package, person_id, now)
    _forget_old(edited.module_id, now)
    return at


def with_facts(package: ModulePackage) -> ModulePackage:
    """Return the package with the list of the facts that it cites, no more, no fewer."""
    if package.planned:
        return package
    cited = [
        fact for lesson in package.lessons for text in (lesson.text.fr, lesson.text.en) for fact in NOTE.findall(text)
    ]
    questions = [*package.questions, *(question for exercise in package.exercises for question in exercise.questions)]
    cited += [fact for question in questions for fact in question.facts]
    kept = [fact for fact in package.head.facts if fact in cited]
    facts = [*kept, *(fact for fact in dict.fromkeys(cited) if fact not in kept)]
    return package.model_copy(update={"head": package.head.model_copy(update={"facts": facts})})


def _plain(package: ModulePackage) -> dict[str, Any]:
    """Return the document that merging compares: no pictures, lessons without their number, no derived list."""
    document = package.model_dump(mode="json", by_alias=True, exclude={"images": True, "head": {"facts"}})
    for lesson in document["lessons"]:
        lesson["name"] = {language: f"00{name[2:]}" for language, name in lesson["name"].items()}
    return document


def _numbered(document: dict[str, Any]) -> dict[str, Any]:
    for number, lesson in enumerate(document["lessons"], 1):
        lesson["name"] = {language: f"{number:02d}{name[2:]}" for language, name in lesson["name"].items()}
    return document


def _with_pictures(document: dict[str, Any], current: ModulePackage) -> ModulePackage:
    head = document["head"]
    if "facts" not in head:
        head = head | {"facts": current.head.facts}
    return with_facts(read_draft(document | {"head": head, "images": current.images}))


def _find(module_id: int, revision_id: int) -> DraftRevision | None:
    query = select(DraftRevision).where(DraftRevision.id == revision_id, DraftRevision.module_id == module_id)
    return db.session.scalar(query.options(undefer(DraftRevision.document)))


def revision(module_id: int, revision_id: int, current: ModulePackage) -> ModulePackage | None:
    """Return the draft as it was at a revision, with the pictures of now; None where it was forgotten."""
    row = _find(module_id, revision_id)
    return _with_pictures(row.document, current) if row else None


def _revision_of(edited: EditedModule, package: ModulePackage, author_id: int | None, now: datetime) -> int:
    """Return the newest revision where it says what the package says, else a new one."""
    document = package.model_dump(mode="json", by_alias=True, exclude={"images"}, exclude_defaults=True)
    content_hash = catalogue.content_hash(package.model_copy(update={"images": {}}))
    newest = db.session.execute(
        select(DraftRevision.id, DraftRevision.content_hash)
        .where(DraftRevision.module_id == edited.module_id)
        .order_by(DraftRevision.id.desc())
        .limit(1)
    ).one_or_none()
    if newest is not None and newest.content_hash == content_hash:
        return int(newest.id)
    row = DraftRevision(
        module_id=edited.module_id, document=document, content_hash=content_hash, author_id=author_id, saved_at=now
    )
    db.session.add(row)
    db.session.flush()
    return row.id


def _authors_since(module_id: int, base: int, person_id: int) -> tuple[str, ...]:
    """Return the names of the others who saved after a revision."""
    query = (
        select(Person.name)
        .join(DraftRevision, DraftRevision.author_id == Person.id)
        .where(DraftRevision.module_id == module_id, DraftRevision.id > base, Person.id != person_id)
    )
    return tuple(dict.fromkeys(db.session.scalars(query.order_by(DraftRevision.id))))


def _move(person_id: int, token: str, base: int, now: datetime) -> None:
    """Note which revision an editor shows now."""
    row = db.session.scalar(select(OpenEditor).where(OpenEditor.token == token, OpenEditor.person_id == person_id))
    if row is not None:
        row.base_id, row.seen_at = base, now
        db.session.flush()


def _forget_old(module_id: int, now: datetime) -> None:
    """Keep the newest revisions, and those that an open editor shows."""
    newest = select(DraftRevision.id).where(DraftRevision.module_id == module_id)
    kept = set(db.session.scalars(newest.order_by(DraftRevision.id.desc()).limit(REVISIONS_KEPT)))
    shown = select(OpenEditor.base_id).where(OpenEditor.module_id == module_id, OpenEditor.seen_at > now - STILL_OPEN)
    kept |= set(db.session.scalars(shown))
    db.session.execute(delete(DraftRevision).where(DraftRevision.module_id == module_id, DraftRevision.id.not_in(kept)))


def marks_of(module_id: int) -> dict[str, Mark]:
    """Return where the translations of a module stand, by text."""
    rows = db.session.scalars(select(TranslationMark).where(TranslationMark.module_id == module_id))
    return {row.field: _mark_of(row) for row in rows}


def _mark_of(row: TranslationMark) -> Mark:
    return Mark(
        ahead=None if row.ahead is None else "en" if row.ahead == "en" else "fr",
        before=row.before,
        followed=None if row.followed is None else "en" if row.followed == "en" else "fr",
        followed_at=row.followed_at,
    )


def _mark(module_id: int, old: dict[str, Pair], new: dict[str, Pair], now: datetime) -> None:
    changed = follow_all(marks_of(module_id), old, new, now)
    _keep_marks(module_id, changed)
    gone = [name for name in old if name not in new]
    db.session.execute(
        delete(TranslationMark).where(TranslationMark.module_id == module_id, TranslationMark.field.in_(gone))
    )


def level(person_id: int, slug: str, field: str) -> None:
    """Note that both languages of a text say the same."""
    _keep_marks(editable(person_id, slug).module_id, {field: Mark()})


def _keep_marks(module_id: int, marks: dict[str, Mark]) -> None:
    for field, mark in marks.items():
        row = db.session.scalar(
            select(TranslationMark).where(TranslationMark.module_id == module_id, TranslationMark.field == field)
        )
        if row is None:
            row = TranslationMark(module_id=module_id, field=field)
            db.session.add(row)
        row.ahead, row.before, row.followed, row.followed_at = mark.ahead, mark.before, mark.followed, mark.followed_at
    db.session.flush()


def too_long(text: str) -> Text | None:
    """Say that a text passes the limit and what to do, None where it does not."""
    if len(text) <= LONGEST_TEXT:
        return None
    return Text(
        f"Ce texte fait {len(text)} caractères ; {LONGEST_TEXT} au plus tiennent dans une leçon. Répartissez-le sur plusieurs leçons. Rien n'est perdu : il reste ici et sur cet ordinateur.",
        f"This text has {len(text)} characters; a lesson holds {LONGEST_TEXT} at most. Spread it over several lessons. Nothing is lost: it stays here and on this computer.",
    )
