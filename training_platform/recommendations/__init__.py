"""From gaps to a path, with reasons."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages, the menu entries, and the workers' queue where a broker is set."""
    from training_platform.accounts import signed_in
    from training_platform.organisation import holder_of
    from training_platform.recommendations.duties import RIGHTS
    from training_platform.recommendations.duty_routes import blueprint as duty_pages
    from training_platform.recommendations.routes import blueprint
    from training_platform.recommendations.tasks import make_celery
    from training_platform.text import Text
    from training_platform.web import menu

    app.register_blueprint(blueprint)
    app.register_blueprint(duty_pages)
    path = menu.MenuItem(
        label=Text("Mon parcours", "My path"),
        endpoint="recommendations.path",
        place=10,
        visible=signed_in,
        covers=frozenset({"reviews", "matching.job", "matching.describe"}),
    )
    duties = menu.MenuItem(
        label=Text("Obligations", "Obligations"), endpoint="duties.index", place=55, visible=holder_of(*RIGHTS)
    )
    menu.add(app, path)
    menu.add(app, duties)
    if broker := app.extensions["settings"].broker:
        make_celery(app, broker)
