"""Pages of the administrator: units, import of units and people."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform.accounts import letters
from training_platform.framework import service as frameworks
from training_platform.organisation import rights, service, staff_import
from training_platform.organisation.staff_file import LineError
from training_platform.text import Text
from training_platform.web.access import login_required
from training_platform.web.i18n import plural, t
from training_platform.web.limits import UPLOADS, limiter

blueprint = Blueprint("organisation", __name__, url_prefix="/organisation")


@blueprint.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Show the administrator's units and the two imports."""
    return _page(())


def _page(errors: tuple[LineError, ...], refused: Text | None = None) -> ResponseReturnValue:
    service.require_right(current_user.id, "administrator")
    page = render_template(
        "organisation/index.html",
        units=service.tree_within(current_user.id),
        grants=rights.grants_within(current_user.id),
        rights=service.RIGHTS,
        uninvited=len(rights.uninvited(current_user.id)),
        errors=errors,
        refused=refused,
        typed=request.form,
    )
    return page, 422 if errors or refused else 200


@blueprint.post("/rights")
@login_required
def grant() -> ResponseReturnValue:
    """Grant a right, or show the form again with what is wrong."""
    form = request.form
    try:
        rights.grant(current_user.id, form.get("email", ""), form.get("right", ""), form.get("unit", ""))
    except rights.UnknownHolderError as error:
        return _page((), error.message)
    flash(t("Droit accordé.", "Right granted."), "good")
    return redirect(url_for(".index"))


@blueprint.post("/rights/<int:grant_id>/revoke")
@login_required
def revoke(grant_id: int) -> ResponseReturnValue:
    """Take a right back."""
    rights.revoke(current_user.id, grant_id)
    flash(t("Droit retiré.", "Right taken back."), "info")
    return redirect(url_for(".index"))


@blueprint.post("/invitations")
@login_required
def invite() -> ResponseReturnValue:
    """Mail a one-time link to those who never received one, a hundred at a time."""
    service.require_right(current_user.id, "administrator")
    people = rights.uninvited(current_user.id)[:100]
    for person in people:
        letters.send_link(person, "invitation", current_app.extensions["settings"], datetime.now(UTC))
    flash(plural(len(people), ("invitation envoyée", "invitations envoyées"), ("invitation sent", "invitations sent")))
    return redirect(url_for(".index"))


@blueprint.post("/<any(units, people):what>")
@login_required
@limiter.limit(UPLOADS)
def import_file(what: str) -> ResponseReturnValue:
    """Import a CSV file whole, or say line by line what is wrong and write nothing."""
    upload = request.files.get("file")
    data = upload.read() if upload else b""
    if not data:
        missing = Text("Choisissez un fichier CSV.", "Choose a CSV file.")
        return _page((LineError(line=0, reason=missing),))
    if what == "units":
        report = staff_import.import_units(current_user.id, data)
    else:
        roles = frameworks.load(current_app.extensions["settings"].content_folder).roles
        report = staff_import.import_people(current_user.id, data, roles, datetime.now(UTC))
    if report.errors:
        return _page(report.errors)
    flash(
        plural(report.added, ("ajout", "ajouts"), ("added", "added"))
        + ", "
        + plural(
            report.changed,
            ("ligne déjà connue ou mise à jour.", "lignes déjà connues ou mises à jour."),
            ("line already known or updated.", "lines already known or updated."),
        ),
        "good",
    )
    return redirect(url_for(".index"))
