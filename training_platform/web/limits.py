"""Rate limits, by person where signed in and by address otherwise."""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user


def _caller() -> str:
    """Name the caller: a shared workstation must not throttle a whole ward once people are signed in."""
    if current_user and current_user.is_authenticated:
        return f"person:{current_user.get_id()}"
    return get_remote_address()


limiter = Limiter(_caller)
SIGN_IN = "10 per minute; 60 per hour"
ANSWERS = "90 per minute"
UPLOADS = "20 per minute"
"""Files are read whole, unpacked and checked before they are kept or refused."""


def init_app(app: Flask) -> None:
    """Attach the limiter; its store and switch come from the settings."""
    limiter.init_app(app)
