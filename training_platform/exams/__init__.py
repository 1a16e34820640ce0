"""Exams: drawn by blueprint from the reserved bank, timed by the server, marked by two examiners where needed."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages of candidates, examiners and training officers."""
    from training_platform.exams import marking_routes, office_routes, routes

    for part in (routes, marking_routes, office_routes):
        app.register_blueprint(part.blueprint)
