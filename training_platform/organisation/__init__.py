"""Units, positions and rights: where people work and who may see whom."""

from __future__ import annotations

from flask import Flask
from flask_login import current_user


def init_app(app: Flask) -> None:
    """Attach the pages and the menu entry."""
    from training_platform.organisation import service
    from training_platform.organisation.routes import blueprint
    from training_platform.text import Text
    from training_platform.web import menu

    def administrator() -> bool:
        return bool(current_user.is_authenticated) and service.has_right(current_user.id, "administrator")

    app.register_blueprint(blueprint)
    label = Text("Structures et personnels", "Units and staff")
    menu.add(app, menu.MenuItem(label=label, endpoint="organisation.index", place=60, visible=administrator))
