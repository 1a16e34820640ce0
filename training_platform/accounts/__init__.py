"""Who you are: sign-in, sessions, profile."""

from __future__ import annotations

from flask import Flask
from flask_login import LoginManager

from training_platform.accounts import service

login_manager = LoginManager()


def init_app(app: Flask) -> None:
    """Attach the pages and the loading of the signed-in person."""
    from training_platform.accounts.routes import blueprint

    login_manager.login_view = "accounts.sign_in"
    login_manager.login_message = None
    login_manager.session_protection = "basic"
    login_manager.user_loader(service.find)
    login_manager.init_app(app)
    app.register_blueprint(blueprint)
