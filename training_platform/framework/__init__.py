"""The competency framework and the role profiles, to browse."""

from __future__ import annotations

from flask import Flask, current_app

from training_platform.framework import service
from training_platform.framework.rules import Framework


def init_app(app: Flask) -> None:
    """Attach the pages."""
    from training_platform.framework.routes import blueprint

    app.register_blueprint(blueprint)


def current() -> Framework:
    """Return the framework of the running application."""
    return service.load(current_app.extensions["settings"].content_folder)
