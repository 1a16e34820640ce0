"""What an author puts into a lesson: facts, exercises, figures, links found by search; pasted text; pictures."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.studio import inserting, pasting, service
from training_platform.studio.editor_routes import wants_json
from training_platform.studio.routes import blueprint
from training_platform.web.access import login_required
from training_platform.web.i18n import language, t
from training_platform.web.limits import ANSWERS, UPLOADS, limiter
from training_platform.web.typed import typed


@blueprint.get("/<slug>/insertions/<kind>")
@login_required
def insertions(slug: str, kind: str) -> str:
    """Show what can be put into a lesson: facts, exercises, labs, figures or modules that match the words typed."""
    package = service.working_copy(service.editable(current_user.id, slug))
    found = inserting.find(kind, typed(request.args, "q"), package, framework.current(), language())
    return render_template(
        "studio/insertions.html", slug=slug, kind=kind, q=request.args.get("q", ""), found=found, package=package
    )


@blueprint.post("/<slug>/paste")
@login_required
@limiter.limit(ANSWERS)
def paste(slug: str) -> ResponseReturnValue:
    """Return what was pasted as clean Markdown."""
    service.editable(current_user.id, slug)
    return jsonify(markdown=pasting.markdown_of(request.get_data(as_text=True)))


@blueprint.post("/<slug>/pictures")
@login_required
@limiter.limit(UPLOADS)
def upload(slug: str) -> ResponseReturnValue:
    """Keep a picture in the draft and return how to write it into a lesson; its alternative text is asked for."""
    alternatives = {code: typed(request.form, f"alt_{code}") for code in ("fr", "en")}
    filename, data = _sent_picture()
    name = inserting.add_picture(current_user.id, slug, filename, data, alternatives, datetime.now(UTC))
    written = {code: f"![{text}](../img/{name})" for code, text in alternatives.items()}
    if wants_json():
        return jsonify(name=name, markdown=written)
    flash(
        t(
            f"Image ajoutée. Écrivez ceci seul sur une ligne de la leçon : {written['fr']}",
            f"Picture added. Write this alone on a line of the lesson: {written['en']}",
        ),
        "good",
    )
    return redirect(url_for(".edit", slug=slug, _anchor="pictures"))


def _sent_picture() -> tuple[str, bytes]:
    """Return the name and the bytes of the file of the form; its temporary copy is closed at once."""
    file = request.files.get("picture")
    if file is None:
        return "", b""
    with closing(file):
        return file.filename or "", file.read()


@blueprint.post("/<slug>/pictures/<name>/remove")
@login_required
def remove_picture(slug: str, name: str) -> ResponseReturnValue:
    """Take an unused picture out of the draft."""
    inserting.remove_picture(current_user.id, slug, name, datetime.now(UTC))
    flash(t("Image retirée du brouillon.", "Picture taken out of the draft."), "good")
    return redirect(url_for(".edit", slug=slug, _anchor="pictures"))
