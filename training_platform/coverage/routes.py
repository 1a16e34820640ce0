"""Pages for training officers: the coverage map, what to write next, what works."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.coverage import proposals, service, works
from training_platform.coverage.people import Filter
from training_platform.coverage.rules.demand import ENOUGH_QUESTIONS
from training_platform.organisation.groups import SMALLEST
from training_platform.recommendations.situation import WEEKS
from training_platform.web.access import login_required
from training_platform.web.i18n import t

blueprint = Blueprint("coverage", __name__, url_prefix="/coverage")


def _filter() -> Filter:
    """Read whom the officer looks at; what makes no sense means everybody."""
    family = request.values.get("family", "")
    return Filter(
        unit_id=request.values.get("unit", type=int),
        family=family if family in framework.current().families else "",
    )


@blueprint.get("/")
@login_required
def index() -> str:
    """Show who lacks which step against what the catalogue has for it."""
    wanted, current, now = _filter(), framework.current(), datetime.now(UTC)
    view = service.coverage(current_user.id, wanted, current, now)
    return render_template(
        "coverage/map.html",
        view=view,
        wanted=wanted,
        framework=current,
        now=now,
        smallest=SMALLEST,
        enough=ENOUGH_QUESTIONS,
    )


@blueprint.get("/next")
@login_required
def following() -> str:
    """Show what to write next, the best first."""
    wanted, current, now = _filter(), framework.current(), datetime.now(UTC)
    view = proposals.next_modules(current_user.id, wanted, current, now)
    return render_template(
        "coverage/next.html", view=view, wanted=wanted, framework=current, now=now, weeks=WEEKS, smallest=SMALLEST
    )


@blueprint.post("/next")
@login_required
def start() -> ResponseReturnValue:
    """Start the draft of a module for one step, and open it in the editor."""
    step = request.form.get("competency", ""), request.form.get("level", default=-1, type=int)
    module = proposals.start_draft(current_user.id, _filter(), step, framework.current(), datetime.now(UTC))
    flash(
        t(
            "Brouillon commencé : palier, prérequis, public, objectif et questions à écrire y sont déjà.",
            "Draft started: step, prerequisite, audience, objective and questions to write are in it.",
        ),
        "good",
    )
    return redirect(url_for("studio.edit", slug=module.slug))


@blueprint.get("/works")
@login_required
def modules() -> str:
    """Show how far people come in each module."""
    return render_template("coverage/works.html", lines=works.modules_of(current_user.id), smallest=SMALLEST)


@blueprint.get("/works/<slug>")
@login_required
def module(slug: str) -> str:
    """Show how one module does, and what to do about it."""
    view = works.module_works(current_user.id, slug, datetime.now(UTC))
    return render_template("coverage/module.html", view=view, framework=framework.current(), smallest=SMALLEST)
