"""Pages of a module on its way: where it stands and who did what, review asked for, the archive."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Literal

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform.accounts.models import Person
from training_platform.recommendations import tasks
from training_platform.studio import history, letters, publishing, reviewing, versions
from training_platform.studio.routes import blueprint, settings
from training_platform.studio.rules import workflow as rules
from training_platform.studio.standing import standing_of
from training_platform.text import Text
from training_platform.web.access import login_required
from training_platform.web.i18n import t
from training_platform.web.transaction import after_commit
from training_platform.web.typed import typed


def to_status(slug: str, fr: str, en: str, kind: str = "good") -> ResponseReturnValue:
    """Say what was done, on the page that shows where the module stands."""
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
        longest_note=reviewing.LONGEST_NOTE,
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
        asked = reviewing.submit(current_user.id, slug, reviewer, note, now, four_eyes=settings().four_eyes)
    except reviewing.CannotReviewError as error:
        return _status(slug, {"reviewer": error.message})
    except reviewing.NoteTooLongError as error:
        return _status(slug, {"note": error.message})
    tell("submitted", asked, slug, note)
    return to_status(slug, "Brouillon confié en relecture.", "Draft handed over for review.")


def tell(event: Literal["submitted", "changes_asked"], people: Iterable[Person], slug: str, note: str) -> None:
    """Mail what happened in a review once it is kept; a mail server that is down does not undo it: the studio says the same."""
    title = standing_of(current_user.id, slug, four_eyes=settings().four_eyes).head["title"]
    by, said = current_user.name, Text(title["fr"], title["en"])

    def send() -> None:
        with suppress(OSError):
            letters.tell_review(event, people, by=by, title=said, note=note, slug=slug, settings=settings())

    after_commit(send)


@blueprint.post("/<slug>/withdraw")
@login_required
def withdraw(slug: str) -> ResponseReturnValue:
    """Take the draft back."""
    reviewing.withdraw(current_user.id, slug, datetime.now(UTC), four_eyes=settings().four_eyes)
    return to_status(slug, "Le brouillon est de nouveau à vous.", "The draft is yours again.", "info")


@blueprint.post("/<slug>/archive")
@login_required
def archive(slug: str) -> ResponseReturnValue:
    """Take the module out of the catalogue."""
    publishing.archive(current_user.id, slug, datetime.now(UTC), four_eyes=settings().four_eyes)
    tasks.replan_soon("catalogue")
    return to_status(
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
    return to_status(slug, "Le module est de nouveau au catalogue.", "The module is back in the catalogue.")


@blueprint.post("/<slug>/drop")
@login_required
def drop(slug: str) -> ResponseReturnValue:
    """Drop the draft."""
    there = versions.drop_draft(current_user.id, slug, datetime.now(UTC))
    if not there:
        flash(t("Module abandonné.", "Module dropped."), "info")
        return redirect(url_for(".index"))
    return to_status(slug, "Brouillon abandonné.", "Draft dropped.", "info")
