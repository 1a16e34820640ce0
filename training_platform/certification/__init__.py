"""Certification: distance to each track, enrolment under a version, cohorts that people chose to join."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages and the menu entry; offer the tracks as what a workplace proof may be for."""
    from training_platform import portfolio
    from training_platform.accounts import signed_in
    from training_platform.certification import cohort_routes, commands, report_routes, routes
    from training_platform.text import Text
    from training_platform.tracks import service as tracks
    from training_platform.tracks.rules import proofs_asked
    from training_platform.web import menu

    for part in (routes, cohort_routes, report_routes):
        app.register_blueprint(part.blueprint)
    app.cli.add_command(commands.certification)
    folder = app.extensions["settings"].content_folder
    portfolio.offer_tracks(
        app,
        lambda: {
            one.id: portfolio.TrackPurpose(name=Text(one.name.fr, one.name.en), evidence=proofs_asked(one))
            for one in tracks.current(folder).values()
        },
    )
    label = Text("Certifications", "Certifications")
    covers = frozenset({"awards", "cohorts", "exams", "exam_office", "marking", "reports"})
    menu.add(
        app, menu.MenuItem(label=label, endpoint="certification.index", place=40, visible=signed_in, covers=covers)
    )
