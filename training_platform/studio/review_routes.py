"""Pages of the review: the draft as its reader will see it, what is said about each paragraph, what is decided."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.catalogue.format import ModulePackage, read_draft
from training_platform.studio import comments, paragraphs, reviewing
from training_platform.studio.routes import blueprint, settings
from training_platform.studio.rules import workflow as rules
from training_platform.studio.standing import Standing, standing_of
from training_platform.studio.workflow_routes import tell, to_status
from training_platform.text import LANGUAGES, Text
from training_platform.web.access import login_required
from training_platform.web.i18n import language
from training_platform.web.typed import typed


@blueprint.get("/<slug>/review")
@login_required
def review(slug: str) -> ResponseReturnValue:
    """Show the draft as the reader will see it, with what was said about each paragraph."""
    return _review(slug)


def _shown() -> str:
    """Return the language under review: the one chosen on the page, else the reader's."""
    chosen = request.values.get("in", "")
    return chosen if chosen in LANGUAGES else language()


def _review(slug: str, errors: dict[str, Text] | None = None) -> ResponseReturnValue:
    standing = standing_of(current_user.id, slug, four_eyes=settings().four_eyes)
    package, shown = _package(standing), _shown()
    page = paragraphs.page_of(package, framework.current().facts, shown)
    html = render_template(
        "studio/review.html",
        slug=slug,
        shown=shown,
        standing=standing,
        package=package,
        page=page.places,
        sources=page.sources,
        comments=comments.comments_of(standing.module.id, page, shown),
        exercises={exercise.id: exercise for exercise in package.exercises},
        possible=rules.possible(standing.work, current_user.id),
        refused=rules.refusal(standing.work, "approve", current_user.id),
        errors=errors or {},
        typed=request.form,
        longest_note=reviewing.LONGEST_NOTE,
        longest=comments.LONGEST,
    )
    return html, 422 if errors else 200


def _package(standing: Standing) -> ModulePackage:
    version = standing.draft or standing.live
    assert version is not None
    return read_draft(version.document)


@blueprint.post("/<slug>/approve")
@login_required
def approve(slug: str) -> ResponseReturnValue:
    """Approve what was read."""
    seen = request.form.get("seen", "")
    reviewing.approve(current_user.id, slug, datetime.now(UTC), four_eyes=settings().four_eyes, seen=seen)
    return to_status(slug, "Brouillon approuvé. Il peut être publié.", "Draft approved. It can be published.")


@blueprint.post("/<slug>/changes")
@login_required
def ask_changes(slug: str) -> ResponseReturnValue:
    """Return the draft to its author."""
    note = typed(request.form, "note")
    try:
        authors = reviewing.ask_changes(current_user.id, slug, note, datetime.now(UTC), four_eyes=settings().four_eyes)
    except (reviewing.NothingAskedError, reviewing.NoteTooLongError) as error:
        return _review(slug, {"note": error.message})
    tell("changes_asked", authors, slug, note)
    return to_status(slug, "Le brouillon est rendu à son auteur.", "The draft is back with its author.", "info")


@blueprint.post("/<slug>/comments")
@login_required
def comment(slug: str) -> ResponseReturnValue:
    """Keep a comment on a paragraph; where that is gone, show the page again with the words kept."""
    standing = standing_of(current_user.id, slug, four_eyes=settings().four_eyes)
    shown, form = _shown(), request.form
    page = paragraphs.page_of(_package(standing), framework.current().facts, shown)
    place, index = form.get("place", ""), form.get("index", type=int) or 0
    try:
        kept = comments.say(
            current_user.id,
            slug,
            page,
            shown,
            place,
            index,
            form.get("seen", ""),
            typed(form, "body"),
            datetime.now(UTC),
        )
    except comments.VanishedParagraphError as error:
        return _review(slug, {"body-module-0": error.message})
    except comments.UnfitCommentError as error:
        return _review(slug, {f"body-{place.replace(':', '-')}-{index}": error.message})
    return _to_comment(slug, shown, kept.id)


def _to_comment(slug: str, shown: str, comment_id: int) -> ResponseReturnValue:
    return redirect(f"{url_for('.review', slug=slug)}?in={shown}#comment-{comment_id}")


@blueprint.post("/<slug>/comments/<int:comment_id>/<any(answer, resolve, reopen):act>")
@login_required
def discuss(slug: str, comment_id: int, act: str) -> ResponseReturnValue:
    """Answer, resolve or open a comment again."""
    now = datetime.now(UTC)
    if act == "answer":
        try:
            comments.answer(current_user.id, slug, comment_id, typed(request.form, "body"), now)
        except comments.UnfitCommentError as error:
            return _review(slug, {f"answer-{comment_id}": error.message})
    elif act == "resolve":
        comments.resolve(current_user.id, slug, comment_id, now)
    else:
        comments.reopen(current_user.id, slug, comment_id, now)
    return _to_comment(slug, _shown(), comment_id)
