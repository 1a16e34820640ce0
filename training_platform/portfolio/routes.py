"""Pages of the portfolio: my proofs, one proof, writing one, and what assessors decide."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.http import dump_options_header

from training_platform import framework, portfolio
from training_platform.accounts.models import Person
from training_platform.portfolio import assessing, files, forms, letters, reading, service, thread, writing
from training_platform.portfolio.rules import LEVELS
from training_platform.text import Text, excess
from training_platform.web.access import login_required
from training_platform.web.i18n import t
from training_platform.web.limits import ANSWERS, UPLOADS, limiter
from training_platform.web.transaction import after_commit
from training_platform.web.typed import typed

blueprint = Blueprint("portfolio", __name__, url_prefix="/portfolio")


@blueprint.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Show the person's proofs, each with its state and the next thing to do."""
    return render_template(
        "portfolio/index.html",
        proofs=service.proofs_of(current_user.id),
        waiting=service.count_waiting(current_user.id),
        framework=framework.current(),
        tracks=portfolio.tracks(),
    )


@blueprint.get("/to-validate")
@login_required
def to_validate() -> ResponseReturnValue:
    """Show the proofs that wait for this person's decision."""
    return render_template(
        "portfolio/to_validate.html",
        proofs=service.waiting_for(current_user.id),
        framework=framework.current(),
        tracks=portfolio.tracks(),
    )


@blueprint.get("/new")
@login_required
def new() -> ResponseReturnValue:
    """Show the form of a new proof; ``competency`` and ``level``, or ``track``, say what for."""
    start = {"competency-1": request.args.get("competency", ""), "level-1": request.args.get("level", "")}
    return _form(None, {**start, "track": request.args.get("track", "")}, {})


@blueprint.post("/new")
@login_required
@limiter.limit(UPLOADS)
def create() -> ResponseReturnValue:
    """Keep a new proof as a draft, or hand it in."""
    return _save(None)


@blueprint.get("/<int:proof>/edit")
@login_required
def edit(proof: int) -> ResponseReturnValue:
    """Show the form of a draft."""
    return _form(proof, {}, {})


@blueprint.post("/<int:proof>/edit")
@login_required
@limiter.limit(UPLOADS)
def update(proof: int) -> ResponseReturnValue:
    """Keep a draft, or hand it in."""
    return _save(proof)


def _form(proof: int | None, fields: dict[str, str], errors: dict[str, Text]) -> ResponseReturnValue:
    """Show the form with what was typed, or with the draft as it was kept."""
    draft = writing.draft_of(current_user.id, proof) if proof is not None else None
    if draft is not None and not fields:
        fields = {"title": draft.title, "description": draft.description}
        fields["track"] = reading.page_of(current_user.id, proof or 0).proof.track_id or ""
        for row, (competency, level) in enumerate(draft.claims.items(), 1):
            fields |= {f"competency-{row}": competency, f"level-{row}": str(level)}
    page = render_template(
        "portfolio/form.html",
        proof=proof,
        draft=draft,
        typed=fields,
        errors=errors,
        framework=framework.current(),
        tracks=portfolio.tracks(),
        levels=LEVELS,
        rows=forms.ROWS,
        longest=forms.LONGEST,
        longest_title=forms.LONGEST_TITLE,
        accept=files.ACCEPT,
        most_files=files.MOST_FILES,
    )
    return page, 422 if errors else 200


def _save(proof: int | None) -> ResponseReturnValue:
    now = datetime.now(UTC)
    draft = writing.draft_of(current_user.id, proof) if proof is not None else None
    removed = set(request.form.getlist("remove"))
    kept = [one.id for one in draft.files if str(one.id) not in removed] if draft else []
    read = forms.read_proof(request.form, _uploads(), kept, framework.current().competencies, portfolio.tracks())
    if read.errors:
        return _form(proof, request.form.to_dict(), dict(read.errors))
    saved = writing.save(current_user.id, proof, read.draft, now)
    if request.form.get("act") != "submit":
        flash(t("Brouillon enregistré. Vous seul le voyez.", "Draft saved. Only you see it."), "good")
        return redirect(url_for(".proof", proof=saved.id))
    try:
        managers = writing.submit(current_user.id, saved.id, now)
    except writing.NoManagerError as error:
        flash(t(error.message), "warn")
        return redirect(url_for(".proof", proof=saved.id))
    _tell("submitted", managers, saved.id)
    flash(
        t(
            "Preuve envoyée. Votre cadre la lit d'abord, puis un second évaluateur.",
            "Proof handed in. Your manager reads it first, then a second assessor.",
        ),
        "good",
    )
    return redirect(url_for(".proof", proof=saved.id))


