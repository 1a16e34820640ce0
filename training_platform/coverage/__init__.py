"""What the modules cover of what people need, what to write next, and what works."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages."""
