"""Pages of the placement and of the short test of one module."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework, matching
from training_platform.assessment import sittings
from training_platform.catalogue import grading, visible
from training_platform.errors import RefusedError
from training_platform.placement import service
from training_platform.recommendations.asked import plan_once
from training_platform.recommendations.situation import Situation, situation_of
from training_platform.text import Text
from training_platform.web.access import login_required
from training_platform.web.i18n import t
from training_platform.web.limits import ANSWERS, limiter

blueprint = Blueprint("placement", __name__, url_prefix="/placement")


def _situation() -> Situation:
    now, minutes = datetime.now(UTC), current_user.minutes_per_week
    return situation_of(current_user.id, framework.current(), now, minutes, matching.current())


@blueprint.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Say what the placement is, and begin or resume it."""
    begun = service.unfinished(current_user.id, "placement")
    return render_template("placement/index.html", begun=begun, situation=_situation())


@blueprint.post("/")
@login_required
def begin() -> ResponseReturnValue:
    """Begin or resume the placement."""
    if not _situation().positions:
        raise RefusedError(Text("Dites d'abord quel est votre poste.", "First say what your job is."))
    sitting = service.begin(current_user.id, "placement", datetime.now(UTC))
    return redirect(url_for(".question", sitting=sitting.id))


@blueprint.post("/modules/<slug>")
@login_required
def test_module(slug: str) -> ResponseReturnValue:
    """Begin or resume the short test of a module that the person may know already."""
    live = visible.module_for(current_user.id, slug)
    if live.planned:
        raise RefusedError(Text("Ce module n'a pas encore de questions.", "This module has no questions yet."))
    sitting = service.begin(current_user.id, "test_out", datetime.now(UTC), live.version_id)
    return redirect(url_for(".question", sitting=sitting.id))


@blueprint.get("/<int:sitting>")
@login_required
def question(sitting: int) -> ResponseReturnValue:
    """Show the open question, or lead to the result."""
    view = service.next_question(current_user.id, sitting, _situation(), datetime.now(UTC))
    if view.finished:
        return redirect(url_for(".result", sitting=sitting))
    return _show(view)


def _show(view: sittings.SittingView, error: Text | None = None) -> ResponseReturnValue:
    page = render_template(
        "placement/question.html",
        view=view,
        most=service.MOST_QUESTIONS if view.kind == "placement" else service.MOST_IN_A_TEST,
        shuffled=grading.shuffled,
        error=error,
        typed=request.form,
    )
    return page, 422 if error else 200


@blueprint.post("/<int:sitting>/<int:question>")
@login_required
@limiter.limit(ANSWERS)
def answer(sitting: int, question: int) -> ResponseReturnValue:
    """Keep an answer and go on."""
    view = sittings.sitting_of(current_user.id, sitting)
    asked = dict(view.questions).get(question)
    if asked is None:
        raise sittings.UnknownSittingError
    reading = grading.read_answer(asked, request.form.to_dict(flat=False))
    if reading.given is None:
        return _show(view, reading.error)
    sittings.answer(current_user.id, sitting, question, reading.given, datetime.now(UTC))
    return redirect(url_for(".question", sitting=sitting))


@blueprint.post("/<int:sitting>/stop")
@login_required
def stop(sitting: int) -> ResponseReturnValue:
    """End the series early."""
    service.stop(current_user.id, sitting, datetime.now(UTC))
    return redirect(url_for(".result", sitting=sitting))


@blueprint.get("/<int:sitting>/result")
@login_required
def result(sitting: int) -> ResponseReturnValue:
    """Say what was found, how sure, what it spares; and let the person contest."""
    now, situation = datetime.now(UTC), _situation()
    view = sittings.sitting_of(current_user.id, sitting)
    if not view.finished:
        return redirect(url_for(".question", sitting=sitting))
    found = service.result_of(current_user.id, view, situation, now)
    module = next((live for live in situation.modules.values() if live.version_id == view.version_id), None)
    known = module is not None and service.known_now(situation, module)
    stays = module is not None and module.code in plan_once(situation.request).ids
    return render_template(
        "placement/result.html",
        framework=framework.current(),
        view=view,
        result=found,
        module=module,
        known=known,
        stays=stays,
        contested=service.is_contested(sitting),
    )


@blueprint.post("/<int:sitting>/contest")
@login_required
def contest(sitting: int) -> ResponseReturnValue:
    """Take the answers out of the estimate."""
    service.contest(current_user.id, sitting, datetime.now(UTC))
    flash(
        t(
            "Vos réponses ne comptent plus. Vous pouvez repasser le test ou vous situer vous-même.",
            "Your answers no longer count. You may take the test again or rate yourself.",
        ),
        "info",
    )
    return redirect(url_for(".result", sitting=sitting))
