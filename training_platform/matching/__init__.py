"""Meaning: search, job text to role profile, competencies of a text, near-duplicates."""

from __future__ import annotations

from flask import Flask, current_app

from training_platform.matching.service import Meaning


def init_app(app: Flask) -> None:
    """Attach the pages."""
    from training_platform.matching.routes import blueprint

    app.register_blueprint(blueprint)


def current() -> Meaning:
    """Return the encoder and the indexes of the running application."""
    settings = current_app.extensions["settings"]
    return Meaning(model=settings.model, folder=settings.index_folder, kind=settings.index_kind)
