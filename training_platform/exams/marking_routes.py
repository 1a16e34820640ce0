"""Pages of examiners: what is to be marked, under candidate numbers, and the rubric of one part."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform.exams import marking
from training_platform.exams.models import LONGEST_WORDS
from training_platform.exams.routes import library
from training_platform.text import Text
from training_platform.web.access import login_required
from training_platform.web.i18n import t
from training_platform.web.limits import ANSWERS, limiter
from training_platform.web.typed import typed

blueprint = Blueprint("marking", __name__, url_prefix="/exams/marking")


@blueprint.get("/")
@login_required
def index() -> str:
    """Show what the reader may mark now."""
    return render_template("exams/marking.html", waiting=marking.waiting_for(current_user.id))


@blueprint.get("/<int:row_id>")
@login_required
def work(row_id: int) -> ResponseReturnValue:
    """Show one candidate's work with its rubric."""
    return _work(row_id, {})


def _work(row_id: int, errors: dict[str, Text]) -> ResponseReturnValue:
    page = marking.page_of(current_user.id, row_id, library())
    shown = render_template("exams/mark.html", page=page, errors=errors, typed=request.form, longest=LONGEST_WORDS)
    return shown, 422 if errors else 200


@blueprint.post("/<int:row_id>")
@login_required
@limiter.limit(ANSWERS)
def mark(row_id: int) -> ResponseReturnValue:
    """Keep the marks."""
    prefix = "points-"
    points = {
        key.removeprefix(prefix): request.form.get(key, type=int) for key in request.form if key.startswith(prefix)
    }
    faults = frozenset(request.form.getlist("faults"))
    comment = typed(request.form, "comment")
    try:
        found = marking.mark(current_user.id, row_id, points, faults, comment, library(), datetime.now(UTC))
    except marking.IncompleteMarksError as problem:
        return _work(row_id, dict(problem.errors))
    if found.share is None and found.adjudicated:
        flash(t("Points gardés. Un troisième examinateur notera.", "Kept. A third examiner will mark."), "info")
    else:
        flash(t("Points gardés.", "Points kept."), "good")
    return redirect(url_for(".index"))
