"""Workplace proof: handed in by a person, validated or refused by a second one."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages."""
