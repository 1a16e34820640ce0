"""Pages of matching: describe your job, search the catalogue by meaning."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework, matching
from training_platform.catalogue import visible
from training_platform.framework import service as frameworks
from training_platform.framework.rules import Framework
from training_platform.matching import service
from training_platform.organisation import service as organisation
from training_platform.organisation.staff_file import LONGEST_TITLE
from training_platform.text import Text, excess
from training_platform.web.access import login_required
from training_platform.web.i18n import language, t
from training_platform.web.typed import typed

blueprint = Blueprint("matching", __name__)


@blueprint.get("/job")
@login_required
def job() -> ResponseReturnValue:
    """Ask for the job in the person's own words."""
    return render_template("matching/job.html", **_held(), text="", error=None)


def _held() -> dict[str, object]:
    current = framework.current()
    return {"framework": current, "positions": organisation.positions_of(current_user.id), "longest": LONGEST_TITLE}


@blueprint.post("/job")
@login_required
def describe() -> ResponseReturnValue:
    """Propose the nearest role profiles, for the person to confirm."""
    text = typed(request.form, "text")
    if error := _problem(text):
        return render_template("matching/job.html", **_held(), text=text, error=error), 422
    current, meaning = framework.current(), matching.current()
    proposal = service.match_roles(text, current, meaning, language=language())
    asked = {c for match in proposal.matches if match.sure for c in match.role.targets}
    extra = [m for m in service.mentioned(text, language(), current, meaning) if m.competency.id not in asked]
    return render_template("matching/roles.html", framework=current, text=text, proposal=proposal, extra=extra)


def _problem(text: str) -> Text | None:
    if len(text) < 3:
        return Text("Décrivez votre poste en quelques mots.", "Describe your job in a few words.")
    return excess(text, LONGEST_TITLE)


@blueprint.post("/job/confirm")
@login_required
def confirm() -> ResponseReturnValue:
    """Keep the positions that the person confirmed."""
    current = framework.current()
    chosen = [frameworks.role(current, role_id) for role_id in request.form.getlist("role") if role_id]
    if not chosen:
        error = Text("Choisissez au moins un métier.", "Choose at least one role.")
        return render_template("matching/job.html", **_held(), text=typed(request.form, "text"), error=error), 422
    text = typed(request.form, "text")
    try:
        for role in chosen:
            organisation.set_position(current_user.id, role.id, None, text, datetime.now(UTC))
    except organisation.TitleTooLongError as error:
        return render_template("matching/job.html", **_held(), text=text, error=error.message), 422
    flash(t("Votre poste est enregistré.", "Your job is saved."), "good")
    return redirect(url_for("assessment.self_rating"))


@blueprint.post("/job/<int:position_id>/remove")
@login_required
def remove(position_id: int) -> ResponseReturnValue:
    """Remove one of the person's positions."""
    organisation.remove_position(current_user.id, position_id)
    flash(t("Poste retiré. Votre parcours est recalculé.", "Position removed. Your path is recomputed."), "info")
    return redirect(url_for(".job"))


@blueprint.get("/search")
def search() -> ResponseReturnValue:
    """Find modules by meaning."""
    text = typed(request.args, "q")[:LONGEST_TITLE]
    current = framework.current()
    filters = _filters(current)
    reader = current_user.id if current_user.is_authenticated else None
    found = (
        service.search(text, language(), current, matching.current(), filters, among=visible.modules_for(reader))
        if len(text) > 1
        else []
    )
    return render_template("matching/search.html", framework=current, text=text, matches=found, filters=filters)


def _filters(current: Framework) -> service.Filters:
    """Read the filters; what is not understood does not filter."""
    domain, exercise = request.args.get("domain", ""), request.args.get("exercise", "")
    return service.Filters(
        minutes=request.args.get("minutes", type=int),
        level=request.args.get("level", type=int),
        domain=domain if domain in current.domains else None,
        exercise=exercise if exercise in ("quiz", "case", "decision_simulation") else None,
        written=request.args.get("written") == "1",
    )
