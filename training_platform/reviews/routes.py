"""Pages of the reviews: the checks of today, one check, its result."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework, matching, reviews
from training_platform.assessment.sittings import SittingView, UnknownSittingError
from training_platform.catalogue import grading
from training_platform.recommendations.situation import Situation, situation_of
from training_platform.reviews import cards, checks, results, service
from training_platform.text import Text
from training_platform.web.access import login_required
from training_platform.web.i18n import t
from training_platform.web.limits import ANSWERS, limiter

blueprint = Blueprint("reviews", __name__, url_prefix="/reviews")


def _situation() -> Situation:
    now, minutes = datetime.now(UTC), current_user.minutes_per_week
    return situation_of(current_user.id, framework.current(), now, minutes, matching.current())


@blueprint.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Show the checks of today, and when the next ones come."""
    now, situation, foundation = datetime.now(UTC), _situation(), reviews.foundation()
    cards.add_tested(current_user.id, situation, foundation, now)
    return render_template(
        "reviews/index.html",
        today=service.today_of(current_user.id, situation, foundation, now),
        framework=framework.current(),
    )


@blueprint.post("/<int:card>")
@login_required
def begin(card: int) -> ResponseReturnValue:
    """Begin or resume the check of a card."""
    sitting = checks.begin(current_user.id, card, _situation(), datetime.now(UTC))
    return redirect(url_for(".check", sitting=sitting))


@blueprint.post("/<int:card>/postpone")
@login_required
def postpone(card: int) -> ResponseReturnValue:
    """Put a check off by a few days."""
    service.postpone(current_user.id, card, datetime.now(UTC))
    flash(
        t(
            "C'est noté : cette révision reviendra dans trois jours, ou avant si une date l'exige.",
            "Noted: this review comes back in three days, or earlier where a date requires it.",
        ),
        "info",
    )
    return redirect(url_for(".index"))


@blueprint.get("/checks/<int:sitting>")
@login_required
def check(sitting: int) -> ResponseReturnValue:
    """Show the question to answer, or the feedback just earned."""
    view, _ = checks.check_of(current_user.id, sitting)
    if view.finished:
        return redirect(url_for(".result", sitting=sitting))
    return _show(view)


def _show(view: SittingView, error: Text | None = None) -> ResponseReturnValue:
    after = request.args.get("after", type=int)
    page = render_template(
        "reviews/check.html",
        sitting=view,
        after=after if after in view.given else None,
        shuffled=grading.shuffled,
        error=error,
        typed=request.form,
    )
    return page, 422 if error else 200


@blueprint.post("/checks/<int:sitting>/<int:question>")
@login_required
@limiter.limit(ANSWERS)
def answer(sitting: int, question: int) -> ResponseReturnValue:
    """Keep an answer and show its feedback."""
    view, _ = checks.check_of(current_user.id, sitting)
    asked = dict(view.questions).get(question)
    if asked is None:
        raise UnknownSittingError
    reading = grading.read_answer(asked, request.form.to_dict(flat=False))
    if reading.given is None:
        return _show(view, reading.error)
    now = datetime.now(UTC)
    if checks.answer(current_user.id, sitting, question, reading.given, now):
        checks.finish(current_user.id, sitting, _situation(), reviews.foundation(), now)
        return redirect(url_for(".result", sitting=sitting))
    return redirect(url_for(".check", sitting=sitting, after=question))


@blueprint.post("/checks/<int:sitting>/finish")
@login_required
def finish(sitting: int) -> ResponseReturnValue:
    """Close a check whose last answer was kept without closing it."""
    checks.finish(current_user.id, sitting, _situation(), reviews.foundation(), datetime.now(UTC))
    return redirect(url_for(".result", sitting=sitting))


@blueprint.get("/checks/<int:sitting>/result")
@login_required
def result(sitting: int) -> ResponseReturnValue:
    """Say what the check found, what it changed, and what to read again."""
    view, _ = checks.check_of(current_user.id, sitting)
    if not view.finished:
        return redirect(url_for(".check", sitting=sitting))
    now, situation = datetime.now(UTC), _situation()
    return render_template(
        "reviews/result.html",
        sitting=view,
        result=results.result_of(current_user.id, sitting, situation, now),
        left=service.today_of(current_user.id, situation, reviews.foundation(), now),
        framework=framework.current(),
    )
