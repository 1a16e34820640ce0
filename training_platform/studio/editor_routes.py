"""Pages where a module is written: the editor, what the text is about, the preview."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework, matching
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage
from training_platform.errors import RefusedError
from training_platform.learning.rendering import render
from training_platform.matching import service as matcher
from training_platform.studio import editing, service
from training_platform.studio.routes import blueprint
from training_platform.text import Text
from training_platform.web.access import login_required
from training_platform.web.i18n import language, t


@blueprint.get("/<slug>")
@login_required
def edit(slug: str) -> ResponseReturnValue:
    """Show the editor on the draft, or on what is live."""
    edited = service.editable(current_user.id, slug)
    package = service.working_copy(edited)
    return _editor(slug, package, catalogue.content_hash(package), {})


def _editor(slug: str, package: ModulePackage, seen: str, errors: dict[str, Text]) -> ResponseReturnValue:
    page = render_template(
        "studio/edit.html",
        slug=slug,
        package=package,
        seen=seen,
        errors=errors,
        typed=request.form,
        questions=editing.questions_text(package),
        has_draft=catalogue.draft_of(service.editable(current_user.id, slug).module_id) is not None,
    )
    return page, 422 if errors else 200


@blueprint.post("/<slug>")
@login_required
def save(slug: str) -> ResponseReturnValue:
    """Keep the draft, or show the editor again with all that was typed and what is wrong."""
    edited = service.editable(current_user.id, slug)
    seen = request.form.get("seen", "")
    package, errors = editing.change(service.working_copy(edited), request.form)
    if errors:
        return _editor(slug, package, seen, errors)
    try:
        editing.save(current_user.id, slug, package, seen, datetime.now(UTC))
    except RefusedError as error:
        return _editor(slug, package, seen, {"title_fr": error.message})
    flash(
        t("Brouillon enregistré. Les lecteurs ne le voient pas encore.", "Draft saved. Readers do not see it yet."),
        "good",
    )
    return redirect(url_for(".edit", slug=slug))


@blueprint.get("/<slug>/meaning")
@login_required
def meaning(slug: str) -> str:
    """Show what a draft is about and what resembles it: competencies and steps, modules, questions."""
    package = service.working_copy(service.editable(current_user.id, slug))
    current, engine = framework.current(), matching.current()
    text = editing.gist(package)
    near = matcher.search(text, language(), current, engine, limit=6)
    return render_template(
        "studio/meaning.html",
        slug=slug,
        package=package,
        framework=current,
        tags=matcher.mentioned(text, language(), current, engine),
        taught={step.c for step in package.head.steps},
        modules=[match for match in near if match.module.code != package.head.code][:5],
        questions=matcher.similar_questions(
            [f"{q.scene.fr if q.scene else ''} {q.ask.fr}" for q in package.questions], package.head.code, engine
        ),
    )


@blueprint.get("/<slug>/preview")
@login_required
def preview(slug: str) -> str:
    """Show the draft as readers will see it."""
    package = service.working_copy(service.editable(current_user.id, slug))
    facts = framework.current().facts
    lessons = [
        render(lesson.text[language()], images=package.images, facts=facts, language=language(), prefix=f"l{number}-")
        for number, lesson in enumerate(package.lessons, 1)
    ]
    return render_template("studio/preview.html", slug=slug, package=package, lessons=lessons)
