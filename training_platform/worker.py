"""The background worker: ``celery --app training_platform.worker worker``, on the broker that SILLAGE_BROKER names."""

from __future__ import annotations

import os
import sys

# One thread for numerical libraries in each worker process: more workers, not more threads, use more cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from training_platform import create_app

celery = create_app().extensions.get("celery")
if celery is None:
    sys.exit("The worker needs a broker: set SILLAGE_BROKER, for example redis://127.0.0.1:6379/0.")
