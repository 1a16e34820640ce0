"""Pages of the path: the line of stops, the person's hand on it, its calendar, the record of proposals."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework, matching
from training_platform.accounts.models import Person
from training_platform.catalogue import visible
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.recommendations import calendar, choices, record, service
from training_platform.recommendations.situation import WEEKS, Situation, in_situation, situation_of
from training_platform.text import Text
from training_platform.web.access import login_required
from training_platform.web.i18n import t
from training_platform.web.limits import limiter

blueprint = Blueprint("recommendations", __name__, url_prefix="/path")
LEAST, MOST = 5, 600
"""Minutes a week that a person may choose."""
FEEDS = "60 per hour"


def _path(minutes: int, *, keep: bool = True) -> service.PathView:
    now = datetime.now(UTC)
    return service.path_of(current_user.id, framework.current(), now, minutes, keep=keep, meaning=matching.current())


@blueprint.get("/")
@login_required
def path() -> ResponseReturnValue:
    """Show the path; ``minutes`` tries another pace without keeping it and says what enters and leaves."""
    own = _path(current_user.minutes_per_week)
    tried = request.args.get("minutes", type=int)
    shown = own
    if tried and LEAST <= tried <= MOST and tried != current_user.minutes_per_week:
        shown = _path(tried, keep=False)
    codes = {stop.module.code for stop in own.stops}, {stop.module.code for stop in shown.stops}
    return render_template(
        "recommendations/path.html",
        framework=framework.current(),
        path=shown,
        trying=shown is not own,
        entering=[s.module for s in shown.stops if s.module.code not in codes[0]],
        leaving=[s.module for s in own.stops if s.module.code not in codes[1]],
    )


@blueprint.post("/pace")
@login_required
def pace() -> ResponseReturnValue:
    """Keep the minutes per week that were tried."""
    minutes = request.form.get("minutes", type=int) or 0
    if LEAST <= minutes <= MOST:
        record.react(current_user.id, "pace", str(minutes), datetime.now(UTC))
        current_user.minutes_per_week = minutes
        flash(t("Votre rythme est enregistré.", "Your pace is saved."), "good")
    return redirect(url_for(".path"))


@blueprint.get("/why/<slug>")
@login_required
def why(slug: str) -> ResponseReturnValue:
    """Explain why a module is in the path or not, and what would change that."""
    situation = _situation()
    found = service.why(situation, slug)
    return render_template(
        "recommendations/why.html",
        framework=framework.current(),
        live=in_situation(situation, slug),
        why=found if isinstance(found, service.Why) else None,
        why_not=None if isinstance(found, service.Why) else found,
        modules=situation.modules,
        situation=situation,
        weeks=WEEKS,
    )


def _situation() -> Situation:
    now = datetime.now(UTC)
    return situation_of(current_user.id, framework.current(), now, current_user.minutes_per_week, matching.current())


@blueprint.post("/<slug>/<any(refused, pinned, undo):decision>")
@login_required
def decide(slug: str, decision: str) -> ResponseReturnValue:
    """Refuse or pin a module, or undo that."""
    now = datetime.now(UTC)
    if decision == "undo":
        choices.undo(current_user.id, slug, now)
        flash(t("C'est annulé. Le parcours est recalculé.", "Undone. The path is recomputed."), "info")
    else:
        live = choices.choose(current_user.id, slug, decision, now)
        title = t(live.head.title.fr, live.head.title.en)
        sentence = {
            "refused": t(
                f"« {title} » ne vous sera plus proposé. Vous pouvez l'annuler plus bas.",
                f"“{title}” will no longer be proposed. You can undo this below.",
            ),
            "pinned": t(f"« {title} » reste dans votre parcours.", f"“{title}” stays in your path."),
        }
        flash(sentence[decision], "info")
    return redirect(url_for(".path"))


@blueprint.post("/<slug>/swap/<other>")
@login_required
def swap(slug: str, other: str) -> ResponseReturnValue:
    """Take another module in the place of one."""
    out, into = choices.swap(current_user.id, slug, other, datetime.now(UTC))
    flash(
        t(
            f"« {into.head.title.fr} » remplace « {out.head.title.fr} ».",
            f"“{into.head.title.en}” replaces “{out.head.title.en}”.",
        ),
        "info",
    )
    return redirect(url_for(".path"))


@blueprint.get("/goals")
@login_required
def goals() -> ResponseReturnValue:
    """Show the roles aimed for, and offer others."""
    situation = _situation()
    return render_template(
        "recommendations/goals.html",
        framework=framework.current(),
        situation=situation,
        more=service.next_with_more_time(situation),
    )


@blueprint.post("/goals")
@login_required
def add_goal() -> ResponseReturnValue:
    """Aim for another role."""
    role = choices.add_goal(current_user.id, request.form.get("role", ""), framework.current(), datetime.now(UTC))
    name = t(role.name)
    flash(t(f"Votre parcours prépare aussi à : {name}.", f"Your path now also prepares for: {name}."), "good")
    return redirect(url_for(".path"))


@blueprint.post("/goals/<role_id>/remove")
@login_required
def remove_goal(role_id: str) -> ResponseReturnValue:
    """No longer aim for a role."""
    choices.remove_goal(current_user.id, role_id, datetime.now(UTC))
    flash(t("Objectif retiré. Le parcours est recalculé.", "Goal removed. The path is recomputed."), "info")
    return redirect(url_for(".path"))


@blueprint.get("/calendar")
@login_required
def weeks() -> ResponseReturnValue:
    """Show the slots of the weeks to come, the rhythm, and the address of the feed."""
    return _weeks(None)


def _weeks(error: Text | None) -> ResponseReturnValue:
    kept = calendar.rhythm_of(current_user.id, current_user.minutes_per_week)
    path = _path(current_user.minutes_per_week, keep=False)
    address = url_for(".feed", stamp=kept.stamp, _external=True) if kept.stamp else None
    page = render_template(
        "recommendations/calendar.html",
        path=path,
        rhythm=kept.rhythm,
        slots=calendar.slots_of(path, kept.rhythm, datetime.now(UTC)),
        modules={stop.module.code: stop.module for stop in path.stops},
        address=address,
        error=error,
    )
    return page, 422 if error else 200


@blueprint.post("/calendar")
@login_required
def rhythm() -> ResponseReturnValue:
    """Keep the rhythm."""
    days = [int(day) for day in request.form.getlist("weekdays") if day in tuple("0123456")]
    try:
        at = time.fromisoformat(request.form.get("at", "")[:5])
        calendar.keep_rhythm(current_user.id, request.form.get("slot", type=int) or 0, days, at)
    except ValueError:
        return _weeks(Text("Indiquez une heure, par exemple 13:30.", "Give a time, such as 13:30."))
    except RefusedError as error:
        return _weeks(error.message)
    flash(t("Votre rythme est enregistré.", "Your rhythm is saved."), "good")
    return redirect(url_for(".weeks"))


@blueprint.post("/calendar/address")
@login_required
def renew() -> ResponseReturnValue:
    """Make a new secret address for the feed; the old one stops working."""
    calendar.renew_address(current_user.id)
    flash(t("Nouvelle adresse créée ; l'ancienne ne marche plus.", "New address made; the old one no longer works."))
    return redirect(url_for(".weeks"))


@blueprint.get("/feed/<stamp>.ics")
@limiter.limit(FEEDS)
def feed(stamp: str) -> ResponseReturnValue:
    """Answer a calendar program: the secret in the address is the permission."""
    person_id = calendar.owner(stamp)
    person = db.session.get(Person, person_id) if person_id else None
    if person is None:
        abort(404)
    now = datetime.now(UTC)
    minutes = person.minutes_per_week
    path = service.path_of(person.id, framework.current(), now, minutes, keep=False, meaning=matching.current())
    slots = calendar.slots_of(path, calendar.rhythm_of(person.id, minutes).rhythm, now)
    modules = {stop.module.code: stop.module for stop in path.stops}
    addresses = {code: url_for("catalogue.module", slug=live.slug, _external=True) for code, live in modules.items()}
    body = calendar.feed(slots, modules, addresses, person.language, now)
    return Response(body, mimetype="text/calendar", headers={"Cache-Control": "private, max-age=3600"})


@blueprint.get("/decisions")
@login_required
def decisions() -> ResponseReturnValue:
    """Show the proposals logged for this person, what each rested on, and what the person did."""
    return render_template(
        "recommendations/decisions.html",
        framework=framework.current(),
        records=record.records_of(current_user.id),
        titles={live.code: live.head.title for live in visible.modules_for(current_user.id)},
        reactions=record.reactions_of(current_user.id),
        months=current_app.extensions["settings"].decision_months,
    )


@blueprint.get("/decisions.json")
@login_required
def export_decisions() -> ResponseReturnValue:
    """Give the person the whole record as a file."""
    body = json.dumps(record.exported(current_user.id), ensure_ascii=False, indent=1)
    headers = {"Content-Disposition": 'attachment; filename="decisions.json"'}
    return Response(body, mimetype="application/json", headers=headers)
