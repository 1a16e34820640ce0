"""Pages of the studio: the list of modules; the editor, the workflow and the versions hang their pages on the same blueprint."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request
from flask_login import current_user

from training_platform import framework
from training_platform.studio import listing, sharing
from training_platform.studio.rules.workflow import STATES
from training_platform.web.access import login_required
from training_platform.web.typed import typed

blueprint = Blueprint("studio", __name__, url_prefix="/studio")


@blueprint.get("/")
@login_required
def index() -> str:
    """Show what waits for the officer, and the modules within reach."""
    found = listing.lines(current_user.id, four_eyes=current_app.extensions["settings"].four_eyes)
    filters = listing.Filters(
        state=request.args.get("state", ""), domain=request.args.get("domain", ""), words=typed(request.args, "q")
    )
    return render_template(
        "studio/index.html",
        waiting=listing.waiting(found),
        lines=listing.kept(found, filters),
        offers=sharing.offers_to(current_user.id),
        filters=filters,
        states=STATES,
        framework=framework.current(),
    )
