"""Pages of the reader: one lesson, its exercises, resuming."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.catalogue import grading, visible
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage
from training_platform.labs import service as labs
from training_platform.learning import reading_time, service
from training_platform.learning.models import Enrolment
from training_platform.learning.rendering import RenderedLesson, render
from training_platform.text import Text
from training_platform.web.access import login_required
from training_platform.web.i18n import language, t
from training_platform.web.limits import ANSWERS, limiter
from training_platform.web.typed import typed

blueprint = Blueprint("learning", __name__, url_prefix="/modules/<slug>")
LINKED = re.compile(r"\bmodule:([\w-]+)")


def _enrolment(slug: str) -> Enrolment:
    return service.enrolment_at(current_user.id, slug, datetime.now(UTC))


def _reading(slug: str, number: int) -> tuple[Enrolment, ModulePackage]:
    """Return the enrolment and what is read, after counting this request as a sign that the lesson is being read."""
    enrolment = _enrolment(slug)
    package = catalogue.package_of(enrolment.version_id)
    service.require_lesson(package, number)
    reading_time.sign(enrolment, number, datetime.now(UTC))
    return enrolment, package


def _rendered(slug: str, version_id: int, package: ModulePackage, number: int) -> RenderedLesson:
    markdown = package.lessons[number - 1].text[language()]
    linked = set(LINKED.findall(markdown))
    seen = visible.modules_for(current_user.id) if linked else []
    slugs = tuple((live.code, live.slug) for live in seen if live.code in linked)
    return _render(markdown, tuple(package.images.items()), language(), slug, version_id, slugs)


@lru_cache(maxsize=300)
def _render(
    markdown: str,
    images: tuple[tuple[str, str], ...],
    language: str,
    slug: str,
    version_id: int,
    slugs: tuple[tuple[str, str], ...],
) -> RenderedLesson:
    """Render once what is the same for all its readers; the modules that it leads to are those that the reader sees."""
    addresses = dict(slugs)
    return render(
        markdown,
        images=dict(images),
        facts=framework.current().facts,
        language=language,
        link=lambda code: url_for("catalogue.module", slug=addresses[code]) if code in addresses else "#",
        picture=lambda name: url_for("catalogue.picture", slug=slug, version=version_id, name=name),
    )


@blueprint.post("/start")
@login_required
def start(slug: str) -> ResponseReturnValue:
    """Start or resume, exactly where the person stopped."""
    enrolment = _enrolment(slug)
    return redirect(url_for(".lesson", slug=slug, number=enrolment.lesson, _anchor=enrolment.anchor or None))


@blueprint.get("/lessons/<int:number>")
@login_required
def lesson(slug: str, number: int) -> ResponseReturnValue:
    """Show one lesson with its exercises as answered so far."""
    return _show(slug, *_reading(slug, number), number)


def _show(
    slug: str, enrolment: Enrolment, package: ModulePackage, number: int, errors: dict[str, Text] | None = None
) -> ResponseReturnValue:
    lesson = _rendered(slug, enrolment.version_id, package, number)
    page = render_template(
        "learning/lesson.html",
        slug=slug,
        package=package,
        enrolment=enrolment,
        number=number,
        lesson=lesson,
        exercises={exercise.id: exercise for exercise in package.exercises},
        answers=service.answers_of(enrolment),
        labs=labs.shown_in_lesson(current_user.id, slug, enrolment.version_id, lesson.labs),
        facts=framework.current().facts,
        play=service.play,
        grade=grading.grade,
        shuffled=grading.shuffled,
        address=lambda action, **place: url_for(f".{action}", **{"slug": slug, "number": number, **place}),
        errors=errors or {},
        typed=request.form,
        longest=service.LONGEST_REASON,
    )
    return page, 422 if errors else 200


@blueprint.post("/told")
@login_required
def told(slug: str) -> ResponseReturnValue:
    """Put away the note about a new version."""
    enrolment = _enrolment(slug)
    enrolment.to_tell = False
    return redirect(url_for(".lesson", slug=slug, number=enrolment.lesson))


@blueprint.post("/lessons/<int:number>/place")
@login_required
@limiter.limit(ANSWERS)
def place(slug: str, number: int) -> ResponseReturnValue:
    """Remember the heading that the person has reached."""
    service.save_place(_reading(slug, number)[0], number, request.form.get("anchor", ""), datetime.now(UTC))
    return "", 204


@blueprint.post("/lessons/<int:number>/finish")
@login_required
def finish(slug: str, number: int) -> ResponseReturnValue:
    """Mark the lesson as read and go on."""
    following = service.finish_lesson(_reading(slug, number)[0], number, datetime.now(UTC))
    if following:
        return redirect(url_for(".lesson", slug=slug, number=following))
    return redirect(url_for("assessment.quiz", slug=slug))


@blueprint.post("/lessons/<int:number>/exercises/<exercise>/<item>")
@login_required
@limiter.limit(ANSWERS)
def answer(slug: str, number: int, exercise: str, item: str) -> ResponseReturnValue:
    """Keep an answer to a practice question and show its feedback in place."""
    enrolment, package = _reading(slug, number)
    question = service.question_of(service.exercise_of(package, exercise), item)
    reading = grading.read_answer(question, request.form.to_dict(flat=False))
    if reading.given is None:
        assert reading.error is not None
        return _show(slug, enrolment, package, number, {f"{exercise}-{item}": reading.error})
    service.practise(enrolment, exercise, item, reading.given, datetime.now(UTC))
    return redirect(url_for(".lesson", slug=slug, number=number, _anchor=f"x-{exercise}-{item}"))


@blueprint.post("/lessons/<int:number>/decisions/<exercise>/<decision>")
@login_required
@limiter.limit(ANSWERS)
def decide(slug: str, number: int, exercise: str, decision: str) -> ResponseReturnValue:
    """Keep a decision of a simulation and show what follows."""
    enrolment, package = _reading(slug, number)
    choice, reason = request.form.get("choice", ""), typed(request.form, "reason")
    try:
        service.decide(enrolment, exercise, decision, choice, reason, datetime.now(UTC))
    except service.IncompleteDecisionError as error:
        return _show(slug, enrolment, package, number, {f"{exercise}-{decision}": error.message})
    return redirect(url_for(".lesson", slug=slug, number=number, _anchor=f"x-{exercise}"))


@blueprint.post("/lessons/<int:number>/exercises/<exercise>/restart")
@login_required
def restart(slug: str, number: int, exercise: str) -> ResponseReturnValue:
    """Start an exercise again."""
    service.restart(_enrolment(slug), exercise)
    flash(t("Exercice remis à zéro.", "Exercise started again."), "info")
    return redirect(url_for(".lesson", slug=slug, number=number, _anchor=f"x-{exercise}"))
