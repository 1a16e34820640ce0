"""Pages of the administrator: units, import of units and people."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform.framework import service as frameworks
from training_platform.organisation import service, staff_import
from training_platform.organisation.staff_file import LineError
from training_platform.text import Text
from training_platform.web.access import login_required
from training_platform.web.i18n import t

blueprint = Blueprint("organisation", __name__, url_prefix="/organisation")


@blueprint.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Show the administrator's units and the two imports."""
    return _page(())


def _page(errors: tuple[LineError, ...]) -> ResponseReturnValue:
    service.require_right(current_user.id, "administrator")
    page = render_template("organisation/index.html", units=service.tree_within(current_user.id), errors=errors)
    return page, 422 if errors else 200


@blueprint.post("/<any(units, people):what>")
@login_required
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
        t(
            f"{report.added} ajouts, {report.changed} lignes déjà connues ou mises à jour.",
            f"{report.added} added, {report.changed} lines already known or updated.",
        ),
        "good",
    )
    return redirect(url_for(".index"))
