"""The main navigation: each feature adds its entries, shown to those who may use them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app, request, url_for

from training_platform.text import Text


@dataclass(frozen=True, kw_only=True)
class MenuItem:
    """An entry: where it leads, who sees it, and its place (small first)."""

    label: Text
    endpoint: str
    place: int
    visible: Callable[[], bool]


@dataclass(frozen=True, kw_only=True)
class ShownItem:
    """An entry as a page shows it."""

    label: Text
    url: str
    current: bool


def init_app(app: Flask) -> None:
    """Start with an empty menu."""
    app.extensions["menu"] = []
    app.jinja_env.globals["menu"] = shown


def add(app: Flask, item: MenuItem) -> None:
    """Add one entry."""
    app.extensions["menu"].append(item)


def shown() -> list[ShownItem]:
    """Return the entries that the reader of this page may use."""
    items: list[MenuItem] = sorted(current_app.extensions["menu"], key=lambda item: item.place)
    blueprint = (request.endpoint or "").split(".")[0]
    return [
        ShownItem(label=item.label, url=url_for(item.endpoint), current=item.endpoint.split(".")[0] == blueprint)
        for item in items
        if item.visible()
    ]
