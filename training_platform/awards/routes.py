"""Pages of the holder: one's certificates, what each one shows, its files."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform.awards import credentials, letters, pictures, rules, service
from training_platform.awards.models import Award
from training_platform.awards.site import site
from training_platform.text import LANGUAGES, typeset
from training_platform.web.access import login_required
from training_platform.web.i18n import language, t
from training_platform.web.pdf import as_pdf

blueprint = Blueprint("awards", __name__, url_prefix="/certificates")


@blueprint.get("/")
@login_required
def index() -> str:
    """Show the person's certificates, the latest first."""
    return render_template(
        "awards/index.html", awards=service.history(current_user.id, datetime.now(UTC)), states=rules.STATES
    )


@blueprint.get("/<number>")
@login_required
def award(number: str) -> str:
    """Show one certificate of the person: its dates, what verifying it reveals, its files."""
    found = service.own(current_user.id, number)
    return render_template(
        "awards/award.html",
        award=service.view(found, datetime.now(UTC)),
        reason=found.revoked_reason,
        address=_address(found),
        states=rules.STATES,
    )


def _address(found: Award) -> str:
    return f"{site().url}/verify/{rules.written(found.number)}"


@blueprint.post("/<number>/name")
@login_required
def show_name(number: str) -> ResponseReturnValue:
    """Keep whether verifying the certificate reveals the name."""
    service.show_name(current_user.id, number, request.form.get("shown") == "1")
    flash(t("Votre choix est enregistré.", "Your choice is saved."), "good")
    return redirect(url_for(".award", number=number))


@blueprint.get("/<number>/certificate.pdf")
@login_required
def pdf(number: str) -> Response:
    """Return the certificate as a PDF, in the language asked for."""
    found = service.own(current_user.id, number)
    chosen = _language()
    page = render_template(
        "awards/certificate.html",
        award=found,
        chosen=chosen,
        criteria=typeset(found.criteria[chosen], chosen),
        issued=letters.day(found.issued_at, chosen),
        expires=letters.day(found.expires_at, chosen),
        address=_address(found),
        picture=pictures.qr_address(_address(found)),
        number=rules.written(found.number),
    )
    return as_pdf(page, f"certificat-{rules.written(found.number)}-{chosen}")


@blueprint.get("/<number>/credential.json")
@login_required
def credential(number: str) -> Response:
    """Return the certificate as an Open Badges 3.0 credential with an embedded proof."""
    found = service.own(current_user.id, number)
    signed = credentials.signed(found, site(), _language(), datetime.now(UTC))
    text = json.dumps(signed, ensure_ascii=False, indent=1)
    return _file(text, "application/vc", f"{rules.written(found.number)}.json")


@blueprint.get("/<number>/credential.jwt")
@login_required
def token(number: str) -> Response:
    """Return the certificate as a signed token, which badge wallets read."""
    found = service.own(current_user.id, number)
    text = credentials.token(found, site(), _language(), datetime.now(UTC))
    return _file(text, "application/vc+jwt", f"{rules.written(found.number)}.jwt")


@blueprint.get("/<number>/renewal.ics")
@login_required
def calendar(number: str) -> Response:
    """Return the day from which the certificate may be renewed, for a calendar."""
    found = service.own(current_user.id, number)
    content = letters.entry(found, site().url, language(), datetime.now(UTC))
    return _file(content, "text/calendar", f"{rules.written(found.number)}.ics")


def _language() -> str:
    asked = request.args.get("language", "")
    return asked if asked in LANGUAGES else language()


def _file(content: str | bytes, kind: str, name: str) -> Response:
    response = Response(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
