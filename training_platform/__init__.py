"""Sillage: training paths on data and algorithm governance for hospitals."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from flask import Flask
from flask_wtf import CSRFProtect

import config
from training_platform.db import db, migrate

if TYPE_CHECKING:
    from config import Settings

FEATURES = (
    "web",
    "accounts",
    "organisation",
    "framework",
    "catalogue",
    "labs",
    "learning",
    "assessment",
    "item_analysis",
    "matching",
    "cases",
    "portfolio",
    "recommendations",
    "placement",
    "reviews",
    "exams",
    "awards",
    "certification",
    "exchange",
    "coverage",
    "studio",
    "home",
    "cli",
)


def create_app(settings: Settings | None = None, *, testing: bool = False) -> Flask:
    """Build the application from its settings; the features attach themselves in the order of the layers."""
    settings = settings or config.read_settings()
    app = Flask(__name__)
    app.testing = testing
    _configure(app, settings)
    db.init_app(app)
    migrate.init_app(app, db)
    CSRFProtect(app)
    app.jinja_env.globals["site_name"] = settings.name
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for feature in FEATURES:
        import_module(f"{__name__}.{feature}").init_app(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.extensions["settings"] = settings
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        MAX_CONTENT_LENGTH=16 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.production,
        PERMANENT_SESSION_LIFETIME=12 * 3600,
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        RATELIMIT_STORAGE_URI=settings.rate_limit_storage,
        RATELIMIT_ENABLED=settings.rate_limits,
        BABEL_DEFAULT_LOCALE="fr",
        BABEL_DEFAULT_TIMEZONE=settings.time_zone,
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
