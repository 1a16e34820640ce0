"""Pages of the studio: the list of modules, publication; the editor's pages hang on the same blueprint."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.catalogue import service as catalogue
from training_platform.recommendations import tasks
from training_platform.studio import service
from training_platform.web.access import login_required
from training_platform.web.i18n import t

blueprint = Blueprint("studio", __name__, url_prefix="/studio")


@blueprint.get("/")
@login_required
def index() -> str:
    """Show the modules to edit."""
    service.require_officer(current_user.id)
    return render_template("studio/index.html", modules=catalogue.live_modules(), framework=framework.current())


@blueprint.post("/<slug>/publish")
@login_required
def publish(slug: str) -> ResponseReturnValue:
    """Publish the draft as a new version, or say what prevents it."""
    try:
        version = service.publish(current_user.id, slug, framework.current(), datetime.now(UTC))
    except service.DraftProblemsError as error:
        return render_template("studio/problems.html", slug=slug, problems=error.problems), 422
    tasks.replan_soon("catalogue")
    flash(t(f"Version {version.number} publiée.", f"Version {version.number} published."), "good")
    return redirect(url_for("catalogue.module", slug=slug))
