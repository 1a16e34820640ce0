"""What gunicorn loads before it forks: the application with its encoder and indexes in memory that the workers share."""

from __future__ import annotations

from training_platform import create_app, framework, matching
from training_platform.db import db
from training_platform.matching import service

app = create_app()
with app.app_context():
    service.warm(framework.current(), matching.current())
    db.session.remove()
    db.engine.dispose()
