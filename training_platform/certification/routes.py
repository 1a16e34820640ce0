"""Pages of certification: all tracks, one track with distance and shortest way, enrolment, versions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from training_platform import framework
from training_platform.awards import reports
from training_platform.awards import service as awards
from training_platform.catalogue import visible
from training_platform.certification import cohorts, eligibility, enrolment, issuing, service
from training_platform.certification.picture import line_of
from training_platform.certification.rules.chance import in_ten
from training_platform.exams import service as exams
from training_platform.organisation import holder_of
from training_platform.tracks import service as tracks
from training_platform.web.access import login_required
from training_platform.web.i18n import t

blueprint = Blueprint("certification", __name__, url_prefix="/certifications")


def content_folder() -> Path:
    """Return the folder that the tracks are read from."""
    return Path(current_app.extensions["settings"].content_folder)


@blueprint.get("/")
@login_required
def index() -> str:
    """Show each track with requirements met and missing, those enrolled in first."""
    cards = service.overview(current_user.id, content_folder(), framework.current(), datetime.now(UTC))
    return render_template(
        "certification/index.html",
        cards=cards,
        follows=holder_of(*cohorts.RIGHTS)(),
        reports=holder_of(*reports.READERS)(),
        examines=holder_of("examiner")(),
        organises=holder_of("training_officer")(),
    )


@blueprint.get("/<track_id>")
@login_required
def track(track_id: str) -> str:
    """Show what one track asks, what is met, the shortest way and the next thing; issue the certificate once all is met."""
    now = datetime.now(UTC)
    if track_id in issuing.conclude(current_user.id, framework.current(), now):
        flash(t("Tout est rempli : votre certificat est délivré.", "All is met: your certificate is issued."), "good")
    view = service.view_of(
        current_user.id,
        content_folder(),
        track_id,
        framework.current(),
        now,
        current_user.minutes_per_week,
    )
    return render_template(
        "certification/track.html",
        view=view,
        progress=view.progress,
        track=view.progress.track,
        line=line_of(view.progress.stations),
        modules={live.code: live for live in visible.modules_for(current_user.id)},
        framework=framework.current(),
        in_ten=in_ten,
        joined=cohorts.joined(current_user.id, track_id),
        award=awards.held(current_user.id, now).get(track_id),
        exam=exams.latest(current_user.id, track_id, now),
        opens_from=exams.opens_from(current_user.id, view.progress.track, now),
    )


@blueprint.post("/<track_id>/exam")
@login_required
def exam(track_id: str) -> ResponseReturnValue:
    """Open the exam, or go on with it."""
    exam_id = eligibility.open_exam(current_user.id, track_id, framework.current(), datetime.now(UTC))
    return redirect(url_for("exams.exam", exam_id=exam_id))


@blueprint.post("/<track_id>/enrol")
@login_required
def enrol(track_id: str) -> ResponseReturnValue:
    """Enrol under the current version."""
    if enrolment.enrol(current_user.id, content_folder(), track_id, datetime.now(UTC)):
        flash(t("Vous êtes inscrit. Voici ce qui vous en sépare.", "You are enrolled. Here is what is left."), "good")
    else:
        flash(
            t("Vous étiez déjà inscrit : rien n'a changé.", "You were enrolled already: nothing has changed."), "info"
        )
    return redirect(url_for(".track", track_id=track_id))


@blueprint.post("/<track_id>/<any(pause, resume, leave):what>")
@login_required
def change(track_id: str, what: str) -> ResponseReturnValue:
    """Pause, take up again or leave."""
    if what == "pause":
        enrolment.pause(current_user.id, track_id, datetime.now(UTC))
        flash(t("En pause. Rien n'est perdu.", "Paused. Nothing is lost."), "info")
    elif what == "resume":
        enrolment.resume(current_user.id, track_id)
        flash(t("C'est reparti.", "On you go."), "good")
    else:
        enrolment.leave(current_user.id, track_id, datetime.now(UTC))
        flash(
            t(
                "Vous n'êtes plus inscrit. Vos modules, niveaux et preuves restent acquis.",
                "You are no longer enrolled. Your modules, levels and proofs stay yours.",
            ),
            "info",
        )
    return redirect(url_for(".track", track_id=track_id))


@blueprint.get("/<track_id>/version")
@login_required
def version(track_id: str) -> ResponseReturnValue:
    """Show what the current version of a track changes for somebody enrolled under an older one."""
    older, newer, found = enrolment.changes(current_user.id, content_folder(), track_id)
    if older.version == newer.version:
        return redirect(url_for(".track", track_id=track_id))
    return render_template(
        "certification/version.html",
        older=older,
        newer=newer,
        changes=found,
        modules={live.code: live for live in visible.modules_for(current_user.id)},
        framework=framework.current(),
    )


@blueprint.post("/<track_id>/version")
@login_required
def move(track_id: str) -> ResponseReturnValue:
    """Go on under the current version."""
    newer = enrolment.move(current_user.id, content_folder(), track_id, datetime.now(UTC))
    flash(t(f"Vous suivez maintenant la version {newer.version}.", f"You now follow version {newer.version}."), "good")
    return redirect(url_for(".track", track_id=track_id))


def all_tracks() -> list[tuple[str, str]]:
    """Return the tracks as the options of a field."""
    return [(one.id, t(one.name.fr, one.name.en)) for one in tracks.current(content_folder()).values()]