def _uploads() -> list[forms.Upload]:
    """Return the files sent, each read no further than what is needed to see that it is too large."""
    sent = request.files.getlist("files")
    return [(one.filename, one.stream.read(files.LARGEST + 1)) for one in sent if one.filename]


def _tell(event: str, people: Iterable[Person], proof: int) -> None:
    """Mail what happened once it is kept; a mail server that is down does not undo it: the page says the same."""
    page, settings = reading.page_of(current_user.id, proof).proof, current_app.extensions["settings"]

    def send() -> None:
        with suppress(OSError):
            letters.tell(event, people, person=page.person, title=page.title, proof_id=proof, settings=settings)

    after_commit(send)


@blueprint.get("/<int:proof>")
@login_required
def proof(proof: int) -> ResponseReturnValue:
    """Show one proof: what it says, its files, what was decided, the thread."""
    return _show(proof, {}, {})


def _show(proof: int, fields: dict[str, str], errors: dict[str, Text]) -> ResponseReturnValue:
    page = render_template(
        "portfolio/proof.html",
        page=reading.page_of(current_user.id, proof),
        obstacles=assessing.OBSTACLES,
        framework=framework.current(),
        tracks=portfolio.tracks(),
        typed=fields,
        errors=errors,
        longest=forms.LONGEST,
    )
    return page, 422 if errors else 200


@blueprint.get("/<int:proof>/files/<int:file>")
@login_required
def file(proof: int, file: int) -> ResponseReturnValue:
    """Send one file, to be saved and never shown in place."""
    found = reading.file_of(current_user.id, proof, file)
    response = Response(found.content, mimetype=found.media_type)
    response.headers["Content-Disposition"] = dump_options_header("attachment", {"filename": found.name})
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@blueprint.post("/<int:proof>/withdraw")
@login_required
def withdraw(proof: int) -> ResponseReturnValue:
    """Take an own proof back."""
    writing.withdraw(current_user.id, proof, datetime.now(UTC))
    flash(
        t(
            "Preuve retirée : les évaluateurs ne la voient plus. Vous pouvez la reprendre.",
            "Proof withdrawn: assessors no longer see it. You may take it up again.",
        ),
        "info",
    )
    return redirect(url_for(".proof", proof=proof))


@blueprint.post("/<int:proof>/revise")
@login_required
def revise(proof: int) -> ResponseReturnValue:
    """Begin a new version of a refused or withdrawn proof."""
    writing.revise(current_user.id, proof, datetime.now(UTC))
    return redirect(url_for(".edit", proof=proof))


@blueprint.post("/<int:proof>/discard")
@login_required
def discard(proof: int) -> ResponseReturnValue:
    """Delete an own draft."""
    gone = writing.discard(current_user.id, proof, datetime.now(UTC))
    flash(t("Brouillon supprimé.", "Draft deleted."), "info")
    return redirect(url_for(".index") if gone else url_for(".proof", proof=proof))


@blueprint.post("/<int:proof>/comments")
@login_required
@limiter.limit(ANSWERS)
def comment(proof: int) -> ResponseReturnValue:
    """Add a message to the thread."""
    body = typed(request.form, "comment")
    error = excess(body, forms.LONGEST) if body else Text("Écrivez votre message.", "Write your message.")
    if error is not None:
        return _show(proof, {"comment": body}, {"comment": error})
    thread.comment(current_user.id, proof, body, datetime.now(UTC))
    return redirect(url_for(".proof", proof=proof, _anchor="thread"))


@blueprint.post("/<int:proof>/versions/<int:number>/<any(validated, refused):decision>")
@login_required
@limiter.limit(ANSWERS)
def decide(proof: int, number: int, decision: str) -> ResponseReturnValue:
    """Validate or refuse one version, with the reason."""
    reason, error = forms.read_reason(request.form)
    if error is not None:
        return _show(proof, request.form.to_dict(), {"reason": error})
    second = typed(request.form, "second")
    try:
        state = assessing.decide(current_user.id, proof, number, decision, reason, datetime.now(UTC), second)
    except assessing.UnknownSecondError as refused:
        return _show(proof, request.form.to_dict(), {"second": refused.message})
    if state is not None:
        author, named = assessing.people_to_tell(proof)
        _tell(state, [author], proof)
        _tell("second", [named] if named and state == "validated_once" else [], proof)
    flash(t("Votre décision est enregistrée, avec sa raison.", "Your decision is kept, with its reason."), "good")
    return redirect(url_for(".proof", proof=proof))
