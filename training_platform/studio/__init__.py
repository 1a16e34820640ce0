"""Where training officers write and publish."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Attach the pages and the menu entry."""
    from training_platform.organisation import holder_of
    from training_platform.studio import (  # noqa: F401 they hang their pages on the blueprint
        editor_routes,
        exchange_routes,
        help_routes,
        insert_routes,
        preview_routes,
        publication_routes,
        question_routes,
        review_routes,
        sharing_routes,
        tasks,
        version_routes,
        workflow_routes,
    )
    from training_platform.studio.routes import blueprint
    from training_platform.text import Text
    from training_platform.web import menu

    app.register_blueprint(blueprint)
    tasks.init_app(app)
    label = Text("Atelier", "Studio")
    visible = holder_of("training_officer")
    covers = frozenset({"coverage", "item_analysis"})
    menu.add(app, menu.MenuItem(label=label, endpoint="studio.index", place=50, visible=visible, covers=covers))
