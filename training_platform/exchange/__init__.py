"""Formats and standards in and out: questions of other systems, printable modules."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages."""
