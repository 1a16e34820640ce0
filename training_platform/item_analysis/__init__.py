"""How the questions behave: statistics, calibration of item parameters, advice to authors."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages."""
