"""Certification: distance to each track, enrolment under a version, cohorts that people chose to join."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages and the menu entry; say what a workplace proof may be for, and what everybody needs."""
    from training_platform import portfolio, reviews
    from training_platform.accounts import signed_in
    from training_platform.certification import cohort_routes, report_routes, routes
    from training_platform.text import Text
    from training_platform.tracks import service as tracks
    from training_platform.tracks.rules import proofs_asked
    from training_platform.web import menu

    for part in (routes, cohort_routes, report_routes):
        app.register_blueprint(part.blueprint)
    folder = app.extensions["settings"].content_folder
    portfolio.offer_tracks(
        app,
        lambda: {
            one.id: portfolio.TrackPurpose(name=Text(one.name.fr, one.name.en), evidence=proofs_asked(one))
            for one in tracks.current(folder).values()
        },
    )
    reviews.foundation_from(app, lambda: service.tracks(folder)["T1"].min_levels)
    label = Text("Certifications", "Certifications")
    menu.add(app, menu.MenuItem(label=label, endpoint="certification.index", place=40, visible=signed_in))
