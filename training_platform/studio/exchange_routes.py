"""Pages where a module goes out and questions and modules come in."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.catalogue import package as packages
from training_platform.exchange import conversion, gift, moodle
from training_platform.exchange.questions import UnreadableFileError
from training_platform.exchange.rules import Arrivals
from training_platform.studio import incoming, printing, service
from training_platform.studio.routes import blueprint
from training_platform.text import LANGUAGES, Text
from training_platform.web.access import login_required
from training_platform.web.i18n import language, t
from training_platform.web.limits import UPLOADS, limiter
from training_platform.web.pdf import as_pdf


@blueprint.get("/<slug>/exchange")
@login_required
def exchange(slug: str) -> ResponseReturnValue:
    """Offer the module in each format, and ask for questions to bring in."""
    return _exchange(slug)


def _exchange(slug: str, refused: Text | None = None, arrived: Arrivals | None = None) -> ResponseReturnValue:
    package = service.working_copy(service.editable(current_user.id, slug))
    page = render_template(
        "studio/exchange.html",
        slug=slug,
        package=package,
        framework=framework.current(),
        steps=incoming.steps_of(package),
        refused=refused,
        arrived=arrived,
        typed=request.form,
    )
    return page, 422 if refused else 200


@blueprint.post("/<slug>/exchange/questions")
@login_required
@limiter.limit(UPLOADS)
def bring_questions(slug: str) -> ResponseReturnValue:
    """Add a file's questions to the draft and say what was understood, with what losses, and what was not."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _exchange(slug, Text("Choisissez un fichier GIFT ou Moodle XML.", "Choose a GIFT or Moodle XML file."))
    told = request.form.get("language", "")
    try:
        arrived = incoming.bring_questions(
            current_user.id,
            slug,
            file.read(),
            told if told in LANGUAGES else language(),
            request.form.get("step", ""),
            datetime.now(UTC),
        )
    except UnreadableFileError as error:
        return _exchange(slug, error.message)
    return _exchange(slug, arrived=arrived)


@blueprint.get("/<slug>/exchange/questions.<kind>")
@login_required
def take_questions(slug: str, kind: str) -> Response:
    """Return the module's questions as GIFT in one language, or as Moodle XML in both."""
    package = service.working_copy(service.editable(current_user.id, slug))
    found = [conversion.to_foreign(question) for question in package.questions]
    if kind == "xml":
        return _file(moodle.write(found), "application/xml", f"{slug}.xml")
    return _file(gift.write(found, _asked_language()).encode(), "text/plain; charset=utf-8", f"{slug}.gift.txt")


@blueprint.get("/<slug>/exchange/module.zip")
@login_required
def take_module(slug: str) -> Response:
    """Return the module as a package."""
    package = service.working_copy(service.editable(current_user.id, slug))
    return _file(packages.write_zip(package), "application/zip", f"{slug}.zip")


@blueprint.get("/<slug>/exchange/module.pdf")
@login_required
def print_module(slug: str) -> Response:
    """Return the module as a PDF to print, exercises with their answers at the end."""
    package = service.working_copy(service.editable(current_user.id, slug))
    chosen = _asked_language()
    page = render_template(
        "studio/module_print.html",
        package=package,
        chosen=chosen,
        lessons=printing.lessons(package, framework.current().facts, chosen),
        styles=printing.styles(current_app.root_path),
    )
    return as_pdf(page, f"{slug}-{chosen}")


@blueprint.get("/import")
@login_required
def importing() -> ResponseReturnValue:
    """Ask for a module package."""
    service.require_officer(current_user.id)
    return render_template("studio/import.html", problems=(), refused=None)


@blueprint.post("/import")
@login_required
@limiter.limit(UPLOADS)
def bring_module() -> ResponseReturnValue:
    """Make a module package a draft, or say what is wrong with it."""
    service.require_officer(current_user.id)
    file = request.files.get("file")
    if file is None or not file.filename:
        refused = Text("Choisissez un module au format .zip.", "Choose a module in .zip format.")
        return render_template("studio/import.html", problems=(), refused=refused), 422
    try:
        slug = incoming.bring_module(current_user.id, file.read(), datetime.now(UTC))
    except packages.PackageError as error:
        return render_template("studio/import.html", problems=error.problems, refused=None), 422
    flash(
        t("Le module est un brouillon : relisez-le, puis publiez.", "The module is a draft: read it, then publish."),
        "good",
    )
    return redirect(url_for(".edit", slug=slug))


def _asked_language() -> str:
    asked = request.args.get("language", "")
    return asked if asked in LANGUAGES else language()


def _file(content: bytes, kind: str, name: str) -> Response:
    response = Response(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
