"""Pages of assessment: self-rating, the quiz of a module, one's levels and the evidence behind them."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.assessment import service, sittings
from training_platform.assessment.rules import Estimate
from training_platform.catalogue import grading
from training_platform.catalogue import service as catalogue
from training_platform.framework import service as frameworks
from training_platform.framework.rules import targets_of
from training_platform.learning import ratings
from training_platform.learning import service as learning
from training_platform.organisation import service as organisation
from training_platform.text import Text
from training_platform.web.access import login_required
from training_platform.web.i18n import t
from training_platform.web.limits import ANSWERS, limiter

blueprint = Blueprint("assessment", __name__)


@blueprint.get("/modules/<slug>/quiz")
@login_required
def quiz(slug: str) -> ResponseReturnValue:
    """Show the open question of the module's quiz, or its result."""
    now = datetime.now(UTC)
    enrolment = learning.enrolment_at(current_user.id, slug, now)
    sitting = sittings.open_quiz(current_user.id, enrolment.version_id, now)
    if sitting is None:
        sittings.complete_module(current_user.id, enrolment.version_id, now)
        flash(t("Module terminé.", "Module completed."), "good")
        return redirect(url_for("recommendations.path"))
    return redirect(url_for(".question", slug=slug, sitting=sitting.id))


@blueprint.get("/modules/<slug>/quiz/<int:sitting>")
@login_required
def question(slug: str, sitting: int) -> ResponseReturnValue:
    """Show the question to answer, the feedback just earned, or the result."""
    return _show(slug, sittings.sitting_of(current_user.id, sitting))


def _show(slug: str, view: sittings.SittingView, error: Text | None = None) -> ResponseReturnValue:
    after = request.args.get("after", type=int)
    page = render_template(
        "assessment/quiz.html",
        slug=slug,
        sitting=view,
        head=catalogue.package_of(view.version_id or 0).head,
        after=after if after in view.given else None,
        shuffled=grading.shuffled,
        error=error,
        typed=request.form,
    )
    return page, 422 if error else 200


@blueprint.post("/modules/<slug>/quiz/<int:sitting>/<int:question>")
@login_required
@limiter.limit(ANSWERS)
def answer(slug: str, sitting: int, question: int) -> ResponseReturnValue:
    """Keep an answer and show its feedback."""
    view = sittings.sitting_of(current_user.id, sitting)
    asked = dict(view.questions).get(question)
    if asked is None:
        raise sittings.UnknownSittingError
    reading = grading.read_answer(asked, request.form.to_dict(flat=False))
    if reading.given is None:
        return _show(slug, view, reading.error)
    sittings.answer(current_user.id, sitting, question, reading.given, datetime.now(UTC))
    return redirect(url_for(".question", slug=slug, sitting=sitting, after=question))


@blueprint.post("/modules/<slug>/quiz/<int:sitting>/finish")
@login_required
def finish(slug: str, sitting: int) -> ResponseReturnValue:
    """Close the quiz and show what it changed."""
    before = _levels()
    view = sittings.finish(current_user.id, sitting, datetime.now(UTC))
    if not view.passed:
        return redirect(url_for(".question", slug=slug, sitting=sitting))
    head = catalogue.package_of(view.version_id or 0).head
    return render_template(
        "assessment/completed.html",
        slug=slug,
        head=head,
        sitting=view,
        framework=framework.current(),
        before=before,
        after=_levels(),
        rating=ratings.rating_of(current_user.id, view.version_id or 0),
    )


def _levels() -> dict[str, Estimate]:
    return service.levels(current_user.id, list(framework.current().competencies), datetime.now(UTC))


@blueprint.get("/self-rating")
@login_required
def self_rating() -> ResponseReturnValue:
    """Show the self-rating over the competencies of the person's positions."""
    current = framework.current()
    targets = targets_of(organisation.roles_of(current, current_user.id))
    return render_template(
        "assessment/self_rating.html",
        framework=current,
        targets=targets,
        rated=service.rated(current_user.id),
    )


@blueprint.post("/self-rating")
@login_required
def rate() -> ResponseReturnValue:
    """Keep the self-ratings that were given."""
    current = framework.current()
    ratings = {
        competency: int(request.form[competency])
        for competency in current.competencies
        if request.form.get(competency, "") in ("0", "1", "2", "3", "4", "5")
    }
    service.rate_self(current_user.id, ratings, datetime.now(UTC))
    flash(t("Vos réponses sont prises en compte dans votre parcours.", "Your answers now count in your path."), "good")
    return redirect(url_for("recommendations.path"))


@blueprint.get("/levels")
@login_required
def levels() -> ResponseReturnValue:
    """Show the person's levels against the targets of their positions."""
    current = framework.current()
    return render_template(
        "assessment/levels.html",
        framework=current,
        targets=targets_of(organisation.roles_of(current, current_user.id)),
        levels=_levels(),
    )


@blueprint.get("/levels/<competency_id>")
@login_required
def level(competency_id: str) -> ResponseReturnValue:
    """Show one level with the evidence behind it."""
    current = framework.current()
    competency = frameworks.competency(current, competency_id)
    return render_template(
        "assessment/level.html",
        framework=current,
        competency=competency,
        target=targets_of(organisation.roles_of(current, current_user.id)).get(competency_id),
        level=_levels()[competency_id],
        moments=service.history_of(current_user.id, competency_id, list(current.competencies), datetime.now(UTC)),
        aside=service.set_aside(current_user.id, competency_id),
    )
