"""What changed between two packages: head, lessons paragraph by paragraph and word by word, exercises and questions by id."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from pydantic import BaseModel

from training_platform.catalogue.format import Lesson, ModuleHead, ModulePackage, Objective, Step
from training_platform.text import LANGUAGES, Language, Text

Kind = Literal["same", "added", "removed", "changed"]
WORDS = re.compile(r"\s+|[\w’'-]+|[^\w\s]")
ALIKE = 0.35
"""Share of common words from which two paragraphs are shown as one that changed."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A run of words that stayed, came or went."""

    kind: Literal["same", "added", "removed"]
    text: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """One paragraph, or one field, before and after."""

    kind: Kind
    pieces: tuple[Piece, ...]
    label: Text | None = None
    language: Language | None = None


@dataclass(frozen=True, kw_only=True)
class Part:
    """A lesson, an exercise, a question or a figure that differs."""

    kind: Kind
    name: Text
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All that differs between two packages; parts that are the same are left out."""

    head: tuple[Change, ...]
    lessons: tuple[Part, ...]
    exercises: tuple[Part, ...]
    questions: tuple[Part, ...]
    figures: tuple[Part, ...]

    @property
    def empty(self) -> bool:
        """Tell whether the two say the same."""
        return not (self.head or self.lessons or self.exercises or self.questions or self.figures)


HEAD = {
    "title": Text("Titre", "Title"),
    "summary": Text("Résumé", "Summary"),
    "audience": Text("Public", "Audience"),
    "minutes": Text("Minutes", "Minutes"),
    "domain": Text("Domaine", "Domain"),
    "requires": Text("À suivre avant", "To take before"),
    "steps": Text("Paliers", "Steps"),
    "objectives": Text("Objectifs", "Objectives"),
    "facts": Text("Faits cités", "Facts cited"),
    "authors": Text("Auteurs", "Authors"),
    "licence": Text("Licence", "Licence"),
    "checked_on": Text("Relu le", "Checked on"),
    "review_months": Text("Mois de relecture", "Months of checking"),
}


FIELDS = {
    "lesson": Text("leçon", "lesson"),
    "exercises": Text("exercice", "exercise"),
    "situations": Text("situations", "situations"),
    "ask": Text("énoncé", "wording"),
    "scene": Text("situation", "scene"),
    "options": Text("proposition", "option"),
    "items": Text("élément", "element"),
    "pairs": Text("paire", "pair"),
    "left": Text("à gauche", "left"),
    "right": Text("à droite", "right"),
    "text": Text("texte", "text"),
    "why": Text("pourquoi", "why"),
    "correct": Text("juste", "right"),
    "explanation": Text("explication", "explanation"),
    "step": Text("palier", "step"),
    "from": Text("du niveau", "from level"),
    "to": Text("au niveau", "to level"),
    "c": Text("compétence", "competency"),
    "difficulty": Text("difficulté", "difficulty"),
    "discrimination": Text("pouvoir de départager", "power to tell apart"),
    "reserved": Text("réservée aux épreuves", "kept for exams"),
    "safety": Text("de sécurité", "safety"),
    "families": Text("familles de métiers", "families of roles"),
    "facts": Text("faits cités", "facts cited"),
    "answer": Text("réponse", "answer"),
    "tolerance": Text("tolérance", "tolerance"),
    "unit": Text("unité", "unit"),
    "kind": Text("forme", "kind"),
    "title": Text("titre", "title"),
    "intro": Text("introduction", "introduction"),
    "minutes": Text("minutes", "minutes"),
    "questions": Text("question", "question"),
    "decisions": Text("décision", "decision"),
    "choices": Text("choix", "choice"),
    "consequence": Text("conséquence", "consequence"),
    "score": Text("points", "points"),
    "next": Text("mène à", "leads to"),
    "start": Text("commence par", "starts with"),
    "debrief": Text("bilan", "debrief"),
    "reason": Text("raison demandée", "reason asked for"),
}


VALUES = {
    "single": "une seule bonne réponse · one right answer",
    "multiple": "plusieurs bonnes réponses · several right answers",
    "order": "mise en ordre · ordering",
    "match": "association · matching",
    "number": "nombre · number",
    "quiz": "quiz",
    "case": "cas · case",
    "decision_simulation": "décisions · decisions",
    "easier": "plus facile · easier",
    "as_step": "au palier · at the step",
    "harder": "plus difficile · harder",
    "low": "faible · low",
    "medium": "moyen · medium",
    "high": "fort · high",
}
"""Words of the format as both languages read them: a difference is shown as one text."""


def compare(old: ModulePackage, new: ModulePackage) -> Comparison:
    """Return what differs, the head first, in the order of the newer package."""
    return Comparison(
        head=tuple(_head(old.head, new.head)),
        lessons=tuple(_lessons(old.lessons, new.lessons)),
        exercises=tuple(_by_id({e.id: e for e in old.exercises}, {e.id: e for e in new.exercises})),
        questions=tuple(_by_id({q.id: q for q in old.questions}, {q.id: q for q in new.questions})),
        figures=tuple(_figures(old.images, new.images)),
    )


def words(old: str, new: str) -> tuple[Piece, ...]:
    """Return the two texts as one, word by word."""
    before, after = WORDS.findall(old), WORDS.findall(new)
    pieces: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece(kind="same", text="".join(before[i:j])))
            continue
        if removed := "".join(before[i:j]):
            pieces.append(Piece(kind="removed", text=removed))
        if added := "".join(after[k:m]):
            pieces.append(Piece(kind="added", text=added))
    return tuple(pieces)


def paragraphs(old: str, new: str) -> tuple[Change, ...]:
    """Return the paragraphs of both texts in one order: same, added, removed, or changed with its words."""
    before, after = _split(old), _split(new)
    changes: list[Change] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            changes += [_whole("same", text) for text in before[i:j]]
        else:
            changes += _paired(before[i:j], after[k:m])
    return tuple(changes)


def _split(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def _paired(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    """Pair paragraphs of a changed run in order, as long as they resemble each other."""
    if len(before) != len(after):
        yield from _aligned(list(before), list(after))
        return
    for old, new in zip(before, after, strict=True):
        yield from _pair(old, new)


def _aligned(before: list[str], after: list[str]) -> Iterator[Change]:
    """Pair each old paragraph with the next new one that resembles it; what is left over came or went."""
    for old in before:
        match = next((n for n, new in enumerate(after) if _alike(old, new)), None)
        if match is None:
            yield _whole("removed", old)
            continue
        yield from (_whole("added", new) for new in after[:match])
        yield from _pair(old, after[match])
        del after[: match + 1]
    yield from (_whole("added", new) for new in after)


def _pair(old: str, new: str) -> Iterator[Change]:
    if _alike(old, new):
        yield Change(kind="changed", pieces=words(old, new))
    else:
        yield _whole("removed", old)
        yield _whole("added", new)


def _alike(old: str, new: str) -> bool:
    return SequenceMatcher(None, old.split(), new.split(), autojunk=False).ratio() >= ALIKE


def _whole(kind: Literal["same", "added", "removed"], text: str) -> Change:
    return Change(kind=kind, pieces=(Piece(kind=kind, text=text),))


def _field(old: str, new: str, label: Text | None, language: Language | None = None) -> Change:
    kind: Kind = "changed" if old and new else "added" if new else "removed"
    return Change(kind=kind, pieces=words(old, new), label=label, language=language)


def _head(old: ModuleHead, new: ModuleHead) -> Iterator[Change]:
    for name in ("title", "summary", "audience"):
        before, after = getattr(old, name), getattr(new, name)
        for language in LANGUAGES:
            a, b = before[language] if before else "", after[language] if after else ""
            if a != b:
                yield _field(a, b, HEAD[name], language)
    for name in list(HEAD)[3:]:
        a, b = _plain(getattr(old, name)), _plain(getattr(new, name))
        if a != b:
            yield _field(a, b, HEAD[name])


def _plain(value: object) -> str:
    """Write a field as a person reads it."""
    if isinstance(value, Step):
        return f"{value.c} {value.from_level} → {value.to}"
    if isinstance(value, Objective):
        return f"{value.text.fr} / {value.text.en}"
    if isinstance(value, list):
        return ("\n" if any(isinstance(one, Objective) for one in value) else ", ").join(_plain(one) for one in value)
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return "" if value is None else VALUES.get(str(value), str(value))


def _lessons(old: Sequence[Lesson], new: Sequence[Lesson]) -> Iterator[Part]:
    before = {lesson.name.fr: lesson for lesson in old}
    pairs: list[tuple[Lesson | None, Lesson | None]] = [(before.pop(lesson.name.fr, None), lesson) for lesson in new]
    # A lesson renamed in place is the same lesson: what is left pairs up in order.
    left = list(before.values())
    pairs = [(left.pop(0) if a is None and left else a, b) for a, b in pairs] + [(a, None) for a in left]
    for a, b in pairs:
        if a is None or b is None or a.text != b.text:
            yield _lesson(a, b)


def _lesson(old: Lesson | None, new: Lesson | None) -> Part:
    shown = new or old
    assert shown is not None
    changes = [
        Change(kind=change.kind, pieces=change.pieces, language=language)
        for language in LANGUAGES
        if old is None or new is None or old.text[language] != new.text[language]
        for change in paragraphs(old.text[language] if old else "", new.text[language] if new else "")
    ]
    titles = [shown.text[language].partition("\n")[0].lstrip("# ") for language in LANGUAGES]
    return Part(kind=_kind(old, new), name=Text(*titles), changes=tuple(changes))


def _by_id(old: dict[str, BaseModel], new: dict[str, BaseModel]) -> Iterator[Part]:
    for key in [*new, *(key for key in old if key not in new)]:
        a, b = old.get(key), new.get(key)
        if a != b:
            yield Part(kind=_kind(a, b), name=Text(key, key), changes=tuple(_fields_changed(a, b)))


def _fields_changed(old: BaseModel | None, new: BaseModel | None) -> Iterator[Change]:
    before, after = (dict(_fields(one)) if one else {} for one in (old, new))
    for path in [*after, *(path for path in before if path not in after)]:
        a, b = before.get(path, ""), after.get(path, "")
        if a != b:
            language = next((one for one in LANGUAGES if path[-1] == one), None)
            yield _field(a, b, _label([part for part in path if part not in LANGUAGES]), language)


def _fields(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every single value of a part with the way to it; elements with an id are named by it."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "id":
                yield from _fields(inner, (*path, key))
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        for number, inner in enumerate(value, 1):
            yield from _fields(inner, (*path, f"#{inner.get('id', number)}"))
    else:
        yield path, _plain(value)


def place_name(place: Sequence[str]) -> Text:
    """Return what a place of a document is called: the lesson, the question, the field, and its language."""
    language = {"fr": Text(" (français)", " (French)"), "en": Text(" (anglais)", " (English)")}
    said = language.get(place[-1], Text("", ""))
    parts = [part for part in place if part not in LANGUAGES and part != "head"]
    name = _label(["lesson" if part == "lessons" else part for part in parts if part not in ("text", "name")] or parts)
    return Text(name.fr + said.fr, name.en + said.en)


def _label(path: Sequence[str]) -> Text:
    names = [FIELDS.get(part) or HEAD.get(part) or Text(part.lstrip("#"), part.lstrip("#")) for part in path]
    return Text(" › ".join(name.fr for name in names), " › ".join(name.en for name in names))


def _figures(old: dict[str, str], new: dict[str, str]) -> Iterator[Part]:
    for key in sorted({*old, *new}):
        if old.get(key) != new.get(key):
            yield Part(kind=_kind(old.get(key), new.get(key)), name=Text(key, key), changes=())


def _kind(old: object, new: object) -> Kind:
    return "added" if old is None else "removed" if new is None else "changed"
