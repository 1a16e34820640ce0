"""Finding out in minutes what a person knows: the placement, and the short test of one module."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages."""
    from training_platform.placement.routes import blueprint

    app.register_blueprint(blueprint)
