"""Pages where HR and training officers set what a unit asks of its people."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.catalogue import visible
from training_platform.errors import ForbiddenError
from training_platform.organisation import holder_of
from training_platform.recommendations import duties, tasks
from training_platform.text import Text
from training_platform.web.access import login_required
from training_platform.web.i18n import t
from training_platform.web.typed import typed

blueprint = Blueprint("duties", __name__, url_prefix="/duties")


@blueprint.before_request
@login_required
def _allowed() -> None:
    """Say at the door who may come in; the service checks each unit."""
    if not holder_of(*duties.RIGHTS)():
        raise ForbiddenError(
            Text(
                "Les obligations sont fixées par les ressources humaines et les responsables de formation.",
                "Obligations are set by human resources and training officers.",
            )
        )


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Show the standing duties and the form for a new one."""
    return _page({})


def _page(errors: dict[str, Text]) -> ResponseReturnValue:
    page = render_template(
        "recommendations/duties.html",
        framework=framework.current(),
        duties=duties.listed(current_user.id),
        units=duties.units_of(current_user.id),
        modules=[live for live in visible.modules_for(current_user.id) if not live.planned],
        titles={live.code: live.head.title for live in visible.modules_for(current_user.id)},
        typed=request.form,
        errors=errors,
    )
    return page, 422 if errors else 200


@blueprint.post("/")
def create() -> ResponseReturnValue:
    """Set a duty, or show the form again with what is wrong beside its cause."""
    current, form = framework.current(), request.form
    errors: dict[str, Text] = {}
    name = Text(typed(form, "name_fr"), typed(form, "name_en") or typed(form, "name_fr"))
    if not name.fr:
        errors["name_fr"] = Text("Donnez un nom à l'obligation.", "Give the obligation a name.")
    due = _date(form.get("due", ""), errors)
    codes = {live.code for live in visible.modules_for(current_user.id) if not live.planned}
    modules = [code for code in form.getlist("modules") if code in codes]
    competency, level = form.get("competency", ""), form.get("level", type=int) or 0
    targets = {competency: level} if competency in current.competencies and 1 <= level <= 5 else {}
    if not modules and not targets:
        errors["modules"] = Text(
            "Choisissez un module ou un niveau à atteindre.", "Choose a module or a level to reach."
        )
    if errors:
        return _page(errors)
    duties.create(
        current_user.id,
        unit_id=form.get("unit", type=int) or 0,
        name=name,
        modules=modules,
        targets=targets,
        roles=[role for role in form.getlist("roles") if role in current.roles],
        due=due,
        now=datetime.now(UTC),
    )
    tasks.replan_soon("duties")
    flash(t("Obligation enregistrée ; les parcours en tiennent compte.", "Obligation saved; paths obey it."), "good")
    return redirect(url_for(".index"))


def _date(text: str, errors: dict[str, Text]) -> date | None:
    """Read a date; none given means no date."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        errors["due"] = Text(
            "Cette date est illisible : écrivez-la ainsi, 2027-03-01.", "Write the date as 2027-03-01."
        )
        return None


@blueprint.post("/<int:duty_id>/withdraw")
def withdraw(duty_id: int) -> ResponseReturnValue:
    """Withdraw a duty."""
    duty = duties.withdraw(current_user.id, duty_id, datetime.now(UTC))
    tasks.replan_soon("duties")
    flash(t(f"« {duty.name.fr} » est retirée.", f"“{duty.name.en}” is withdrawn."), "info")
    return redirect(url_for(".index"))
