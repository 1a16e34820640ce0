"""Hands-on exercises on synthetic data, placed by a lesson: the reader moves something and sees what it does."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages."""
    from training_platform.labs.routes import blueprint

    app.register_blueprint(blueprint)
