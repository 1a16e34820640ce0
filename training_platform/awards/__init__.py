"""Certificates: issued, renewed, revoked, and verifiable by anyone."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages, the published keys and the commands."""
    from training_platform.awards.commands import awards
    from training_platform.awards.public_routes import blueprint as public
    from training_platform.awards.routes import blueprint

    for part in (blueprint, public):
        app.register_blueprint(part)
    app.cli.add_command(awards)
