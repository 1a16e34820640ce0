"""Pages of the studio: the list of modules; the other pages of the studio hang on the same blueprint."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import Blueprint, current_app, render_template, request
from flask_login import current_user

from training_platform import framework
from training_platform.studio import listing, offering
from training_platform.studio.rules.workflow import STATES
from training_platform.web.access import login_required
from training_platform.web.typed import typed

if TYPE_CHECKING:
    from config import Settings

blueprint = Blueprint("studio", __name__, url_prefix="/studio")


def settings() -> Settings:
    """Return the settings, of which the studio needs four eyes and the time zone."""
    return cast("Settings", current_app.extensions["settings"])


@blueprint.get("/")
@login_required
def index() -> str:
    """Show what waits for the officer, and the modules within reach."""
    found = listing.lines(current_user.id, four_eyes=settings().four_eyes)
    filters = listing.Filters(
        state=request.args.get("state", ""), domain=request.args.get("domain", ""), words=typed(request.args, "q")
    )
    return render_template(
        "studio/index.html",
        waiting=listing.waiting(found),
        lines=listing.kept(found, filters),
        offers=offering.offers_to(current_user.id),
        filters=filters,
        states=STATES,
        framework=framework.current(),
    )
