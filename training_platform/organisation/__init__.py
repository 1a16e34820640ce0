"""Units, positions and rights: where people work and who may see whom."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, g
from flask_login import current_user


def init_app(app: Flask) -> None:
    """Attach the pages and the menu entry."""
    from training_platform.organisation.routes import blueprint
    from training_platform.text import Text
    from training_platform.web import menu

    app.register_blueprint(blueprint)
    label = Text("Structures et personnels", "Units and staff")
    visible = holder_of("administrator")
    menu.add(app, menu.MenuItem(label=label, endpoint="organisation.index", place=60, visible=visible))


def holder_of(*rights: str) -> Callable[[], bool]:
    """Return the test whether whoever reads a page holds one of these rights anywhere; one query a page."""

    def holds() -> bool:
        if not current_user.is_authenticated:
            return False
        if "rights" not in g:
            from training_platform.organisation import service

            g.rights = service.rights_of(current_user.id)
        return not g.rights.isdisjoint(rights)

    return holds
