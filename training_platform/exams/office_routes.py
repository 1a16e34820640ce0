"""Pages of training officers: extra time, what the reserved bank lacks, appeals to decide."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.errors import RefusedError
from training_platform.exams import accommodations, appeals, reserved_bank
from training_platform.exams.models import LONGEST_NOTE, LONGEST_WORDS
from training_platform.exams.routes import library
from training_platform.text import Text
from training_platform.tracks import service as tracks
from training_platform.web.access import login_required
from training_platform.web.i18n import t
from training_platform.web.limits import ANSWERS, limiter
from training_platform.web.typed import typed

blueprint = Blueprint("exam_office", __name__, url_prefix="/exams/office")


@blueprint.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Show what exams need from the training officer."""
    return _index()


def _index(
    error: Text | None = None, appeal_id: int | None = None, note_error: Text | None = None
) -> ResponseReturnValue:
    """Show the page; an error is beside the appeal that it is about, or else in the form of extra time."""
    current = tracks.current(Path(current_app.extensions["settings"].content_folder))
    page = render_template(
        "exams/office.html",
        appeals=appeals.appeals_for(current_user.id),
        granted=accommodations.granted(current_user.id),
        banks=reserved_bank.bank_states(current_user.id, current.values(), framework.current(), library()),
        framework=framework.current(),
        error=error,
        refused=appeal_id,
        note_error=note_error,
        typed=request.form,
        longest=LONGEST_WORDS,
        longest_note=LONGEST_NOTE,
    )
    return page, 422 if error or note_error else 200


@blueprint.post("/extra-time")
@login_required
@limiter.limit(ANSWERS)
def grant() -> ResponseReturnValue:
    """Grant extra time."""
    extra = request.form.get("extra", type=int) or 0
    try:
        accommodations.grant(
            current_user.id, typed(request.form, "email"), extra, typed(request.form, "note"), datetime.now(UTC)
        )
    except accommodations.NoteTooLongError as problem:
        return _index(note_error=problem.message)
    except RefusedError as problem:
        return _index(problem.message)
    flash(t("Le temps supplémentaire est accordé.", "Extra time is granted."), "good")
    return redirect(url_for(".index"))


@blueprint.post("/extra-time/<int:accommodation_id>/end")
@login_required
def end(accommodation_id: int) -> ResponseReturnValue:
    """End extra time."""
    accommodations.end(current_user.id, accommodation_id, datetime.now(UTC))
    flash(t("L'aménagement est terminé.", "The accommodation has ended."), "info")
    return redirect(url_for(".index"))


@blueprint.post("/appeals/<int:appeal_id>")
@login_required
@limiter.limit(ANSWERS)
def decide(appeal_id: int) -> ResponseReturnValue:
    """Decide an appeal."""
    decision, answer = request.form.get("decision", ""), typed(request.form, "answer")
    try:
        appeals.decide(current_user.id, appeal_id, decision, answer, datetime.now(UTC))
    except appeals.AppealFormError as problem:
        return _index(problem.message, appeal_id)
    flash(t("La décision est rendue ; le candidat la lit.", "Decided; the candidate reads it."), "good")
    return redirect(url_for(".index"))
