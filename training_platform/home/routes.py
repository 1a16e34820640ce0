"""Pages of the home."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, current_app, render_template
from flask_login import current_user

from training_platform import framework, matching, reviews
from training_platform.exams import marking
from training_platform.home import service
from training_platform.organisation import holder_of
from training_platform.recommendations import service as recommendations
from training_platform.recommendations.situation import situation_of
from training_platform.reviews import service as review_service
from training_platform.studio import listing
from training_platform.web.i18n import t

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def index() -> str:
    """Answer what next, how long, why; or say what the site is to somebody who is not signed in."""
    if not current_user.is_authenticated:
        return render_template("home/index.html", title=current_app.extensions["settings"].name)
    current, now = framework.current(), datetime.now(UTC)
    eyes = current_app.extensions["settings"].four_eyes
    pace, meaning = current_user.minutes_per_week, matching.current()
    situation = situation_of(current_user.id, current, now, pace, meaning)
    return render_template(
        "home/index.html",
        title=t("Bonjour ", "Hello ") + str(current_user.name),
        path=recommendations.propose(current_user.id, situation, now),
        framework=current,
        work_to_mark=len(marking.waiting_for(current_user.id)) if holder_of("examiner")() else 0,
        calls=service.calls_of(current_user.id, now),
        drafts_waiting=listing.count_waiting(current_user.id, four_eyes=eyes) if holder_of("training_officer")() else 0,
        reviews=review_service.today_of(current_user.id, situation, reviews.foundation(), now),
    )


@blueprint.get("/about")
def about() -> str:
    """Say what the platform is, what it keeps and where its texts come from."""
    return render_template("home/about.html")
