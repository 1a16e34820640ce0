"""Pages of versions: the list, what differs between two, going back to an earlier one."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.studio import service, versions
from training_platform.studio.publication_routes import after_publication, effect_chosen, problems_page
from training_platform.studio.routes import blueprint, settings
from training_platform.studio.standing import standing_of
from training_platform.web.access import login_required
from training_platform.web.i18n import t


@blueprint.get("/<slug>/versions")
@login_required
def version_list(slug: str) -> ResponseReturnValue:
    """Show the versions, and offer to compare two."""
    standing = standing_of(current_user.id, slug, four_eyes=settings().four_eyes)
    listed = versions.versions_of(standing.module.id)
    return render_template(
        "studio/versions.html",
        slug=slug,
        standing=standing,
        versions=listed,
        reading=sum(version.reading for version in listed),
        completed=sum(version.completed for version in listed),
    )


@blueprint.get("/<slug>/difference")
@login_required
def difference(slug: str) -> ResponseReturnValue:
    """Show what differs between two versions, word by word; the draft against what is live unless told otherwise."""
    standing = standing_of(current_user.id, slug, four_eyes=settings().four_eyes)
    listed = versions.versions_of(standing.module.id)
    numbers = [version.number for version in listed]
    before = next((v.number for v in listed if v.state in ("published", "planned")), numbers[-1])
    old = request.args.get("old", before, type=int)
    new = request.args.get("new", numbers[0], type=int)
    return render_template(
        "studio/difference.html",
        slug=slug,
        standing=standing,
        versions=listed,
        old=old,
        new=new,
        side=request.args.get("view") == "side",
        comparison=versions.comparison(current_user.id, slug, old, new),
    )


@blueprint.post("/<slug>/versions/<int:number>/publish")
@login_required
def roll_back(slug: str, number: int) -> ResponseReturnValue:
    """Publish an earlier version again."""
    try:
        published = versions.roll_back(
            current_user.id, slug, number, framework.current(), effect_chosen(), datetime.now(UTC)
        )
    except service.DraftProblemsError as error:
        return problems_page(slug, error, back_to=number)
    return after_publication(slug, published)


@blueprint.post("/<slug>/versions/<int:number>/draft")
@login_required
def take_as_draft(slug: str, number: int) -> ResponseReturnValue:
    """Start a draft from an earlier version."""
    versions.take_as_draft(current_user.id, slug, number, datetime.now(UTC))
    flash(t(f"Brouillon repris de la version {number}.", f"Draft taken from version {number}."), "good")
    return redirect(url_for(".edit", slug=slug))
