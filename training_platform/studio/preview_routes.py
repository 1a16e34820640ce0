"""The preview: the reader's own page on the draft, its exercises to be tried, nothing kept."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.catalogue import grading, pictures
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage, Wording
from training_platform.catalogue.grading import UNKNOWN
from training_platform.labs import service as labs
from training_platform.learning import service as learning
from training_platform.learning.rendering import render
from training_platform.studio import service
from training_platform.studio.drafts import too_long
from training_platform.studio.routes import blueprint
from training_platform.text import LANGUAGES, Text, excess
from training_platform.web import headers, i18n
from training_platform.web.access import login_required
from training_platform.web.i18n import language
from training_platform.web.limits import ANSWERS, limiter
from training_platform.web.typed import typed

FRAMED = headers.POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
"""The preview stands in a frame of the editor, of the same origin."""
LONGEST_REASON = 500
"""Characters of a reason that is tried: what was tried travels in the address of the page."""


@blueprint.get("/<slug>/preview")
@login_required
def preview(slug: str) -> str:
    """Show the whole draft as readers will see it."""
    package = service.working_copy(service.editable(current_user.id, slug))
    facts = framework.current().facts
    lessons = [
        render(lesson.text[language()], images=package.images, facts=facts, language=language(), prefix=f"l{number}-")
        for number, lesson in enumerate(package.lessons, 1)
    ]
    return render_template("studio/preview.html", slug=slug, package=package, lessons=lessons)


@blueprint.route("/<slug>/preview/lessons/<int:number>", methods=["GET", "POST"])
@login_required
def lesson(slug: str, number: int) -> ResponseReturnValue:
    """Show one lesson on the reader's page, with the text being typed where it is sent."""
    package = service.working_copy(service.editable(current_user.id, slug))
    if "text" in request.form and too_long(request.form["text"]) is None:
        package = _with_text(package, number, typed(request.form, "text"))
    return _page(slug, package, number)


def _with_text(package: ModulePackage, number: int, text: str) -> ModulePackage:
    if not 1 <= number <= len(package.lessons):
        raise learning.UnknownLessonError
    lessons = list(package.lessons)
    wording = Wording.model_construct(fr=text, en=text)
    lessons[number - 1] = lessons[number - 1].model_copy(update={"text": wording})
    return package.model_copy(update={"lessons": lessons})


def _page(
    slug: str,
    package: ModulePackage,
    number: int,
    answers: dict[str, dict[str, Any]] | None = None,
    errors: dict[str, Text] | None = None,
) -> Response:
    """Render the reader's own template on a draft; what was tried travels in the addresses of the forms."""
    if not 1 <= number <= len(package.lessons):
        raise learning.UnknownLessonError
    if (wanted := request.values.get("language")) in LANGUAGES:
        i18n.read_in(str(wanted))
    given = answers or {}
    modules = {live.code: live.slug for live in catalogue.live_modules()}
    rendered = render(
        package.lessons[number - 1].text[language()],
        images=package.images,
        facts=framework.current().facts,
        language=language(),
        link=lambda code: url_for("catalogue.module", slug=modules[code]) if code in modules else "#",
        picture=lambda name: url_for(".draft_picture", slug=slug, name=name),
    )

    def address(action: str, **place: Any) -> str:
        if action == "place":
            return ""
        tried = {"given": json.dumps(given)} if given else {}
        return url_for(
            f"studio.try_{action}", **{"slug": slug, "number": number, "language": language(), **place, **tried}
        )

    page = render_template(
        "learning/lesson.html",
        frame="studio/frame.html",
        slug=slug,
        package=package,
        number=number,
        lesson=rendered,
        exercises={exercise.id: exercise for exercise in package.exercises},
        answers=given,
        labs=_labs(slug, package, rendered.labs),
        facts=framework.current().facts,
        play=learning.play,
        grade=grading.grade,
        shuffled=grading.shuffled,
        address=address,
        errors=errors or {},
        typed=request.form,
        longest=LONGEST_REASON,
    )
    response = make_response(page, 422 if errors else 200)
    response.headers["Content-Security-Policy"] = FRAMED
    return response


def _labs(slug: str, package: ModulePackage, placed: Sequence[str]) -> dict[str, labs.ShownLab]:
    """Return the labs of the lesson as a reader first meets them."""
    places = [labs.Place(slug=slug, version_id=0, package=package, lab=lab) for lab in package.labs]
    return {place.lab.id: labs.shown(current_user.id, place, {}) for place in places if place.lab.id in placed}


