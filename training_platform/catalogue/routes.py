"""Pages of the catalogue: all modules, one module."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from training_platform import framework
from training_platform.catalogue import service
from training_platform.web.access import login_required
from training_platform.web.i18n import language

blueprint = Blueprint("catalogue", __name__, url_prefix="/modules")


@blueprint.get("/")
def index() -> str:
    """Show all modules by domain."""
    return render_template("catalogue/index.html", framework=framework.current(), modules=service.live_modules())


@blueprint.get("/<slug>")
def module(slug: str) -> str:
    """Show what a module is for, before one starts it."""
    live = service.with_archived(slug)
    package = service.package_of(live.version_id)
    return render_template(
        "catalogue/module.html",
        framework=framework.current(),
        module=live,
        head=live.head,
        requires=[other for other in service.live_modules() if other.code in live.head.requires],
        situations=package.situations[language()],
        labs=package.labs,
        lessons=[_title(lesson.text[language()]) for lesson in package.lessons],
    )


@blueprint.get("/<slug>/pictures/<int:version>/<name>")
@login_required
def picture(slug: str, version: int, name: str) -> Response:
    """Send a photograph of a published version; it never changes."""
    data, kind = service.picture_of(slug, version, name)
    response = Response(data, mimetype=kind)
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response


def _title(markdown: str) -> str:
    return markdown.partition("\n")[0].removeprefix("#").strip()
