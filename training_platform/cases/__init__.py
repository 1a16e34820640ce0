"""Governance cases: branching decision simulations with written reasons, consequences that carry over, a debrief."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages."""
