"""Who signs here: the site as the settings describe it."""

from __future__ import annotations

from flask import current_app

from training_platform.awards.keys import Site


def site() -> Site:
    """Return the site of the running application."""
    settings = current_app.extensions["settings"]
    return Site(url=settings.public_url.rstrip("/"), name=settings.name, secret=settings.secret_key)
