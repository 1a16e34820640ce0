"""What gunicorn loads before it forks: the application with its encoder and indexes in memory that the workers share."""

from __future__ import annotations

from training_platform import create_app, framework
from training_platform.db import db
from training_platform.matching import service as matching

app = create_app()
with app.app_context():
    matching.warm(framework.current(), app.extensions["settings"].model)
    db.session.remove()
    db.engine.dispose()
