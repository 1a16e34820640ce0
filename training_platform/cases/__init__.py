"""Governance cases: branching decision simulations with written reasons, consequences that carry over, a debrief."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, current_app

from training_platform.cases import service
from training_platform.cases.format import Case


def init_app(app: Flask) -> None:
    """Attach the pages, and offer the links that pages of modules and certifications show."""
    from training_platform.cases.routes import blueprint

    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(
        cases_of_module=lambda code: service.of_modules(current().values(), [code]),
        cases_of_track=lambda track_id: service.of_track(current().values(), track_id),
    )


def current() -> Mapping[str, Case]:
    """Return the cases of the running application by slug."""
    return service.cases(current_app.extensions["settings"].content_folder)
