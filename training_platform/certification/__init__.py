"""Tracks: what is met and what is missing."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages and the menu entry; offer the tracks as what a workplace proof may be for."""
    from training_platform import portfolio
    from training_platform.accounts import signed_in
    from training_platform.certification import service
    from training_platform.certification.report_routes import blueprint as reports
    from training_platform.certification.routes import blueprint
    from training_platform.text import Text
    from training_platform.web import menu

    app.register_blueprint(blueprint)
    app.register_blueprint(reports)
    folder = app.extensions["settings"].content_folder
    portfolio.offer_tracks(
        app,
        lambda: {
            track.id: portfolio.TrackPurpose(name=track.name, evidence=track.workplace_evidence)
            for track in service.tracks(folder).values()
        },
    )
    label = Text("Certifications", "Certifications")
    menu.add(app, menu.MenuItem(label=label, endpoint="certification.index", place=40, visible=signed_in))
