"""Reviews: two-minute checks of what was learnt, before it fades."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, current_app

FOUNDATION = "T1"
"""The track that everybody follows: its levels are worth more care than the rest."""


def init_app(app: Flask) -> None:
    """Attach the pages."""
    from training_platform.reviews.routes import blueprint

    app.register_blueprint(blueprint)


def foundation() -> Mapping[str, int]:
    """Return the levels that everybody needs, none where this installation has no foundation track."""
    from training_platform.tracks import service as tracks

    track = tracks.current(current_app.extensions["settings"].content_folder).get(FOUNDATION)
    return track.min_levels if track else {}
