"""Pages of the catalogue: all modules, one module."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.catalogue import service, visible
from training_platform.web.access import login_required
from training_platform.web.i18n import language

blueprint = Blueprint("catalogue", __name__, url_prefix="/modules")


@blueprint.get("/")
def index() -> str:
    """Show all modules by domain."""
    return render_template(
        "catalogue/index.html", framework=framework.current(), modules=visible.modules_for(_reader())
    )


def _reader() -> int | None:
    return current_user.id if current_user.is_authenticated else None


@blueprint.get("/<slug>")
def module(slug: str) -> ResponseReturnValue:
    """Show what a module is for, before one starts it; a copy that stands for it has its own address."""
    live = visible.even_archived(_reader(), slug)
    if live.slug != slug:
        return redirect(url_for(".module", slug=live.slug))
    package = service.package_of(live.version_id)
    return render_template(
        "catalogue/module.html",
        framework=framework.current(),
        module=live,
        head=live.head,
        origin=visible.origin_of(live.module_id),
        requires=[other for other in visible.modules_for(_reader()) if other.code in live.head.requires],
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
