"""What all pages share: the one commit, access, errors, headers, languages, filters."""

from __future__ import annotations

from flask import Flask

from training_platform.web import errors, headers, i18n, limits, menu, transaction


def init_app(app: Flask) -> None:
    """Attach what every request passes through."""
    for part in (headers, limits, i18n, menu, errors, transaction):
        part.init_app(app)
