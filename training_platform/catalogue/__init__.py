"""Modules, their versions, and the shipped content."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages and the menu entry."""
    from training_platform.catalogue.routes import blueprint
    from training_platform.text import Text
    from training_platform.web import menu

    app.register_blueprint(blueprint)
    label = Text("Catalogue", "Catalogue")
    quiz = {f"assessment.{page}" for page in ("quiz", "question", "answer", "finish")}
    covers = frozenset({"learning", "labs", "cases", "matching.search", "ratings", *quiz})
    menu.add(app, menu.MenuItem(label=label, endpoint="catalogue.index", place=30, visible=lambda: True, covers=covers))
