"""Questions, answers, evidence and estimates."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages."""
    from training_platform.assessment.routes import blueprint

    app.register_blueprint(blueprint)
