"""Certificates: issued, renewed, revoked, and verifiable by anyone."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages."""
