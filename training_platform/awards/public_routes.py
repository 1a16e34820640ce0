"""Pages for whoever verifies a certificate, signed in or not; and what machines need for it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from training_platform.awards import credentials, keys, rules, service
from training_platform.awards.models import Award
from training_platform.awards.site import site
from training_platform.errors import NotFoundError
from training_platform.text import Text
from training_platform.web.limits import limiter
from training_platform.web.typed import typed

blueprint = Blueprint("verification", __name__)
TRIES = "30 per minute; 300 per hour"


@blueprint.get("/verify")
@limiter.limit(TRIES)
def index() -> ResponseReturnValue:
    """Ask for a number, or lead to its certificate."""
    number = typed(request.args, "number")
    if not number:
        return _page()
    found = rules.read_number(number)
    if found is None:
        return _page(
            number_error=Text(
                "Ce numéro comporte une erreur de copie. Il compte seize lettres et chiffres, en quatre groupes.",
                "This number was copied with a mistake. It has sixteen letters and digits, in four groups.",
            )
        )
    return redirect(url_for(".award", number=rules.written(found)))


def _page(number_error: Text | None = None, credential_error: Text | None = None) -> ResponseReturnValue:
    page = render_template(
        "awards/verify.html",
        number_error=number_error,
        credential_error=credential_error,
        typed_number=typed(request.args, "number"),
        typed_credential=typed(request.form, "credential"),
    )
    return page, 422 if number_error or credential_error else 200


@blueprint.get("/verify/<number>")
@limiter.limit(TRIES)
def award(number: str) -> ResponseReturnValue:
    """Say whether a certificate holds today, and no more of its holder than agreed."""
    try:
        found = service.by_number(number)
    except service.UnknownAwardError as error:
        return render_template("awards/verified.html", unknown=error.message), 404
    return render_template("awards/verified.html", **_shown(found))


def _shown(found: Award) -> dict[str, object]:
    view = service.view(found, datetime.now(UTC))
    after = service.successor(found)
    return {
        "unknown": None,
        "award": view,
        "issuer": found.issuer_name,
        "holder": found.person.name if found.shows_name else None,
        "revoked_at": found.revoked_at,
        "replaced_by": rules.written(after.number) if after is not None and after.revoked_at is None else None,
        "states": rules.STATES,
    }


@blueprint.post("/verify")
@limiter.limit(TRIES)
def check() -> ResponseReturnValue:
    """Check a credential that was pasted or handed in as a file: signature, then state today."""
    text = typed(request.form, "credential")
    if (file := request.files.get("file")) is not None and file.filename:
        text = file.read(credentials.LONGEST + 1).decode("utf-8", errors="replace")
    try:
        found = credentials.verify(text, site(), datetime.now(UTC))
    except credentials.BadCredentialError as error:
        return _page(credential_error=error.message)
    return render_template("awards/verified.html", signature=True, **_shown(service.by_number(found.number)))


@blueprint.get("/verify/status/<int:number>")
@limiter.limit(TRIES)
def status_list(number: int) -> Response:
    """Return a list of revocations, signed."""
    if not 1 <= number <= max(service.last_list(), 1):
        raise NotFoundError(Text("Cette liste n'existe pas.", "There is no such list."))
    return _json(credentials.status_list(number, site(), datetime.now(UTC)), "application/vc")


@blueprint.get("/.well-known/jwks.json")
def jwks() -> Response:
    """Return the public keys as a JSON Web Key Set."""
    return _json(keys.jwks(site()), "application/jwk-set+json")


@blueprint.get("/.well-known/did.json")
def did() -> Response:
    """Return the public keys as the site's did:web document."""
    return _json(keys.did_document(site()), "application/did+json")


def _json(document: dict[str, object], kind: str) -> Response:
    response = Response(json.dumps(document, ensure_ascii=False), content_type=kind)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
