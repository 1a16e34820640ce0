"""Reviews: two-minute checks of what was learnt, before it fades."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Flask, current_app

Foundation = Callable[[], Mapping[str, int]]


def init_app(app: Flask) -> None:
    """Attach the pages; nothing is of the foundation until certification says what is."""
    from training_platform.reviews.routes import blueprint

    app.extensions["foundation"] = dict
    app.register_blueprint(blueprint)


def foundation_from(app: Flask, levels: Foundation) -> None:
    """Let certification, a layer above, say which levels everybody needs: competency → level."""
    app.extensions["foundation"] = levels


def foundation() -> Mapping[str, int]:
    """Return the levels that everybody needs."""
    levels: Foundation = current_app.extensions["foundation"]
    return levels()
