"""Pages of the labs: the list, one lab at a setting, its conclusion."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.catalogue import visible
from training_platform.labs import service
from training_platform.labs.service import Place
from training_platform.text import Text
from training_platform.web.access import login_required
from training_platform.web.limits import ANSWERS, limiter

blueprint = Blueprint("labs", __name__, url_prefix="/labs")
MOVES = "900 per minute"


@blueprint.get("/")
def index() -> str:
    """Show all labs."""
    reader = current_user.id if current_user.is_authenticated else None
    return render_template("labs/index.html", labs=service.listed(visible.modules_for(reader)))


def _place(slug: str, lab: str) -> Place:
    """Find the lab of the address; the preview of a draft has no version (0) and moves what the person sees live."""
    if version := request.values.get("version", type=int):
        return service.place_of(slug, lab, version)
    live = visible.module_for(current_user.id, slug)
    return service.place_of(live.slug, lab, live.version_id)


@blueprint.get("/<slug>/<lab>")
@login_required
@limiter.limit(MOVES)
def show(slug: str, lab: str) -> ResponseReturnValue:
    """Show a lab at the setting of the address, or where the person left it."""
    return _page(_place(slug, lab), {})


def _page(place: Place, errors: dict[str, Text]) -> ResponseReturnValue:
    page = render_template(
        "labs/show.html",
        module=place.package.head,
        shown=service.shown(current_user.id, place, _moved()),
        facts=framework.current().facts,
        errors=errors,
        typed=request.form,
    )
    return page, 422 if errors else 200


def _moved() -> dict[str, str]:
    """Return what the request says of the setting; the version and the conclusion are no part of it."""
    return {key: value for key, value in request.values.items() if key not in ("version", "csrf_token")}


@blueprint.get("/<slug>/<lab>/view")
@login_required
@limiter.limit(MOVES)
def view(slug: str, lab: str) -> str:
    """Return what changes when the reader moves something, for the page to put in its place."""
    return render_template("labs/view.html", shown=service.shown(current_user.id, _place(slug, lab), _moved()))


@blueprint.post("/<slug>/<lab>/conclude")
@login_required
@limiter.limit(ANSWERS)
def conclude(slug: str, lab: str) -> ResponseReturnValue:
    """Check a conclusion, keep it, show what holds in it."""
    place = _place(slug, lab)
    try:
        service.conclude(current_user.id, place, _moved(), datetime.now(UTC))
    except service.IncompleteConclusionError as error:
        return _page(place, error.errors)
    return redirect(_address(place))


@blueprint.post("/<slug>/<lab>/again")
@login_required
def again(slug: str, lab: str) -> ResponseReturnValue:
    """Forget the conclusion and start the lab again."""
    place = _place(slug, lab)
    service.start_again(current_user.id, place)
    return redirect(_address(place))


def _address(place: Place) -> str:
    return url_for(
        ".show", slug=place.slug, lab=place.lab.id, version=place.version_id, _anchor=f"lab-{place.lab.id}-conclusion"
    )
