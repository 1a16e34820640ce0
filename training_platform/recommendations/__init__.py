"""From gaps to a path, with reasons."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages and the menu entry."""
    from training_platform.accounts import signed_in
    from training_platform.recommendations.routes import blueprint
    from training_platform.text import Text
    from training_platform.web import menu

    app.register_blueprint(blueprint)
    path = menu.MenuItem(
        label=Text("Mon parcours", "My path"), endpoint="recommendations.path", place=10, visible=signed_in
    )
    menu.add(app, path)
