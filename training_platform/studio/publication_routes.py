"""Pages of publication: now or at a moment to come, and what becomes of learners in the middle."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.recommendations import tasks
from training_platform.studio import publishing, scheduling, service, versions
from training_platform.studio.routes import blueprint, settings
from training_platform.studio.rules import workflow as rules
from training_platform.studio.rules.workflow import Effect
from training_platform.studio.standing import standing_of
from training_platform.studio.workflow_routes import to_status
from training_platform.text import Text
from training_platform.web.access import login_required
from training_platform.web.i18n import t


def effect_chosen() -> Effect:
    """Return what the form says of learners in the middle; those finish theirs where it says nothing."""
    return next((effect for effect in rules.EFFECTS if effect == request.form.get("effect")), "finish")


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
    except scheduling.PastMomentError as error:
        return _publication(slug, {"day": error.message})
    return to_status(slug, "La publication est programmée.", "The publication is scheduled.")


@blueprint.post("/<slug>/unschedule")
@login_required
def unschedule(slug: str) -> ResponseReturnValue:
    """Forget the scheduled publication."""
    scheduling.unschedule(current_user.id, slug, datetime.now(UTC), four_eyes=settings().four_eyes)
    return to_status(slug, "La publication n'est plus programmée.", "The publication is no longer scheduled.", "info")
