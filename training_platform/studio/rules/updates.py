"""What a copy takes over from its original: changes that do not collide by themselves, the others as choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from training_platform.studio.rules import merging
from training_platform.studio.rules.merging import Place, key_of

Side = Literal["mine", "theirs"]


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """One place that both changed differently, with what each says there (empty where one took it out)."""

    key: str
    place: Place
    mine: str
    theirs: str


@dataclass(frozen=True, kw_only=True)
class Update:
    """The document of both, the places to choose for, and how many changes came in by themselves."""

    document: dict[str, Any]
    conflicts: tuple[Conflict, ...]
    brought: int


def merge(
    base: Mapping[str, Any], theirs: Mapping[str, Any], mine: Mapping[str, Any], choices: Mapping[str, Side]
) -> Update:
    """Merge three documents; where they conflict the document says mine unless theirs was chosen there."""
    own = merging.merge(base, theirs, mine)
    other = merging.merge(base, theirs, mine, prefer_mine=False)
    document: Any = own.document
    conflicts = []
    for place in own.conflicts:
        key = "/".join(place)
        conflicts.append(
            Conflict(key=key, place=place, mine=said(at(own.document, place)), theirs=said(at(other.document, place)))
        )
        if choices.get(key) == "theirs":
            document = _put(document, place, at(other.document, place))
    return Update(document=document, conflicts=tuple(conflicts), brought=len(own.brought))


def at(part: Any, place: Place) -> Any:
    """Return what is at a place, None where nothing is."""
    for name in place:
        if isinstance(part, list):
            part = next((one for one in part if key_of(one) == name), None)
        else:
            part = part.get(name) if isinstance(part, Mapping) else None
    return part


def _put(part: Any, place: Place, value: Any) -> Any:
    """Return the part with a value at a place, or without it where the value is None."""
    name, rest = place[0], place[1:]
    if isinstance(part, list):
        if rest:
            return [_put(one, rest, value) if key_of(one) == name else one for one in part]
        kept = [value if key_of(one) == name else one for one in part]
        if value is not None and not any(key_of(one) == name for one in part):
            kept.append(value)
        return [one for one in kept if one is not None]
    if not rest:
        return {**part, name: value} if value is not None else {k: v for k, v in part.items() if k != name}
    return {**part, name: _put(part[name], rest, value)}


def said(value: Any) -> str:
    """Write a value as one text, for a person to choose by."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return "\n".join(text for key, inner in value.items() if key != "id" and (text := said(inner)))
    if isinstance(value, list):
        return "\n".join(said(inner) for inner in value)
    return str(value)
