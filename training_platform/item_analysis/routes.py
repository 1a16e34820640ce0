"""Pages for authors: how the questions of a module behave, and one question."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_login import current_user

from training_platform import framework
from training_platform.item_analysis import service
from training_platform.item_analysis.rules.statistics import ENOUGH, ENOUGH_OF_A_GROUP
from training_platform.web.access import login_required

blueprint = Blueprint("item_analysis", __name__, url_prefix="/studio/<slug>/statistics")


@blueprint.get("/")
@login_required
def module(slug: str) -> str:
    """Show the questions of a module, intended against found difficulty, and what to do."""
    view = service.module_view(current_user.id, slug, framework.current())
    return render_template("item_analysis/module.html", view=view, enough=ENOUGH)


@blueprint.get("/<key>")
@login_required
def question(slug: str, key: str) -> str:
    """Show one question with its options, drift and groups."""
    view = service.module_view(current_user.id, slug, framework.current())
    return render_template(
        "item_analysis/question.html",
        view=view,
        one=service.question_view(view, key),
        enough=ENOUGH,
        enough_of_a_group=ENOUGH_OF_A_GROUP,
    )
