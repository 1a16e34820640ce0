"""Pages of the path: the line of stops, the person's hand on it, the record of proposals."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.recommendations import service
from training_platform.web.access import login_required
from training_platform.web.i18n import t

blueprint = Blueprint("recommendations", __name__, url_prefix="/path")


@blueprint.get("/")
@login_required
def path() -> ResponseReturnValue:
    """Show the path; ``minutes`` tries another pace without keeping it and says what enters and leaves."""
    current, now = framework.current(), datetime.now(UTC)
    own = service.path_of(current_user.id, current, now, current_user.minutes_per_week)
    tried = request.args.get("minutes", type=int)
    shown = own
    if tried and 5 <= tried <= 600 and tried != current_user.minutes_per_week:
        shown = service.path_of(current_user.id, current, now, tried, record=False)
    codes = {stop.module.code for stop in own.stops}, {stop.module.code for stop in shown.stops}
    return render_template(
        "recommendations/path.html",
        framework=current,
        path=shown,
        trying=shown is not own,
        entering=[s.module for s in shown.stops if s.module.code not in codes[0]],
        leaving=[s.module for s in own.stops if s.module.code not in codes[1]],
    )


@blueprint.post("/pace")
@login_required
def pace() -> ResponseReturnValue:
    """Keep the minutes per week that were tried."""
    minutes = request.form.get("minutes", type=int) or 0
    if 5 <= minutes <= 600:
        current_user.minutes_per_week = minutes
        flash(t("Votre rythme est enregistré.", "Your pace is saved."), "good")
    return redirect(url_for(".path"))


@blueprint.post("/<slug>/<any(refused, pinned, undo):decision>")
@login_required
def decide(slug: str, decision: str) -> ResponseReturnValue:
    """Refuse or pin a module, or undo that."""
    if decision == "undo":
        service.undo(current_user.id, slug)
        flash(t("C'est annulé. Le parcours est recalculé.", "Undone. The path is recomputed."), "info")
    else:
        live = service.choose(current_user.id, slug, decision, datetime.now(UTC))
        title = t(live.head.title.fr, live.head.title.en)
        sentence = {
            "refused": t(
                f"« {title} » ne vous sera plus proposé. Vous pouvez l'annuler plus bas.",
                f"“{title}” will no longer be proposed. You can undo this below.",
            ),
            "pinned": t(f"« {title} » reste dans votre parcours.", f"“{title}” stays in your path."),
        }
        flash(sentence[decision], "info")
    return redirect(url_for(".path"))


@blueprint.get("/decisions")
@login_required
def decisions() -> ResponseReturnValue:
    """Show the proposals logged for this person and what each rested on."""
    return render_template("recommendations/decisions.html", records=service.records_of(current_user.id))
