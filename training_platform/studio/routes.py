"""Pages of the studio: the list, the editor, the preview, publication."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework, matching
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage
from training_platform.errors import RefusedError
from training_platform.learning.rendering import render
from training_platform.matching import service as matcher
from training_platform.recommendations import tasks
from training_platform.studio import service
from training_platform.text import Text
from training_platform.web.access import login_required
from training_platform.web.i18n import language, t

blueprint = Blueprint("studio", __name__, url_prefix="/studio")


@blueprint.get("/")
@login_required
def index() -> str:
    """Show the modules to edit."""
    service.require_officer(current_user.id)
    return render_template("studio/index.html", modules=catalogue.live_modules(), framework=framework.current())


@blueprint.get("/<slug>")
@login_required
def edit(slug: str) -> ResponseReturnValue:
    """Show the editor on the draft, or on what is live."""
    live = service.editable(current_user.id, slug)
    package = service.working_copy(live)
    return _editor(slug, package, catalogue.content_hash(package), {})


def _editor(slug: str, package: ModulePackage, seen: str, errors: dict[str, Text]) -> ResponseReturnValue:
    page = render_template(
        "studio/edit.html",
        slug=slug,
        package=package,
        seen=seen,
        errors=errors,
        typed=request.form,
        questions=service.questions_text(package),
        has_draft=catalogue.draft_of(catalogue.live_by_slug(slug).module_id) is not None,
    )
    return page, 422 if errors else 200


@blueprint.post("/<slug>")
@login_required
def save(slug: str) -> ResponseReturnValue:
    """Keep the draft, or show the editor again with all that was typed and what is wrong."""
    live = service.editable(current_user.id, slug)
    seen = request.form.get("seen", "")
    package, errors = service.change(service.working_copy(live), request.form)
    if errors:
        return _editor(slug, package, seen, errors)
    try:
        service.save(current_user.id, slug, package, seen, datetime.now(UTC))
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
    text = service.gist(package)
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


@blueprint.post("/<slug>/publish")
@login_required
def publish(slug: str) -> ResponseReturnValue:
    """Publish the draft as a new version, or say what prevents it."""
    try:
        version = service.publish(current_user.id, slug, framework.current(), datetime.now(UTC))
    except service.DraftProblemsError as error:
        return render_template("studio/problems.html", slug=slug, problems=error.problems), 422
    tasks.replan_soon("catalogue")
    flash(t(f"Version {version.number} publiée.", f"Version {version.number} published."), "good")
    return redirect(url_for("catalogue.module", slug=slug))
