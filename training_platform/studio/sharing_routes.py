"""Pages of sharing: adopt a module, offer one upward, take over what is new in the original."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.catalogue import visible
from training_platform.learning.rendering import render
from training_platform.recommendations import tasks
from training_platform.studio import adopting, offering, updating
from training_platform.studio.routes import blueprint, settings
from training_platform.studio.rules.differences import place_name
from training_platform.studio.rules.updates import Side
from training_platform.studio.service import AdoptFirstError
from training_platform.studio.standing import standing_of
from training_platform.text import Text
from training_platform.web.access import login_required
from training_platform.web.errors import show
from training_platform.web.i18n import language, t


@blueprint.errorhandler(AdoptFirstError)
def lead_to_adoption(error: AdoptFirstError) -> ResponseReturnValue:
    """Lead whoever opens a national module to the page where it is adopted."""
    slug = (request.view_args or {}).get("slug")
    if request.method != "GET" or not slug:
        return show(error.message, 403)
    return redirect(url_for(".adoption", slug=slug))


@blueprint.get("/<slug>/adoption")
@login_required
def adoption(slug: str) -> ResponseReturnValue:
    """Show a module of elsewhere, and offer to adopt it."""
    return _adoption(slug)


def _adoption(slug: str, errors: dict[str, Text] | None = None) -> ResponseReturnValue:
    found = adopting.adoption(current_user.id, slug)
    facts = framework.current().facts
    lessons = [
        render(
            lesson.text[language()],
            images=found.package.images,
            facts=facts,
            language=language(),
            prefix=f"l{number}-",
        )
        for number, lesson in enumerate(found.package.lessons, 1)
    ]
    page = render_template(
        "studio/adoption.html",
        slug=slug,
        found=found,
        lessons=lessons,
        framework=framework.current(),
        errors=errors or {},
        typed=request.form,
    )
    return page, 422 if errors else 200


@blueprint.post("/<slug>/adopt")
@login_required
def adopt(slug: str) -> ResponseReturnValue:
    """Make the unit's own copy."""
    unit_id = request.form.get("unit", type=int)
    if unit_id is None:
        return _adoption(slug, {"unit": Text("Choisissez une structure.", "Choose a unit.")})
    try:
        module = adopting.adopt(current_user.id, slug, unit_id, datetime.now(UTC))
    except adopting.AlreadyAdoptedError as error:
        flash(t(error.message), "info")
        return redirect(url_for(".status", slug=error.slug))
    tasks.replan_soon("catalogue")
    flash(
        t(
            "Module adopté. Pour votre structure, votre copie remplace l'original.",
            "Module adopted. For your unit, your copy stands for the original.",
        ),
        "good",
    )
    return redirect(url_for(".status", slug=module.slug))


@blueprint.get("/<slug>/sharing")
@login_required
def shared(slug: str) -> ResponseReturnValue:
    """Show where a module comes from and to whom it is offered."""
    return _shared(slug)


def _shared(slug: str, errors: dict[str, Text] | None = None) -> ResponseReturnValue:
    standing = standing_of(current_user.id, slug, four_eyes=settings().four_eyes)
    page = render_template(
        "studio/sharing.html",
        slug=slug,
        standing=standing,
        origin=visible.origin_of(standing.module.id),
        targets=offering.targets(standing.module),
        offers=offering.offers_of(standing.module.id),
        errors=errors or {},
        typed=request.form,
    )
    return page, 422 if errors else 200


@blueprint.post("/<slug>/offer")
@login_required
def offer(slug: str) -> ResponseReturnValue:
    """Offer the module to a unit above."""
    try:
        offering.offer(current_user.id, slug, request.form.get("unit", type=int) or 0, datetime.now(UTC))
    except offering.NotOfferedError as error:
        return _shared(slug, {"unit": error.message})
    flash(
        t(
            "Module proposé. Les responsables de formation de cette structure peuvent l'adopter ou l'accepter.",
            "Module offered. The training officers of that unit may adopt or accept it.",
        ),
        "good",
    )
    return redirect(url_for(".shared", slug=slug))


@blueprint.post("/shared/offers/<int:offer_id>/<any(accept, decline, withdraw):act>")
@login_required
def answer_offer(offer_id: int, act: str) -> ResponseReturnValue:
    """Accept, decline or take back an offer."""
    now = datetime.now(UTC)
    if act == "withdraw":
        module = offering.withdraw(current_user.id, offer_id, now)
        flash(t("Proposition retirée.", "Offer taken back."), "info")
        tasks.replan_soon("catalogue")
        return redirect(url_for(".shared", slug=module.slug))
    offering.decide(current_user.id, offer_id, act == "accept", now)
    if act == "accept":
        tasks.replan_soon("catalogue")
        flash(
            t(
                "Module accepté : il est au catalogue de la structure.",
                "Module accepted: it is in the unit's catalogue.",
            ),
            "good",
        )
    else:
        flash(t("Proposition déclinée.", "Offer declined."), "info")
    return redirect(url_for(".index"))


@blueprint.get("/<slug>/news")
@login_required
def news(slug: str) -> ResponseReturnValue:
    """Show what the original of a copy says now, and ask where both changed the same."""
    return _news(slug, {}, {})


def _news(slug: str, choices: dict[str, Side], errors: dict[str, Text]) -> ResponseReturnValue:
    standing = standing_of(current_user.id, slug, four_eyes=settings().four_eyes)
    found = updating.news(current_user.id, slug)
    page = render_template(
        "studio/news.html",
        slug=slug,
        standing=standing,
        news=found,
        names={conflict.key: place_name(conflict.place) for conflict in found.conflicts},
        choices=choices,
        errors=errors,
    )
    return page, 422 if errors else 200


@blueprint.post("/<slug>/news")
@login_required
def take_over(slug: str) -> ResponseReturnValue:
    """Write the original's changes into the draft."""
    choices: dict[str, Side] = {
        name.removeprefix("choice:"): "theirs" if value == "theirs" else "mine"
        for name, value in request.form.items()
        if name.startswith("choice:") and value in ("mine", "theirs")
    }
    try:
        updating.take_over(current_user.id, slug, choices, datetime.now(UTC))
    except updating.UndecidedError as error:
        return _news(slug, choices, dict.fromkeys(error.keys, error.message))
    flash(
        t(
            "Les nouveautés de l'original sont dans votre brouillon. Relisez, puis publiez.",
            "What is new in the original is in your draft. Read it again, then publish.",
        ),
        "good",
    )
    return redirect(url_for(".difference", slug=slug))
