"""The only commit: a request that ends well is kept whole, any other leaves nothing."""

from __future__ import annotations

from flask import Flask, Response

from training_platform.db import db


def init_app(app: Flask) -> None:
    """Commit after the view and before the answer leaves, so that a failed commit is still an error page."""
    app.after_request(_finish)


def _finish(response: Response) -> Response:
    if response.status_code < 400:
        db.session.commit()
    else:
        db.session.rollback()
    return response
