"""Pages of matching: describe your job, search the catalogue by meaning."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.framework import service as frameworks
from training_platform.matching import service
from training_platform.organisation import service as organisation
from training_platform.text import Text
from training_platform.web.access import login_required
from training_platform.web.i18n import language, t
from training_platform.web.typed import typed

blueprint = Blueprint("matching", __name__)
LONGEST = 4000


def _model() -> str:
    return str(current_app.extensions["settings"].model)


@blueprint.get("/job")
@login_required
def job() -> ResponseReturnValue:
    """Ask for the job in the person's own words."""
    return render_template("matching/job.html", **_held(), text="", error=None)


def _held() -> dict[str, object]:
    current = framework.current()
    return {"framework": current, "positions": organisation.positions_of(current_user.id)}


@blueprint.post("/job")
@login_required
def describe() -> ResponseReturnValue:
    """Propose the nearest role profiles, for the person to confirm."""
    text = typed(request.form, "text")
    if error := _problem(text):
        return render_template("matching/job.html", **_held(), text=text[:LONGEST], error=error), 422
    matches = service.match_roles(text, framework.current(), _model())
    return render_template("matching/roles.html", framework=framework.current(), text=text, matches=matches)


def _problem(text: str) -> Text | None:
    if len(text) < 3:
        return Text("Décrivez votre poste en quelques mots.", "Describe your job in a few words.")
    if len(text) > LONGEST:
        return Text(
            f"Ce texte est trop long ({len(text)} caractères). Gardez l'essentiel : {LONGEST} au plus.",
            f"This text is too long ({len(text)} characters). Keep the essential: {LONGEST} at most.",
        )
    return None


@blueprint.post("/job/confirm")
@login_required
def confirm() -> ResponseReturnValue:
    """Keep the positions that the person confirmed."""
    current = framework.current()
    chosen = [frameworks.role(current, role_id) for role_id in request.form.getlist("role") if role_id]
    if not chosen:
        error = Text("Choisissez au moins un métier.", "Choose at least one role.")
        return render_template("matching/job.html", **_held(), text=typed(request.form, "text"), error=error), 422
    for role in chosen:
        organisation.set_position(current_user.id, role.id, None, typed(request.form, "text"), datetime.now(UTC))
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
    text = typed(request.args, "q")[:LONGEST]
    matches = service.search(text, language(), framework.current(), _model()) if len(text) > 1 else []
    return render_template("matching/search.html", framework=framework.current(), text=text, matches=matches)
