"""What people need against what the catalogue teaches, what to write next, and what works."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages; the studio links to them."""
    from training_platform.coverage.routes import blueprint

    app.register_blueprint(blueprint)
