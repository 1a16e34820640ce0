"""Which language of a text is ahead of the other, and what changed in it since."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from training_platform.catalogue.format import ModulePackage, PracticeQuestion, Wording
from training_platform.text import LANGUAGES, Language

CATCHING_UP = timedelta(hours=1)
"""After the late language was touched, how long further work on it is still catching up, not running ahead."""
WORD = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One text in both languages."""

    fr: str
    en: str

    def __getitem__(self, language: str) -> str:
        return self.en if language == "en" else self.fr


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Where a text stands: the language ahead, its words when both were level, and who caught up when."""

    ahead: Language | None = None
    before: str = ""
    followed: Language | None = None
    followed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A run of words kept, added or removed."""

    kind: str
    text: str


def pairs_of(package: ModulePackage) -> dict[str, Pair]:
    """Return the texts whose translation is followed: those of the head, each lesson, exercise and question whole."""
    head = package.head
    found = {"title": head.title, "summary": head.summary, "audience": head.audience}
    pairs = {name: Pair(fr=text.fr, en=text.en) for name, text in found.items() if text}
    pairs |= {f"lesson:{one.name.fr[3:]}": Pair(fr=one.text.fr, en=one.text.en) for one in package.lessons}
    pairs |= {f"question:{one.id}": question_pair(one) for one in package.questions}
    for exercise in package.exercises:
        texts = [exercise.title, exercise.intro, *([exercise.debrief] if exercise.debrief else [])]
        for decision in exercise.decisions:
            texts += [decision.scene, decision.ask]
            texts += [text for choice in decision.choices for text in (choice.text, choice.consequence)]
        whole = [_joined(texts), *(question_pair(question) for question in exercise.questions)]
        pairs[f"exercise:{exercise.id}"] = _joined(whole)
    return pairs


def question_pair(question: PracticeQuestion) -> Pair:
    """Return all that a question says, in both languages, one text a line."""
    texts = [text for text in (question.scene, question.ask) if text]
    texts += [text for option in question.options for text in (option.text, option.why)]
    texts += [item.text for item in question.items]
    texts += [text for pair in question.pairs for text in (pair.left, pair.right)]
    return _joined([*texts, *([question.unit] if question.unit else []), question.explanation])


def _joined(texts: list[Wording] | list[Pair] | list[Pair | Wording]) -> Pair:
    return Pair(fr="\n".join(text.fr for text in texts), en="\n".join(text.en for text in texts))


def follow(mark: Mark, old: Pair, new: Pair, now: datetime) -> Mark:
    """Return the mark after a change of the text."""
    changed = [language for language in LANGUAGES if old[language] != new[language]]
    if not changed:
        return mark
    if len(changed) == 2:
        return Mark()
    language = changed[0]
    if mark.ahead == language:
        return mark
    if mark.ahead is not None or _still_following(mark, language, now):
        return Mark(followed=language, followed_at=now)
    return replace(Mark(), ahead=language, before=old[language])


def _still_following(mark: Mark, language: Language, now: datetime) -> bool:
    return mark.followed == language and mark.followed_at is not None and now - mark.followed_at < CATCHING_UP


def follow_all(
    marks: Mapping[str, Mark], old: Mapping[str, Pair], new: Mapping[str, Pair], now: datetime
) -> dict[str, Mark]:
    """Return the marks that a save changes, by the name of their text."""
    after = {name: follow(marks.get(name, Mark()), old.get(name, Pair(fr="", en="")), new[name], now) for name in new}
    return {name: mark for name, mark in after.items() if mark != marks.get(name, Mark())}


def changes(before: str, after: str) -> list[Piece]:
    """Return what was kept, removed and added, word by word; long unchanged runs are cut in their middle."""
    old, new = WORD.findall(before), WORD.findall(after)
    pieces: list[Piece] = []
    removed = added = ""
    codes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for place, (tag, a1, a2, b1, b2) in enumerate(codes):
        gone, come = "".join(old[a1:a2]), "".join(new[b1:b2])
        if tag != "equal" or (not gone.strip() and 0 < place < len(codes) - 1):
            # A space between two changed words belongs to the change: read as one run, not word by word.
            removed, added = removed + gone, added + come
            continue
        pieces += [*_changed(removed, added), Piece(kind="kept", text=_cut(gone))]
        removed = added = ""
    return [*pieces, *_changed(removed, added)]


def _changed(removed: str, added: str) -> list[Piece]:
    pair = (Piece(kind="removed", text=removed), Piece(kind="added", text=added))
    return [piece for piece in pair if piece.text]


def _cut(text: str) -> str:
    return text if len(text) <= 160 else f"{text[:70]} … {text[-70:]}"


@dataclass(frozen=True, kw_only=True)
class Lag:
    """A text whose languages are not level: which one is late, and what changed in the other."""

    late: Language
    missing: bool
    pieces: tuple[Piece, ...]


def lags(marks: Mapping[str, Mark], pairs: Mapping[str, Pair]) -> dict[str, Lag]:
    """Return the texts that are not level, by name."""
    found = {}
    for name, pair in pairs.items():
        mark = marks.get(name, Mark())
        for late, other in (("fr", "en"), ("en", "fr")):
            if not pair[late].strip() and pair[other].strip():
                found[name] = Lag(late=late, missing=True, pieces=())  # type: ignore[arg-type]
            elif mark.ahead == other and name not in found:
                pieces = tuple(changes(mark.before, pair[other]))
                found[name] = Lag(late=late, missing=False, pieces=pieces)  # type: ignore[arg-type]
    return found
