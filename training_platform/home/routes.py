"""Pages of the home."""

from __future__ import annotations

from flask import Blueprint, render_template

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def index() -> str:
    """Answer what next, how long, why."""
    return render_template("home/index.html")


@blueprint.get("/about")
def about() -> str:
    """Say what the platform is, what it keeps and where its texts come from."""
    return render_template("home/about.html")
