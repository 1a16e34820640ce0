"""Pages where the machine proposes and the author accepts: steps, prerequisites, near-duplicates."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework, matching
from training_platform.studio import helping, service
from training_platform.studio.routes import blueprint
from training_platform.web.access import login_required
from training_platform.web.i18n import language, t


@blueprint.get("/<slug>/meaning")
@login_required
def meaning(slug: str) -> str:
    """Show what a draft is about and what resembles it: competencies and steps, modules, questions."""
    package = service.working_copy(service.editable(current_user.id, slug))
    proposed = helping.propose(package, language(), framework.current(), matching.current())
    return render_template("studio/meaning.html", slug=slug, package=package, help=proposed)


@blueprint.post("/<slug>/accept")
@login_required
def accept(slug: str) -> ResponseReturnValue:
    """Put a proposal that the author accepts into the draft."""
    proposal = request.form.get("proposal", "")
    helping.accept(current_user.id, slug, proposal, datetime.now(UTC))
    flash(t("Ajouté au brouillon.", "Added to the draft."), "good")
    return redirect(url_for(".edit", slug=slug, _anchor="requires" if proposal.startswith("requires") else "steps"))
