"""Units, positions and rights: where people work and who may see whom."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages."""
