"""Pages of certification: all tracks with the person's distance, one track with what is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, current_app, render_template
from flask_login import current_user

from training_platform import framework
from training_platform.catalogue import service as catalogue
from training_platform.certification import service
from training_platform.web.access import login_required

blueprint = Blueprint("certification", __name__, url_prefix="/certifications")


def _content() -> Path:
    return Path(current_app.extensions["settings"].content_folder)


@blueprint.get("/")
@login_required
def index() -> str:
    """Show each track with requirements met and missing."""
    chosen = list(service.tracks(_content()).values())
    found = service.progress_of(current_user.id, chosen, framework.current(), datetime.now(UTC))
    return render_template("certification/index.html", progress=found)


@blueprint.get("/<track_id>")
@login_required
def track(track_id: str) -> str:
    """Show what one track asks, what is met, and the next thing to do."""
    chosen = service.track(_content(), track_id)
    (found,) = service.progress_of(current_user.id, [chosen], framework.current(), datetime.now(UTC))
    modules = {live.code: live for live in catalogue.live_modules()}
    return render_template("certification/track.html", progress=found, modules=modules, framework=framework.current())
