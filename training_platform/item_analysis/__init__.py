"""How the questions behave: statistics, calibration of item parameters, advice to authors."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages and the command."""
    from training_platform.item_analysis.commands import items
    from training_platform.item_analysis.routes import blueprint

    app.register_blueprint(blueprint)
    app.cli.add_command(items)
