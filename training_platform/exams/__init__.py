"""Exams: drawn by blueprint from the reserved bank, timed by the server, marked by two examiners where needed."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages."""
