"""Commands: ``flask --app training_platform <command>``."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the commands."""
