"""Pages of accounts: sign-in, one-time links, language, profile."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user

from training_platform.accounts import service
from training_platform.text import LANGUAGES
from training_platform.web.addresses import safe_next
from training_platform.web.limits import SIGN_IN, limiter

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Show the sign-in page."""
    return render_template("accounts/sign_in.html")


@blueprint.get("/link/<token>")
def link(token: str) -> ResponseReturnValue:
    """Show the page that uses a one-time link (a scanner that opens links must not use it up)."""
    return render_template("accounts/link.html", token=token)


@blueprint.post("/link/<token>")
@limiter.limit(SIGN_IN)
def use_link(token: str) -> ResponseReturnValue:
    """Sign in by a one-time link."""
    person = service.redeem_link(token, datetime.now(UTC))
    session.clear()
    login_user(person)
    return redirect(url_for("home.index"))


@blueprint.post("/language")
def language() -> ResponseReturnValue:
    """Change the language of the site, and of the person where signed in."""
    chosen = request.form.get("language", "fr")
    if chosen in LANGUAGES:
        session["language"] = chosen
        if current_user.is_authenticated:
            current_user.language = chosen
    return redirect(safe_next(request.form.get("next"), url_for("home.index")))
