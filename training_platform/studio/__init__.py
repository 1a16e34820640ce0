"""Where training officers write and publish."""

from __future__ import annotations

from flask import Flask
from flask_login import current_user


def init_app(app: Flask) -> None:
    """Attach the pages and the menu entry."""
    from training_platform.organisation import service
    from training_platform.studio.routes import blueprint
    from training_platform.text import Text
    from training_platform.web import menu

    def officer() -> bool:
        return bool(current_user.is_authenticated) and service.has_right(current_user.id, "training_officer")

    app.register_blueprint(blueprint)
    menu.add(app, menu.MenuItem(label=Text("Atelier", "Studio"), endpoint="studio.index", place=50, visible=officer))
