"""Three-way merge of two people's changes to one document: text by sentence, lists by the id of their parts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from training_platform.studio.rules.diff3 import chunks

Place = tuple[str, ...]
PIECE = re.compile(r"[^\n.!?…]*(?:[.!?…]+(?=\s)[ \t]*|\n|[.!?…]|$)")
"""A sentence or a line, with what ends it: small enough that two people in one paragraph rarely collide."""
ABSENT: Any = object()


@dataclass(frozen=True, kw_only=True)
class Merged:
    """The document of both; where theirs came in, and the places that both changed differently."""

    document: dict[str, Any]
    brought: tuple[Place, ...]
    conflicts: tuple[Place, ...]


@dataclass
class _Work:
    prefer_mine: bool
    brought: list[Place] = field(default_factory=list)
    conflicts: list[Place] = field(default_factory=list)


def merge(
    base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any], *, prefer_mine: bool = True
) -> Merged:
    """Merge two documents that both came from ``base``; an empty base makes every difference a conflict.

    Where they conflict the document says mine, or theirs where that is preferred; sentences that only one changed are in both.
    """
    work = _Work(prefer_mine=prefer_mine)
    document = _mapping(base, theirs, mine, (), work)
    return Merged(document=document, brought=tuple(work.brought), conflicts=tuple(work.conflicts))


def merge_text(base: str, theirs: str, mine: str, *, prefer_mine: bool = True) -> tuple[str, bool]:
    """Merge two changed texts sentence by sentence; tell whether nobody's change was passed over."""
    merged: list[str] = []
    clean = True
    for chunk in chunks(_pieces(base), _pieces(theirs), _pieces(mine)):
        if chunk.conflicts:
            clean = False
            merged += chunk.mine if prefer_mine else chunk.theirs
        else:
            merged += chunk.merged
    return "".join(merged), clean


def _pieces(text: str) -> list[str]:
    return [piece for piece in PIECE.findall(text) if piece]


def _value(base: Any, theirs: Any, mine: Any, place: Place, work: _Work) -> Any:
    """Return the merged value of one place, ABSENT where it is gone."""
    if theirs in (mine, base):
        return mine
    if mine == base:
        work.brought.append(place)
        return theirs
    if isinstance(theirs, Mapping) and isinstance(mine, Mapping):
        return _mapping(base if isinstance(base, Mapping) else {}, theirs, mine, place, work)
    if isinstance(theirs, list) and isinstance(mine, list):
        return _list(base if isinstance(base, list) else [], theirs, mine, place, work)
    if isinstance(base, str) and isinstance(theirs, str) and isinstance(mine, str):
        text, clean = merge_text(base, theirs, mine, prefer_mine=work.prefer_mine)
        if clean:
            work.brought.append(place)
        else:
            work.conflicts.append(place)
        return text
    work.conflicts.append(place)
    return mine if work.prefer_mine else theirs


def _mapping(
    base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any], place: Place, work: _Work
) -> dict[str, Any]:
    merged = {}
    for key in [*mine, *(key for key in theirs if key not in mine)]:
        value = _value(base.get(key, ABSENT), theirs.get(key, ABSENT), mine.get(key, ABSENT), (*place, str(key)), work)
        if value is not ABSENT:
            merged[key] = value
    return merged


def _list(base: list[Any], theirs: list[Any], mine: list[Any], place: Place, work: _Work) -> list[Any]:
    """Merge by the parts' keys; a list whose parts have none is one value."""
    keyed = [_keyed(one) for one in (base, theirs, mine)]
    if any(one is None for one in keyed):
        work.conflicts.append(place)
        return mine if work.prefer_mine else theirs
    old, other, own = (one or {} for one in keyed)
    order = _order(list(old), list(other), list(own))
    merged = _mapping(old, other, own, place, work)
    return [merged[key] for key in order if key in merged]


def _keyed(parts: list[Any]) -> dict[str, Any] | None:
    keys = [key_of(part) for part in parts]
    return dict(zip(keys, parts, strict=True)) if None not in keys and len(set(keys)) == len(keys) else None  # type: ignore[arg-type]


def key_of(part: Any) -> str | None:
    """Return what names a part among its neighbours: its id, a lesson's name without its number, or itself."""
    if isinstance(part, str):
        return part
    if isinstance(part, Mapping) and "id" in part:
        return str(part["id"])
    if isinstance(part, Mapping) and isinstance(part.get("name"), Mapping):
        return str(part["name"]["fr"])[3:]
    return None


def _order(base: Sequence[str], theirs: Sequence[str], mine: Sequence[str]) -> list[str]:
    """Return all keys in my order where I changed it, else in theirs; those that only one side has follow their neighbour."""
    common = set(base) & set(theirs) & set(mine)
    moved = [key for key in mine if key in common] != [key for key in base if key in common]
    leading, other = (mine, theirs) if moved else (theirs, mine)
    order = list(leading)
    for place, key in enumerate(other):
        if key not in order:
            before = next((k for k in reversed(other[:place]) if k in order), None)
            order.insert(order.index(before) + 1 if before is not None else 0, key)
    return order