def _given(package: ModulePackage) -> dict[str, dict[str, Any]]:
    """Return what was tried so far, as far as it fits the draft of now."""
    try:
        sent = json.loads(request.args.get("given", "") or "{}")
    except (ValueError, RecursionError):
        return {}
    kept: dict[str, dict[str, Any]] = {}
    for exercise in package.exercises:
        answers = sent.get(exercise.id) if isinstance(sent, dict) else None
        if not isinstance(answers, dict):
            continue
        choices = {decision.id: {choice.id for choice in decision.choices} for decision in exercise.decisions}
        kept[exercise.id] = {
            key: {"choice": str(one["choice"]), "reason": str(one.get("reason", ""))[:LONGEST_REASON]}
            for key, one in answers.items()
            if isinstance(one, dict) and str(one.get("choice")) in choices.get(key, ())
        }
    return kept


@blueprint.post("/<slug>/preview/lessons/<int:number>/exercises/<exercise>/<item>")
@login_required
@limiter.limit(ANSWERS)
def try_answer(slug: str, number: int, exercise: str, item: str) -> ResponseReturnValue:
    """Show the feedback to an author's own answer."""
    package = service.working_copy(service.editable(current_user.id, slug))
    asked = learning.question_of(learning.exercise_of(package, exercise), item)
    reading = grading.read_answer(asked, request.form.to_dict(flat=False))
    if reading.given is None:
        return _page(slug, package, number, errors={f"{exercise}-{item}": reading.error or Text("", "")})
    return _page(slug, package, number, {exercise: {item: reading.given or UNKNOWN}})


@blueprint.post("/<slug>/preview/lessons/<int:number>/decisions/<exercise>/<decision>")
@login_required
@limiter.limit(ANSWERS)
def try_decide(slug: str, number: int, exercise: str, decision: str) -> ResponseReturnValue:
    """Show what follows from an author's own decision."""
    package = service.working_copy(service.editable(current_user.id, slug))
    given = _given(package)
    found = next((d for d in learning.exercise_of(package, exercise).decisions if d.id == decision), None)
    choice = request.form.get("choice", "")
    if found is None or choice not in {one.id for one in found.choices}:
        missing = Text("Choisissez une décision.", "Choose a decision.")
        return _page(slug, package, number, given, {f"{exercise}-{decision}": missing})
    reason = typed(request.form, "reason")
    if over := excess(reason, LONGEST_REASON):
        return _page(slug, package, number, given, {f"{exercise}-{decision}": over})
    answers = given.get(exercise, {}) | {decision: {"choice": choice, "reason": reason}}
    return _page(slug, package, number, given | {exercise: answers})


@blueprint.route("/<slug>/preview/lessons/<int:number>/exercises/<exercise>/restart", methods=["GET", "POST"])
@login_required
def try_restart(slug: str, number: int, exercise: str) -> ResponseReturnValue:
    """Start the tried exercise again."""
    return redirect(url_for(".lesson", slug=slug, number=number, language=request.args.get("language")))


@blueprint.get("/<slug>/preview/lessons/<int:number>/lesson")
@login_required
def try_lesson(slug: str, number: int) -> ResponseReturnValue:
    """Go to another lesson of the preview."""
    return redirect(url_for(".lesson", slug=slug, number=number, language=request.args.get("language")))


@blueprint.post("/<slug>/preview/lessons/<int:number>/finish")
@login_required
def try_finish(slug: str, number: int) -> ResponseReturnValue:
    """Go on to the next lesson, after the last one to the first."""
    package = service.working_copy(service.editable(current_user.id, slug))
    following = number + 1 if number < len(package.lessons) else 1
    return redirect(url_for(".lesson", slug=slug, number=following, language=request.args.get("language")))


@blueprint.get("/<slug>/pictures/<name>")
@login_required
def draft_picture(slug: str, name: str) -> ResponseReturnValue:
    """Send a picture of the draft to its authors."""
    images = service.working_copy(service.editable(current_user.id, slug)).images
    if name not in images:
        return current_app.make_response(("", 404))
    data, kind = pictures.data_of(name, images[name])
    response = Response(data, mimetype=kind)
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response
