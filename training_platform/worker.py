"""The background worker: ``celery --app training_platform.worker worker``, on the broker that SILLAGE_BROKER names."""

from __future__ import annotations

from training_platform import create_app

app = create_app()
celery = app.extensions["celery"]
