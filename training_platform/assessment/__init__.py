"""Questions, answers, evidence and estimates."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages."""
    from training_platform.accounts import signed_in
    from training_platform.assessment.routes import blueprint
    from training_platform.text import Text
    from training_platform.web import menu

    app.register_blueprint(blueprint)
    label = Text("Mes niveaux", "My levels")
    covers = frozenset({"portfolio", "placement"})
    menu.add(app, menu.MenuItem(label=label, endpoint="assessment.levels", place=20, visible=signed_in, covers=covers))
