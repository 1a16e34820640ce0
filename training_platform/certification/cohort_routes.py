"""Pages of cohorts: those that one follows, one of them, and the page that asks for consent."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.certification import cohorts
from training_platform.certification.routes import all_tracks, content_folder
from training_platform.text import Text
from training_platform.web.access import login_required
from training_platform.web.i18n import t
from training_platform.web.limits import limiter
from training_platform.web.typed import typed

blueprint = Blueprint("cohorts", __name__, url_prefix="/certifications/cohorts")
JOINING = "20 per minute"


@blueprint.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Show the cohorts that the reader follows, and open one."""
    return _index()


def _index(errors: dict[str, Text] | None = None) -> ResponseReturnValue:
    page = render_template(
        "certification/cohorts.html",
        followed=cohorts.followed(current_user.id, content_folder()),
        tracks=all_tracks(),
        errors=errors or {},
        longest=cohorts.LONGEST_NAME,
        typed=request.form,
    )
    return page, 422 if errors else 200


@blueprint.post("/")
@login_required
def create() -> ResponseReturnValue:
    """Open a cohort."""
    name, track = typed(request.form, "name"), request.form.get("track", "")
    try:
        row = cohorts.create(current_user.id, content_folder(), name, track, datetime.now(UTC))
    except cohorts.CohortNameError as error:
        return _index({"name": error.message})
    flash(t("La promotion est ouverte. Donnez son lien.", "The cohort is open. Give its link."), "good")
    return redirect(url_for(".cohort", cohort_id=row.id))


@blueprint.get("/<int:cohort_id>")
@login_required
def cohort(cohort_id: int) -> str:
    """Show how far each consenting member is."""
    now = datetime.now(UTC)
    shown = cohorts.own(current_user.id, cohort_id, content_folder())
    found = cohorts.members(current_user.id, cohort_id, content_folder(), framework.current(), now)
    link = url_for(".consent", code=shown.code, _external=True)
    return render_template("certification/cohort.html", cohort=shown, members=found, link=link)


@blueprint.post("/<int:cohort_id>/close")
@login_required
def close(cohort_id: int) -> ResponseReturnValue:
    """End a cohort."""
    cohorts.close(current_user.id, cohort_id, content_folder(), datetime.now(UTC))
    flash(t("La promotion est close : plus personne n'est suivi.", "The cohort is closed: nobody is followed."), "info")
    return redirect(url_for(".index"))


@blueprint.get("/join/<code>")
@login_required
@limiter.limit(JOINING)
def consent(code: str) -> str:
    """Say what the follower will see, and ask; or why there is nothing to join for."""
    cohort = cohorts.by_code(code, content_folder())
    obstacle = cohorts.obstacle_of(current_user.id, cohort, datetime.now(UTC))
    return render_template("certification/consent.html", cohort=cohort, obstacle=obstacle)


@blueprint.post("/join/<code>")
@login_required
@limiter.limit(JOINING)
def join(code: str) -> ResponseReturnValue:
    """Consent."""
    shown = cohorts.join(current_user.id, code, content_folder(), datetime.now(UTC))
    flash(
        t(
            f"Vous avez rejoint « {shown.name} ». Vous pouvez la quitter à tout moment, en bas de cette page.",
            f"You have joined “{shown.name}”. You can leave it at any time, at the bottom of this page.",
        ),
        "good",
    )
    return redirect(url_for("certification.track", track_id=shown.track.id))


@blueprint.post("/<int:cohort_id>/leave")
@login_required
def leave(cohort_id: int) -> ResponseReturnValue:
    """Withdraw the consent."""
    cohorts.leave(current_user.id, cohort_id, datetime.now(UTC))
    flash(t("Vous n'êtes plus suivi dans cette promotion.", "You are no longer followed in this cohort."), "info")
    return redirect(url_for("certification.index"))
