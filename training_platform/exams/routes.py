"""Pages of the candidate: the exam with its parts, one question at a time, a text, a case; each answer saved at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from training_platform import framework
from training_platform.cases import rules as case_rules
from training_platform.cases import service as library_service
from training_platform.cases.format import Case
from training_platform.catalogue import grading
from training_platform.catalogue.format import Wording
from training_platform.exams import appeals, marking, parts, service
from training_platform.exams import cases as exam_cases
from training_platform.exams.access import part_of
from training_platform.exams.models import LONGEST_TEXT, LONGEST_WORDS, ExamPartRow
from training_platform.exams.rules import seconds_left
from training_platform.learning.rendering import Pieces
from training_platform.text import Text
from training_platform.web.access import login_required
from training_platform.web.i18n import language, t
from training_platform.web.limits import ANSWERS, limiter
from training_platform.web.typed import typed

blueprint = Blueprint("exams", __name__, url_prefix="/exams")
SAVES = "240 per minute"
"""Each change of an answer is saved: more than practice allows, still far from a flood."""


def library() -> Mapping[str, Case]:
    """Return the cases of this installation by slug."""
    return library_service.cases(Path(current_app.extensions["settings"].content_folder))


def _row(exam_id: int, part_id: str) -> ExamPartRow:
    return parts.part_row(current_user.id, exam_id, part_id, datetime.now(UTC))


@blueprint.get("/<int:exam_id>")
@login_required
def exam(exam_id: int) -> ResponseReturnValue:
    """Show the parts with their state, the statement to accept, and the result once there is one."""
    return _exam(exam_id)


def _exam(exam_id: int, error: Text | None = None) -> ResponseReturnValue:
    page = render_template(
        "exams/exam.html",
        exam=service.exam_of(current_user.id, exam_id, datetime.now(UTC)),
        comments=marking.comments_of(exam_id),
        appeal=appeals.appeal_of(exam_id),
        error=error,
        typed=request.form,
        longest=LONGEST_WORDS,
    )
    return page, 422 if error else 200


@blueprint.post("/<int:exam_id>/conduct")
@login_required
def conduct(exam_id: int) -> ResponseReturnValue:
    """Accept the statement of honest conduct."""
    if request.form.get("honest") == "1":
        service.accept_conduct(current_user.id, exam_id, datetime.now(UTC))
    else:
        flash(t("Cochez l'engagement pour commencer.", "Tick the statement to begin."), "warn")
    return redirect(url_for(".exam", exam_id=exam_id))


@blueprint.post("/<int:exam_id>/<part_id>/start")
@login_required
def start(exam_id: int, part_id: str) -> ResponseReturnValue:
    """Begin a part, or go on with it."""
    parts.start(current_user.id, exam_id, part_id, framework.current(), library(), datetime.now(UTC))
    return redirect(url_for(".part", exam_id=exam_id, part_id=part_id))


@blueprint.get("/<int:exam_id>/<part_id>")
@login_required
def part(exam_id: int, part_id: str) -> ResponseReturnValue:
    """Show where the candidate is in a part; what is handed in leads back to the exam."""
    row = _row(exam_id, part_id)
    if row.started_at is None or row.handed_in_at is not None:
        return redirect(url_for(".exam", exam_id=exam_id))
    return _part(row)


def _part(row: ExamPartRow, error: Text | None = None) -> ResponseReturnValue:
    now = datetime.now(UTC)
    asked = part_of(row)
    shared = {
        "exam_id": row.exam_id,
        "part": asked,
        "ends_at": row.ends_at,
        "left": seconds_left(row.started_at or now, row.ends_at, now) if row.ends_at else 0,
        "error": error,
        "typed": request.form,
    }
    if asked.kind == "quiz":
        place = request.view_args.get("place", 0) if request.view_args else 0
        view = parts.question_at(row, place or request.args.get("n", 1, type=int), now)
        filled = request.form if error else _filled(view.given)
        page = render_template("exams/quiz.html", view=view, shuffled=grading.shuffled, **{**shared, "typed": filled})
    elif asked.kind == "case":
        page = render_template(
            "exams/case.html",
            cases=exam_cases.played(row, library()),
            rules=case_rules,
            longest=LONGEST_WORDS,
            prose_of=_prose_of,
            written=lambda value: case_rules.written(value, language()),
            **shared,
        )
    else:
        words = parts.words_in(row.body)
        page = render_template("exams/text.html", body=row.body, words=words, longest=LONGEST_TEXT, **shared)
    return page, 422 if error else 200


def _prose_of(case: Case) -> Callable[[Wording], Markup]:
    """Return how the texts of a case are written on this page, figures filled in."""
    figures, pieces = case_rules.figures(case), Pieces(framework.current().facts, language())
    return lambda text: pieces.html(case_rules.filled(text[language()], figures, language()))


def _filled(given: grading.Given | None) -> MultiDict[str, str]:
    """Return a saved answer as the form that gave it."""
    fields: MultiDict[str, str] = MultiDict()
    for choice in (given or {}).get("choices", ()):
        fields.add("choice", choice)
    for rank, item in enumerate((given or {}).get("order", ()), 1):
        fields.add(f"order-{item}", str(rank))
    for left, right in (given or {}).get("pairs", {}).items():
        fields.add(f"match-{left}", right)
    if given and "number" in given:
        fields.add("number", f"{given['number']:g}")
    return fields


@blueprint.post("/<int:exam_id>/<part_id>/<int:place>")
@login_required
@limiter.limit(SAVES)
def save(exam_id: int, part_id: str, place: int) -> ResponseReturnValue:
    """Save the answer to one question and go on to the next."""
    row, now = _row(exam_id, part_id), datetime.now(UTC)
    view = parts.question_at(row, place, now) if row.handed_in_at is None else None
    if view is None:
        raise parts.TooLateError
    reading = grading.read_answer(view.question, request.form.to_dict(flat=False))
    if reading.given is None:
        return (
            (jsonify(incomplete=t(reading.error or Text("", ""))), 200) if _wants_json() else _part(row, reading.error)
        )
    parts.save_answer(row, place, reading.given, now)
    if _wants_json():
        return jsonify(saved=True)
    following = min(place + 1, len(view.answered))
    return redirect(url_for(".part", exam_id=exam_id, part_id=part_id, n=following))


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"


@blueprint.post("/<int:exam_id>/<part_id>/text")
@login_required
@limiter.limit(SAVES)
def save_text(exam_id: int, part_id: str) -> ResponseReturnValue:
    """Save the text written so far."""
    row = _row(exam_id, part_id)
    body = typed(request.form, "body")
    try:
        parts.save_text(row, body, datetime.now(UTC))
    except parts.TooLongError as problem:
        return (jsonify(error=t(problem.message)), 422) if _wants_json() else _part(row, problem.message)
    if _wants_json():
        return jsonify(saved=True, words=parts.words_in(body))
    flash(t("Texte enregistré.", "Text saved."), "good")
    return redirect(url_for(".part", exam_id=exam_id, part_id=part_id))


@blueprint.post("/<int:exam_id>/<part_id>/cases/<slug>/<decision>")
@login_required
@limiter.limit(SAVES)
def decide(exam_id: int, part_id: str, slug: str, decision: str) -> ResponseReturnValue:
    """Save one decision of a case."""
    row, now = _row(exam_id, part_id), datetime.now(UTC)
    taken = case_rules.Taken(choice=request.form.get("choice", ""), reason=typed(request.form, "reason"))
    try:
        parts.decide_case(row, library(), slug, decision, taken, now)
    except exam_cases.IncompleteDecisionError as problem:
        return _part(row, problem.message)
    return redirect(url_for(".part", exam_id=exam_id, part_id=part_id))


@blueprint.post("/<int:exam_id>/<part_id>/hand-in")
@login_required
@limiter.limit(SAVES)
def hand_in(exam_id: int, part_id: str) -> ResponseReturnValue:
    """Hand a part in for good; a text that came with it is saved first."""
    row, now = _row(exam_id, part_id), datetime.now(UTC)
    try:
        if "body" in request.form and row.handed_in_at is None:
            parts.save_text(row, typed(request.form, "body"), now)
        parts.hand_in(current_user.id, exam_id, part_id, library(), now)
    except parts.TooLongError as problem:
        return _part(row, problem.message)
    except parts.NotNowError as problem:
        # Back to the part by a redirect, so that the text that came with the request is kept as the sentence says.
        flash(t(problem.message), "warn")
        return redirect(url_for(".part", exam_id=exam_id, part_id=part_id))
    flash(t("C'est rendu.", "Handed in."), "good")
    return redirect(url_for(".exam", exam_id=exam_id))


@blueprint.post("/<int:exam_id>/appeal")
@login_required
@limiter.limit(ANSWERS)
def appeal(exam_id: int) -> ResponseReturnValue:
    """File an appeal."""
    try:
        appeals.file_appeal(current_user.id, exam_id, typed(request.form, "reason"), datetime.now(UTC))
    except appeals.AppealFormError as problem:
        return _exam(exam_id, problem.message)
    flash(
        t(
            "Votre recours est déposé. Une personne qui n'a pas noté votre épreuve le décidera, par écrit.",
            "Your appeal is filed. Somebody who did not mark your exam will decide it, in writing.",
        ),
        "good",
    )
    return redirect(url_for(".exam", exam_id=exam_id))
