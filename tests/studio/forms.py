"""Forms of the studio's pages, as a browser would send them, and the queries that a page costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

from sqlalchemy import event

from tests.pages import Page, X
from training_platform.db import db


def fields(page: Page, form: str = "editor", **changes: str) -> dict[str, Any]:
    """Return a form as the browser would send it, changed; a change to "" of a box unticks it."""
    root = next(element for element in page.tree.iter(f"{X}form") if element.get("id") == form)
    sent: dict[str, Any] = {}
    for element in root.iter():
        name = element.get("name")
        if name and name != "do":
            _read(element, name, sent)
    return {name: value for name, value in (sent | changes).items() if value is not None}


def _read(element: Element, name: str, sent: dict[str, Any]) -> None:
    tag, kind = element.tag.removeprefix(X), element.get("type")
    if tag == "textarea":
        sent[name] = "".join(element.itertext()).removeprefix("\n")
    elif tag == "select":
        options = list(element.iter(f"{X}option"))
        chosen = next((one for one in options if one.get("selected") is not None), options[0])
        sent[name] = chosen.get("value") or ""
    elif tag == "input" and (kind not in ("checkbox", "radio") or element.get("checked") is not None):
        sent[name] = element.get("value", "")


def queries_of(work: Callable[[], object]) -> list[str]:
    """Return the SQL that some work sends."""
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(db.engine, "before_cursor_execute", note)
    work()
    event.remove(db.engine, "before_cursor_execute", note)
    return statements
