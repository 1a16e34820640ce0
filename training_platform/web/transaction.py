"""The only commit: a request that ends well is kept whole, any other leaves nothing."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, g

from training_platform.db import db


def init_app(app: Flask) -> None:
    """Commit after the view and before the answer leaves, so that a failed commit is still an error page."""
    app.after_request(_finish)


def after_commit(act: Callable[[], object]) -> None:
    """Have something done once this request is kept, and only then: mail tells of nothing that was not, and holds no lock."""
    g.setdefault("after_commit", []).append(act)


def _finish(response: Response) -> Response:
    if response.status_code < 400:
        db.session.commit()
        for act in g.pop("after_commit", ()):
            act()
    else:
        g.pop("after_commit", None)
        db.session.rollback()
    return response
