"""Spaced recall of what was learnt: two-minute checks when memory would fade."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages."""
