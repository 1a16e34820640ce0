"""The main navigation: each feature adds its entries, shown to those who may use them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from flask import Flask, current_app, request, url_for

from training_platform.text import Text


@dataclass(frozen=True, kw_only=True)
class MenuItem:
    """An entry: where it leads, who sees it, its place (small first), and what else is reached through it."""

    label: Text
    endpoint: str
    place: int
    visible: Callable[[], bool]
    covers: frozenset[str] = frozenset()
    """Blueprints and single endpoints that belong to this entry, besides the blueprint of its own page; an endpoint
    that one entry names belongs to no other."""


@dataclass(frozen=True, kw_only=True)
class ShownItem:
    """An entry as a page shows it."""

    label: Text
    url: str
    current: Literal["page", "true", ""]
    """What ``aria-current`` says: this very page, a page of this section, or nothing."""


def init_app(app: Flask) -> None:
    """Start with an empty menu."""
    app.extensions["menu"] = []
    app.jinja_env.globals.update(menu=shown, here=here)


def here() -> str:
    """Return the address to come back to: this page's, or where a page answers a form, that of the page of the form."""
    if request.method in ("GET", "HEAD"):
        return request.full_path
    return _path_of(_referrer())


def came_from() -> str:
    """Return the address of the page before this one where it is of this site and another, else nothing."""
    parts = _referrer()
    same = request.method == "GET" and parts.path == request.path
    return "" if same or parts.netloc != request.host else _path_of(parts)


def _referrer() -> SplitResult:
    try:
        return urlsplit(request.referrer or "")
    except ValueError:
        return urlsplit("")


def _path_of(parts: SplitResult) -> str:
    return "/" + parts.path.lstrip("/") + (f"?{parts.query}" if parts.query else "")


def add(app: Flask, item: MenuItem) -> None:
    """Add one entry."""
    app.extensions["menu"].append(item)


def shown() -> list[ShownItem]:
    """Return the entries that the reader of this page may use."""
    items: list[MenuItem] = sorted(current_app.extensions["menu"], key=lambda item: item.place)
    return [
        ShownItem(label=item.label, url=url_for(item.endpoint), current=_current(item))
        for item in items
        if item.visible()
    ]


def _current(item: MenuItem) -> Literal["page", "true", ""]:
    if request.endpoint == item.endpoint:
        return "page"
    if any(request.endpoint in other.covers for other in current_app.extensions["menu"]):
        return "true" if request.endpoint in item.covers else ""
    return "true" if request.blueprint in item.covers | {item.endpoint.split(".")[0]} else ""
