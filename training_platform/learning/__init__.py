"""Reading, resuming, completing."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages."""
    from training_platform.learning import ratings
    from training_platform.learning.rating_routes import blueprint as rating_pages
    from training_platform.learning.routes import blueprint

    app.register_blueprint(blueprint)
    app.register_blueprint(rating_pages)
    app.jinja_env.globals.update(rating_scores=ratings.SCORES, rating_longest=ratings.LONGEST_REMARK)
