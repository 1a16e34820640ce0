"""Pages of accounts: sign-in, one-time links, language, profile."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from training_platform.accounts import letters, service
from training_platform.accounts.models import Person
from training_platform.text import LANGUAGES
from training_platform.web.access import login_required
from training_platform.web.addresses import safe_next
from training_platform.web.i18n import t
from training_platform.web.limits import SIGN_IN, limiter

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Show the sign-in page."""
    return render_template("accounts/sign_in.html")


@blueprint.post("/sign-in")
@limiter.limit(SIGN_IN)
def use_password() -> ResponseReturnValue:
    """Sign in by address and password."""
    try:
        person = service.sign_in(request.form.get("email", ""), request.form.get("password", ""))
    except service.SignInRefusedError as error:
        return render_template("accounts/sign_in.html", error=error.message), 422
    return _enter(person, safe_next(request.args.get("next"), url_for("home.index")))


def _enter(person: Person, address: str) -> ResponseReturnValue:
    """Start a fresh session: what the browser carried before is dropped."""
    session.clear()
    login_user(person)
    return redirect(address)


@blueprint.post("/sign-in/link")
@limiter.limit(SIGN_IN)
def ask_link() -> ResponseReturnValue:
    """Mail a sign-in link; the page says the same whether or not the address is known."""
    person = service.by_email(request.form.get("email", ""))
    if person is not None:
        letters.send_link(person, "reset", current_app.extensions["settings"], datetime.now(UTC))
    flash(
        t(
            "Si cette adresse est connue, un lien valable deux heures vient de lui être envoyé.",
            "If this address is known, a link valid for two hours was just sent to it.",
        ),
        "info",
    )
    return redirect(url_for(".sign_in"))


@blueprint.post("/sign-out")
@login_required
def sign_out() -> ResponseReturnValue:
    """Sign out here, or everywhere."""
    if request.form.get("everywhere"):
        service.sign_out_everywhere(current_user)
    logout_user()
    session.clear()
    return redirect(url_for(".sign_in"))


@blueprint.get("/profile")
@login_required
def profile() -> ResponseReturnValue:
    """Show the profile."""
    return render_template("accounts/profile.html", errors={}, fields={})


@blueprint.post("/profile")
@login_required
def change_profile() -> ResponseReturnValue:
    """Keep the profile, or show the form again with what is wrong."""
    errors = service.check_profile(request.form)
    if errors:
        return render_template("accounts/profile.html", errors=errors, fields=request.form), 422
    service.change_profile(current_user, request.form)
    login_user(current_user._get_current_object())
    flash(t("Profil enregistré.", "Profile saved."), "good")
    return redirect(url_for(".profile"))


@blueprint.get("/link/<token>")
def link(token: str) -> ResponseReturnValue:
    """Show the page that uses a one-time link (a scanner that opens links must not use it up)."""
    return render_template("accounts/link.html", token=token)


@blueprint.post("/link/<token>")
@limiter.limit(SIGN_IN)
def use_link(token: str) -> ResponseReturnValue:
    """Sign in by a one-time link; where it no longer serves, another can be asked for at once."""
    try:
        person = service.redeem_link(token, datetime.now(UTC))
    except service.LinkRefusedError as error:
        return render_template("accounts/sign_in.html", error=error.message), 422
    return _enter(person, url_for("home.index"))


@blueprint.post("/language")
def language() -> ResponseReturnValue:
    """Change the language of the site, and of the person where signed in."""
    chosen = request.form.get("language", "fr")
    if chosen in LANGUAGES:
        session["language"] = chosen
        if current_user.is_authenticated:
            current_user.language = chosen
    return redirect(safe_next(request.form.get("next"), url_for("home.index")))
