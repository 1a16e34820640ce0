"""Pages of those who follow certificates in their units: the list, its sheets, the import, withdrawal, the year's report."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.awards import annual, award_import, reports, rules, sheets
from training_platform.awards import service as awards
from training_platform.awards.award_import import ImportReport
from training_platform.awards.models import LONGEST_REASON
from training_platform.awards.reports import Filters
from training_platform.certification import issuing
from training_platform.organisation import service as organisation
from training_platform.text import Text
from training_platform.tracks import service as tracks
from training_platform.web.access import login_required
from training_platform.web.i18n import language, plural, t
from training_platform.web.limits import UPLOADS, limiter
from training_platform.web.pdf import as_pdf
from training_platform.web.typed import typed

blueprint = Blueprint("reports", __name__, url_prefix="/certifications/report")
KINDS = {
    "csv": (sheets.as_csv, "text/csv; charset=utf-8"),
    "xlsx": (sheets.as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def _filters() -> Filters:
    return Filters(
        unit_id=request.args.get("unit", type=int),
        track_id=request.args.get("track", ""),
        state=request.args.get("state", ""),
    )


@blueprint.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Show who holds, is due, has expired, in the reader's units."""
    return _page(ImportReport())


def _page(imported: ImportReport, refused: Text | None = None) -> ResponseReturnValue:
    filters = _filters()
    found = reports.rows(current_user.id, filters, datetime.now(UTC))
    page = render_template(
        "certification/report.html",
        rows=found,
        counts={state: sum(row.state == state for row in found) for state in rules.STATES},
        units=reports.units_of_reader(current_user.id),
        tracks=tracks.current(_content()),
        states=rules.STATES,
        columns=sheets.COLUMNS,
        filters=filters,
        officer=organisation.has_right(current_user.id, "training_officer"),
        imported=imported,
        refused=refused,
        written=rules.written,
        years=annual.years(datetime.now(UTC)),
    )
    return page, 422 if imported.errors or refused else 200


def _content() -> Path:
    return Path(current_app.extensions["settings"].content_folder)


@blueprint.get("/certificates.<kind>")
@login_required
def sheet(kind: str) -> Response:
    """Return the list as it is shown, as CSV or XLSX."""
    write, content_type = KINDS.get(kind, KINDS["csv"])
    found = reports.rows(current_user.id, _filters(), datetime.now(UTC))
    response = Response(write(found, language()), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="certificats.{kind if kind in KINDS else "csv"}"'
    return response


@blueprint.post("/import")
@login_required
@limiter.limit(UPLOADS)
def import_sheet() -> ResponseReturnValue:
    """Bring certificates in from a sheet, whole or not at all."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page(ImportReport(), Text("Choisissez un fichier CSV ou XLSX.", "Choose a CSV or XLSX file."))
    facts = {key: issuing.facts_of(track) for key, track in tracks.current(_content()).items()}
    done = award_import.import_rows(current_user.id, file.read(), facts, datetime.now(UTC))
    if done.errors:
        return _page(done)
    flash(
        plural(done.added, ("certificat ajouté", "certificats ajoutés"), ("certificate added", "certificates added"))
        + t(", déjà connus : ", ", known already: ")
        + str(done.unchanged),
        "good",
    )
    return redirect(url_for(".index"))


@blueprint.get("/<number>/revoke")
@login_required
def revoking(number: str) -> ResponseReturnValue:
    """Ask for the reason of a withdrawal."""
    return _revoking(number)


def _revoking(number: str, error: Text | None = None) -> ResponseReturnValue:
    award = awards.reachable(current_user.id, number)
    page = render_template(
        "certification/revoke.html",
        award=awards.view(award, datetime.now(UTC)),
        holder=award.person.name,
        error=error,
        reason=typed(request.form, "reason"),
        longest=LONGEST_REASON,
    )
    return page, 422 if error else 200


@blueprint.post("/<number>/revoke")
@login_required
def revoke(number: str) -> ResponseReturnValue:
    """Withdraw a certificate for a reason."""
    try:
        issuing.revoke(current_user.id, number, typed(request.form, "reason"), datetime.now(UTC))
    except awards.UnfitReasonError as error:
        return _revoking(number, error.message)
    flash(
        t("Le certificat est retiré ; il ne compte plus.", "The certificate is revoked; it no longer counts."), "good"
    )
    return redirect(url_for(".index"))


@blueprint.get("/year")
@login_required
def year() -> str:
    """Show the year's training in figures."""
    return render_template("certification/year.html", **_year())


@blueprint.get("/year.pdf")
@login_required
def year_pdf() -> Response:
    """Return the year's report as a PDF."""
    found = _year()
    return as_pdf(render_template("certification/year_print.html", **found), "bilan-formation")


def _year() -> dict[str, object]:
    now = datetime.now(UTC)
    asked = request.args.get("year", now.year, type=int)
    chosen = asked if asked in annual.years(now) else now.year
    unit_id = request.args.get("unit", type=int)
    units = reports.units_of_reader(current_user.id)
    report = annual.annual(current_user.id, unit_id, chosen, framework.current())
    return {
        "report": report,
        "units": units,
        "unit_id": unit_id,
        "years": annual.years(now),
        "tracks": tracks.current(_content()),
        "now": now,
    }
