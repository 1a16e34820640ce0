"""Pages of the way to publication: where a module stands, its review, its publication."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.catalogue.format import ModulePackage, read_draft
from training_platform.errors import RefusedError
from training_platform.recommendations import tasks
from training_platform.studio import comments, history, publishing, reviewing, scheduling, service, versions
from training_platform.studio.routes import blueprint
from training_platform.studio.rules import workflow as rules
from training_platform.studio.rules.workflow import Effect
from training_platform.studio.standing import NotNowError, Standing, standing_of
from training_platform.text import LANGUAGES, Text
from training_platform.web.access import login_required
from training_platform.web.i18n import language, t
from training_platform.web.typed import typed

if TYPE_CHECKING:
    from config import Settings


def settings() -> Settings:
    """Return the settings, of which the workflow needs four eyes and the time zone."""
    return cast("Settings", current_app.extensions["settings"])


def effect_chosen() -> Effect:
    """Return what the form says of learners in the middle; those finish theirs where it says nothing."""
    return next((effect for effect in rules.EFFECTS if effect == request.form.get("effect")), "finish")


def _to_status(slug: str, fr: str, en: str, kind: str = "good") -> ResponseReturnValue:
    flash(t(fr, en), kind)
    return redirect(url_for(".status", slug=slug))


@blueprint.get("/<slug>/status")
@login_required
def status(slug: str) -> ResponseReturnValue:
    """Show where a module stands, what can be done now, and who did what."""
    return _status(slug)


def _status(slug: str, errors: dict[str, Text] | None = None) -> ResponseReturnValue:
    eyes = settings().four_eyes
    standing = standing_of(current_user.id, slug, four_eyes=eyes)
    page = render_template(
        "studio/status.html",
        slug=slug,
        standing=standing,
        states=rules.STATES,
        possible=rules.possible(standing.work, current_user.id),
        refusals={action: rules.refusal(standing.work, action, current_user.id) for action in ("approve", "publish")},
        reviewers=reviewing.reviewers(current_user.id, slug, four_eyes=eyes),
        history=history.events_of(standing.module.id),
        errors=errors or {},
        typed=request.form,
    )
    return page, 422 if errors else 200


@blueprint.post("/<slug>/submit")
@login_required
def submit(slug: str) -> ResponseReturnValue:
    """Hand the draft over for review."""
    chosen, now = request.form.get("reviewer", ""), datetime.now(UTC)
    reviewer = int(chosen) if chosen.isdecimal() else None
    note = typed(request.form, "note")
    try:
        reviewing.submit(current_user.id, slug, reviewer, note, now, four_eyes=settings().four_eyes)
    except NotNowError:
        raise
    except RefusedError as error:
        return _status(slug, {"reviewer": error.message})
    return _to_status(slug, "Brouillon confié en relecture.", "Draft handed over for review.")


@blueprint.post("/<slug>/withdraw")
@login_required
def withdraw(slug: str) -> ResponseReturnValue:
    """Take the draft back."""
    reviewing.withdraw(current_user.id, slug, datetime.now(UTC), four_eyes=settings().four_eyes)
    return _to_status(slug, "Le brouillon est de nouveau à vous.", "The draft is yours again.", "info")


@blueprint.post("/<slug>/approve")
@login_required
def approve(slug: str) -> ResponseReturnValue:
    """Approve what was read."""
    seen = request.form.get("seen", "")
    reviewing.approve(current_user.id, slug, datetime.now(UTC), four_eyes=settings().four_eyes, seen=seen)
    return _to_status(slug, "Brouillon approuvé. Il peut être publié.", "Draft approved. It can be published.")


@blueprint.post("/<slug>/changes")
@login_required
def ask_changes(slug: str) -> ResponseReturnValue:
    """Return the draft to its author."""
    note = typed(request.form, "note")
    try:
        reviewing.ask_changes(current_user.id, slug, note, datetime.now(UTC), four_eyes=settings().four_eyes)
    except NotNowError:
        raise
    except RefusedError as error:
        return _review(slug, {"note": error.message})
    return _to_status(slug, "Le brouillon est rendu à son auteur.", "The draft is back with its author.", "info")


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
    page = comments.page_of(package, framework.current().facts, shown)
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
    )
    return html, 422 if errors else 200


def _package(standing: Standing) -> ModulePackage:
    version = standing.draft or standing.live
    assert version is not None
    return read_draft(version.document)


@blueprint.post("/<slug>/comments")
@login_required
def comment(slug: str) -> ResponseReturnValue:
    """Keep a comment on a paragraph; where that is gone, show the page again with the words kept."""
    standing = standing_of(current_user.id, slug, four_eyes=settings().four_eyes)
    shown, form = _shown(), request.form
    page = comments.page_of(_package(standing), framework.current().facts, shown)
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
    except comments.EmptyCommentError as error:
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
        except comments.EmptyCommentError as error:
            return _review(slug, {f"answer-{comment_id}": error.message})
    elif act == "resolve":
        comments.resolve(current_user.id, slug, comment_id, now)
    else:
        comments.reopen(current_user.id, slug, comment_id, now)
    return _to_comment(slug, _shown(), comment_id)


@blueprint.get("/<slug>/publish")
@login_required
def publication(slug: str) -> ResponseReturnValue:
    """Ask what the publication does to learners in the middle, and when it happens."""
    return _publication(slug)


def _publication(slug: str, errors: dict[str, Text] | None = None) -> ResponseReturnValue:
    standing = standing_of(current_user.id, slug, four_eyes=settings().four_eyes)
    listed = versions.versions_of(standing.module.id)
    page = render_template(
        "studio/publication.html",
        slug=slug,
        standing=standing,
        reading=sum(version.reading for version in listed),
        completed=sum(version.completed for version in listed),
        refused=rules.refusal(standing.work, "publish", current_user.id),
        zone=settings().time_zone,
        errors=errors or {},
        typed=request.form,
    )
    return page, 422 if errors else 200


@blueprint.post("/<slug>/publish")
@login_required
def publish(slug: str) -> ResponseReturnValue:
    """Publish the draft as a new version, now or later, or say what prevents it."""
    if request.form.get("when") == "later":
        return _schedule(slug)
    try:
        published = publishing.publish(
            current_user.id,
            slug,
            framework.current(),
            datetime.now(UTC),
            four_eyes=settings().four_eyes,
            effect=effect_chosen(),
            seen=request.form.get("seen", ""),
        )
    except service.DraftProblemsError as error:
        return problems_page(slug, error)
    return after_publication(slug, published)


def after_publication(slug: str, published: publishing.Published) -> ResponseReturnValue:
    """Have paths follow, say what happens to learners in the middle, and show the module."""
    tasks.replan_soon("catalogue")
    number = published.version.number
    said = t(" Les personnes en cours y passent.", " Those in the middle move to it.") if published.moved else ""
    flash(t(f"Version {number} publiée.", f"Version {number} published.") + said, "good")
    return redirect(url_for("catalogue.module", slug=slug))


def problems_page(slug: str, error: service.DraftProblemsError, back_to: int | None = None) -> ResponseReturnValue:
    """Show what the checks found; ``back_to`` names the earlier version that cannot be published again as it is."""
    return render_template("studio/problems.html", slug=slug, problems=error.problems, back_to=back_to), 422


def _schedule(slug: str) -> ResponseReturnValue:
    at = rules.moment(request.form.get("day", ""), request.form.get("hour", ""), settings().time_zone)
    try:
        scheduling.schedule(
            current_user.id, slug, at, effect_chosen(), datetime.now(UTC), four_eyes=settings().four_eyes
        )
    except NotNowError:
        raise
    except RefusedError as error:
        return _publication(slug, {"day": error.message})
    return _to_status(slug, "La publication est programmée.", "The publication is scheduled.")


@blueprint.post("/<slug>/unschedule")
@login_required
def unschedule(slug: str) -> ResponseReturnValue:
    """Forget the scheduled publication."""
    scheduling.unschedule(current_user.id, slug, datetime.now(UTC), four_eyes=settings().four_eyes)
    return _to_status(slug, "La publication n'est plus programmée.", "The publication is no longer scheduled.", "info")


@blueprint.post("/<slug>/archive")
@login_required
def archive(slug: str) -> ResponseReturnValue:
    """Take the module out of the catalogue."""
    publishing.archive(current_user.id, slug, datetime.now(UTC), four_eyes=settings().four_eyes)
    tasks.replan_soon("catalogue")
    return _to_status(
        slug,
        "Module archivé. Les personnes qui le suivent peuvent le terminer.",
        "Module archived. Those who are taking it may finish it.",
        "info",
    )


@blueprint.post("/<slug>/unarchive")
@login_required
def unarchive(slug: str) -> ResponseReturnValue:
    """Put the module back into the catalogue."""
    publishing.unarchive(current_user.id, slug, datetime.now(UTC), four_eyes=settings().four_eyes)
    tasks.replan_soon("catalogue")
    return _to_status(slug, "Le module est de nouveau au catalogue.", "The module is back in the catalogue.")


@blueprint.post("/<slug>/drop")
@login_required
def drop(slug: str) -> ResponseReturnValue:
    """Drop the draft."""
    there = versions.drop_draft(current_user.id, slug, datetime.now(UTC))
    if not there:
        flash(t("Module abandonné.", "Module dropped."), "info")
        return redirect(url_for(".index"))
    return _to_status(slug, "Brouillon abandonné.", "Draft dropped.", "info")
