"""Pages where questions are written: the bank, one question with what to remark on it, trying it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework, matching
from training_platform.catalogue import grading
from training_platform.catalogue.format import BankQuestion, ModulePackage, PracticeQuestion
from training_platform.matching import service as matcher
from training_platform.studio import drafts, questions, service
from training_platform.studio.drafts import Opened
from training_platform.studio.editor_routes import answer, conflicts_of, number, presence, said, wants_json
from training_platform.studio.questions import BANK, Errors
from training_platform.studio.routes import blueprint
from training_platform.studio.rules import translation
from training_platform.studio.rules.warnings import warnings_of
from training_platform.text import LANGUAGES
from training_platform.web import i18n
from training_platform.web.access import login_required
from training_platform.web.i18n import t
from training_platform.web.limits import ANSWERS, limiter
from training_platform.web.typed import typed


@blueprint.get("/<slug>/questions")
@login_required
def bank(slug: str) -> ResponseReturnValue:
    """Show the questions of the bank and of the exercises, with how many remarks each has."""
    opened = drafts.open_draft(current_user.id, slug, datetime.now(UTC))
    package = opened.package
    groups: list[tuple[str, str, Sequence[PracticeQuestion]]] = [
        (BANK, t("Banque du module", "The module's bank"), package.questions)
    ]
    groups += [
        (one.id, t(one.title.fr, one.title.en), one.questions)
        for one in package.exercises
        if one.kind != "decision_simulation"
    ]
    return render_template(
        "studio/questions.html",
        slug=slug,
        package=package,
        opened=opened,
        groups=groups,
        kinds=questions.KINDS,
        warnings_of=warnings_of,
        lags=translation.lags(drafts.marks_of(opened.edited.module_id), translation.pairs_of(package)),
        framework=framework.current(),
        undo=request.args.get("undo", type=int),
    )


@blueprint.post("/<slug>/questions")
@login_required
def arrange(slug: str) -> ResponseReturnValue:
    """Add, copy or take out a question; taking out can be undone."""
    verb, _, target = request.form.get("do", "").partition(":")
    owner, _, key = target.partition("/")
    made = {"key": key}

    def change(package: ModulePackage) -> tuple[ModulePackage, Errors]:
        if verb == "add":
            package, made["key"] = questions.add(package, owner, request.form.get("kind", "single"))
        elif verb == "copy":
            package, made["key"] = questions.copy(package, owner, key)
        elif verb == "remove":
            package = questions.remove(package, owner, key)
        return package, {}

    opened = drafts.open_draft(current_user.id, slug, datetime.now(UTC))
    saved = drafts.save(current_user.id, slug, opened.base, opened.token, change, datetime.now(UTC))
    drafts.leave(current_user.id, opened.token)
    if verb == "remove":
        flash(t("Question retirée du brouillon.", "Question taken out of the draft."), "good")
        return redirect(url_for(".bank", slug=slug, undo=opened.base if saved.written else None))
    return redirect(url_for(".question", slug=slug, owner=owner, key=made["key"]))


@blueprint.get("/<slug>/questions/<owner>/<key>")
@login_required
def question(slug: str, owner: str, key: str) -> ResponseReturnValue:
    """Show one question as a form."""
    opened = drafts.open_draft(current_user.id, slug, datetime.now(UTC))
    asked = questions.question_of(opened.package, owner, key)
    return _form(opened, owner, asked, {}, [], questions.fields_of(asked))


def _form(
    opened: Opened,
    owner: str,
    asked: PracticeQuestion,
    errors: Errors,
    conflicts: list[dict[str, object]],
    values: dict[str, str],
    seen: str = "",
) -> ResponseReturnValue:
    package = opened.package
    siblings = [one.id for one in questions.questions_of(package, owner)]
    others = drafts.colleagues(opened.edited, current_user.id, datetime.now(UTC))
    place = siblings.index(asked.id)
    marks = drafts.marks_of(opened.edited.module_id)
    name = f"question:{asked.id}"
    pairs = {name: translation.question_pair(asked)}
    page = render_template(
        "studio/question.html",
        slug=opened.edited.slug,
        opened=opened,
        package=package,
        owner=owner,
        question=asked,
        is_bank=isinstance(asked, BankQuestion),
        place=place + 1,
        total=len(siblings),
        before=siblings[place - 1] if place else None,
        after=siblings[place + 1] if place + 1 < len(siblings) else None,
        values=values,
        seen=seen,
        errors=errors,
        conflicts=conflicts,
        framework=framework.current(),
        texts=questions,
        rows=min(max(len(asked.options) + 1, len(asked.items) + 1, len(asked.pairs) + 1, 3), questions.MOST_ROWS),
        part=questions.PARTS.get(asked.kind),
        steps=[(step.c, level) for step in package.head.steps for level in range(step.from_level, step.to)],
        warnings=warnings_of(asked),
        playable=questions.playable(asked),
        shuffled=grading.shuffled,
        lag=translation.lags(marks, pairs).get(name) if owner == BANK else None,
        colleagues=others,
        presence=presence([one.name for one in others]),
        undo=request.args.get("undo", type=int),
    )
    return page, 422 if errors or conflicts else 200


@blueprint.post("/<slug>/questions/<owner>/<key>")
@login_required
def save_question(slug: str, owner: str, key: str) -> ResponseReturnValue:
    """Keep one question in the draft, merged with what others saved since."""
    fields = {name: typed(request.form, name) for name in request.form}
    action = fields.get("do", "save")

    def change(package: ModulePackage) -> tuple[ModulePackage, Errors]:
        return questions.change(package, owner, key, fields, framework.current(), action)

    base = number(fields, "base")
    saved = drafts.save(
        current_user.id, slug, base, fields.get("editor", ""), change, datetime.now(UTC), seen=fields.get("seen", "")
    )

    def shown(package: ModulePackage) -> dict[str, str]:
        return questions.fields_of(questions.question_of(package, owner, key))

    if wants_json():
        return jsonify(answer(saved, shown))
    if saved.errors or saved.theirs:
        edited = service.editable(current_user.id, slug)
        opened = Opened(
            edited=edited,
            package=saved.package,
            token=fields.get("editor", ""),
            base=base if saved.errors else 0,
        )
        asked = questions.question_of(saved.package, owner, key)
        values = shown(saved.package) | (fields if saved.errors else {})
        return _form(opened, owner, asked, saved.errors, conflicts_of(saved, shown), values, saved.seen)
    if action == "level":
        drafts.level(current_user.id, slug, f"question:{key}")
    flash(said(saved), "good")
    undo = (
        base
        if action.startswith("drop") or questions.question_of(saved.package, owner, key).kind != fields.get("was")
        else None
    )
    return redirect(
        url_for(".question", slug=slug, owner=owner, key=key, undo=undo, _anchor="rows" if action != "save" else None)
    )


@blueprint.get("/<slug>/questions/<owner>/<key>/aside")
@login_required
@limiter.limit(ANSWERS)
def remarks(slug: str, owner: str, key: str) -> str:
    """Show what to remark on a question as saved, what resembles it by meaning, and the question to try."""
    package = service.working_copy(service.editable(current_user.id, slug))
    asked = questions.question_of(package, owner, key)
    text = f"{asked.scene.fr if asked.scene else ''} {asked.ask.fr}".strip()
    alike = matcher.similar_questions([text], "", matching.current()) if len(text) > 20 else []
    if request.args.get("language") in LANGUAGES:
        i18n.read_in(request.args["language"])
    return render_template(
        "studio/aside.html",
        slug=slug,
        owner=owner,
        question=asked,
        warnings=warnings_of(asked),
        alike=[match for match in alike if match.key != asked.id][:3],
        playable=questions.playable(asked),
        shuffled=grading.shuffled,
    )


@blueprint.post("/<slug>/questions/<owner>/<key>/try")
@login_required
@limiter.limit(ANSWERS)
def try_question(slug: str, owner: str, key: str) -> ResponseReturnValue:
    """Mark an author's own answer; nothing is kept."""
    if request.args.get("language") in LANGUAGES:
        i18n.read_in(request.args["language"])
    package = service.working_copy(service.editable(current_user.id, slug))
    asked = questions.question_of(package, owner, key)
    reading = grading.read_answer(asked, request.form.to_dict(flat=False))
    page = render_template(
        "studio/tried.html",
        slug=slug,
        owner=owner,
        question=asked,
        given=reading.given,
        error=reading.error,
        correct=reading.given is not None and grading.grade(asked, reading.given),
        shuffled=grading.shuffled,
    )
    return page, 422 if reading.error else 200
