"""The page on which whoever finished a module says what they think of it."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform.catalogue import service as catalogue
from training_platform.catalogue.service import LiveModule
from training_platform.learning import ratings
from training_platform.learning.ratings import Rating
from training_platform.text import Text
from training_platform.web.access import login_required
from training_platform.web.i18n import t
from training_platform.web.limits import ANSWERS, limiter
from training_platform.web.typed import typed

blueprint = Blueprint("ratings", __name__, url_prefix="/modules/<slug>/rating")


@blueprint.get("/")
@login_required
def show(slug: str) -> ResponseReturnValue:
    """Show the person's own rating, to give or to change."""
    live = catalogue.live_by_slug(slug)
    enrolment = ratings.finished(current_user.id, live.module_id)
    return _page(live, ratings.rating_of(current_user.id, enrolment.version_id), {})


def _page(live: LiveModule, rating: Rating, errors: dict[str, Text]) -> ResponseReturnValue:
    page = render_template("learning/rating.html", module=live, rating=rating, errors=errors)
    return page, 422 if errors else 200


@blueprint.post("/")
@login_required
@limiter.limit(ANSWERS)
def rate(slug: str) -> ResponseReturnValue:
    """Keep the rating, or show the form again with what is wrong beside its field."""
    live = catalogue.live_by_slug(slug)
    enrolment = ratings.finished(current_user.id, live.module_id)
    rating = Rating(score=request.form.get("score", type=int), remark=typed(request.form, "remark"))
    if errors := ratings.check(rating):
        return _page(live, rating, errors)
    ratings.rate(current_user.id, enrolment.version_id, rating, datetime.now(UTC))
    flash(
        t("Merci : les auteurs liront votre avis sans votre nom.", "Thank you: the authors read it without your name."),
        "good",
    )
    return redirect(url_for("recommendations.path"))
