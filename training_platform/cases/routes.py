"""Pages of the cases: all of them, one of them, a decision, what follows, the debrief."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from markupsafe import Markup

from training_platform import framework
from training_platform.cases import drawing, rules, service
from training_platform.cases.format import Case
from training_platform.catalogue import service as catalogue
from training_platform.catalogue import visible
from training_platform.catalogue.format import Wording
from training_platform.learning.rendering import Note, Pieces
from training_platform.text import Text
from training_platform.web.access import login_required
from training_platform.web.i18n import language, t
from training_platform.web.limits import ANSWERS, limiter
from training_platform.web.typed import typed

blueprint = Blueprint("cases", __name__, url_prefix="/cases")
LEVELS = {
    "establishment": Text("Dans un établissement", "In a hospital"),
    "ght": Text("Dans un groupement hospitalier (GHT)", "In a hospital group (GHT)"),
    "national": Text("À l'échelle nationale", "At national level"),
}


def _content() -> Path:
    return Path(current_app.extensions["settings"].content_folder)


def _case(slug: str) -> Case:
    return service.case(_content(), slug)


class _Prose:
    """The texts of one page, figures filled in, notes numbered in reading order."""

    def __init__(self, case: Case) -> None:
        self.figures = rules.figures(case)
        self.pieces = Pieces(framework.current().facts, language())

    def __call__(self, text: Wording) -> Markup:
        return self.pieces.html(rules.filled(text[language()], self.figures, language()))

    def notes(self) -> tuple[Note, ...]:
        return self.pieces.notes


def _page(name: str, case: Case, **more: object) -> str:
    return render_template(
        f"cases/{name}.html",
        case=case,
        level=LEVELS[case.level],
        prose=_Prose(case),
        rules=rules,
        letter_of=drawing.letter_of,
        roles=framework.current().roles,
        written=lambda value: rules.written(value, language()),
        **more,
    )


@blueprint.get("/")
@login_required
def index() -> str:
    """Show all cases by level, with where the person stands in each."""
    found = service.cases(_content())
    plays: dict[str, list[service.PlayView]] = {}
    for view in service.plays_of(current_user.id, found.values()):
        plays.setdefault(view.play.case.code, []).append(view)
    return render_template("cases/index.html", cases=found.values(), levels=LEVELS, plays=plays)


@blueprint.get("/<slug>")
@login_required
def case(slug: str) -> str:
    """Show the situation, the people and the documents, before one decides."""
    one = _case(slug)
    plays = service.plays_of(current_user.id, [one])
    return _page("case", one, plays=plays, fresh=rules.play(one, {}), modules=_modules(one), length=rules.length(one))


def _modules(one: Case) -> list[catalogue.LiveModule]:
    return [live for live in visible.modules_for(current_user.id) if live.code in one.modules]


@blueprint.post("/<slug>/plays")
@login_required
@limiter.limit(ANSWERS)
def start(slug: str) -> ResponseReturnValue:
    """Begin, or resume exactly where the person stopped."""
    play_id = service.start(current_user.id, _case(slug), datetime.now(UTC))
    return redirect(url_for(".play", slug=slug, play_id=play_id))


@blueprint.post("/<slug>/restart")
@login_required
@limiter.limit(ANSWERS)
def restart(slug: str) -> ResponseReturnValue:
    """Begin again; what was played stays as history."""
    play_id = service.restart(current_user.id, _case(slug), datetime.now(UTC))
    return redirect(url_for(".play", slug=slug, play_id=play_id))


@blueprint.get("/<slug>/plays/<int:play_id>")
@login_required
def play(slug: str, play_id: int) -> ResponseReturnValue:
    """Show the open decision, or lead to the debrief."""
    one = _case(slug)
    view = service.play_of(current_user.id, one, play_id)
    if view.ended_at is not None or view.play.finished:
        return redirect(url_for(".debrief", slug=slug, play_id=play_id))
    return _decision(one, view)


def _decision(one: Case, view: service.PlayView, errors: Mapping[str, Text] | None = None) -> ResponseReturnValue:
    page = _page(
        "decision",
        one,
        view=view,
        errors=errors or {},
        typed=request.form,
        length=rules.length(one),
        longest=service.LONGEST_REASON,
    )
    return page, 422 if errors else 200


@blueprint.post("/<slug>/plays/<int:play_id>/decisions/<decision>")
@login_required
@limiter.limit(ANSWERS)
def decide(slug: str, play_id: int, decision: str) -> ResponseReturnValue:
    """Keep a decision and show what follows from it."""
    one = _case(slug)
    taken = rules.Taken(choice=request.form.get("choice", ""), reason=typed(request.form, "reason"))
    try:
        kept = service.decide(current_user.id, one, play_id, decision, taken, datetime.now(UTC))
    except service.IncompleteDecisionError as error:
        return _decision(one, service.play_of(current_user.id, one, play_id), error.errors)
    if not kept:
        flash(
            t(
                "Vous aviez déjà pris cette décision : la première réponse est gardée.",
                "You had already taken this decision: the first answer is kept.",
            ),
            "info",
        )
    return redirect(url_for(".after", slug=slug, play_id=play_id, decision=decision))


@blueprint.get("/<slug>/plays/<int:play_id>/decisions/<decision>")
@login_required
def after(slug: str, play_id: int, decision: str) -> ResponseReturnValue:
    """Show what follows from a decision."""
    one = _case(slug)
    view = service.play_of(current_user.id, one, play_id)
    step = next((step for step in view.play.steps if step.decision.id == decision), None)
    if step is None:
        return redirect(url_for(".play", slug=slug, play_id=play_id))
    return _page("after", one, view=view, step=step, number=view.play.steps.index(step) + 1)


@blueprint.get("/<slug>/plays/<int:play_id>/debrief")
@login_required
def debrief(slug: str, play_id: int) -> ResponseReturnValue:
    """Show the way taken and the others, what each was worth, and the figures recomputed."""
    one = _case(slug)
    view = service.play_of(current_user.id, one, play_id)
    if view.ended_at is None and not view.play.finished:
        return redirect(url_for(".play", slug=slug, play_id=play_id))
    return _page(
        "debrief",
        one,
        view=view,
        map=drawing.draw(view.play),
        end=drawing.end_of(one),
        figures=rules.shown(view.play),
        total=rules.total(view.play, view.met),
        modules=_modules(one),
    )


@blueprint.post("/<slug>/plays/<int:play_id>/marks")
@login_required
@limiter.limit(ANSWERS)
def mark(slug: str, play_id: int) -> ResponseReturnValue:
    """Keep which criteria the person finds met in their own reasons."""
    one = _case(slug)
    met = {decision.id: set(request.form.getlist(f"met-{decision.id}")) for decision in one.decisions}
    service.mark(current_user.id, one, play_id, met)
    return redirect(url_for(".debrief", slug=slug, play_id=play_id, _anchor="score"))
