"""Meaning: search and job text to role profile."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages."""
    from training_platform.matching.routes import blueprint

    app.register_blueprint(blueprint)
