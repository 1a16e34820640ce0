"""Who you are: sign-in, sessions, profile."""

from __future__ import annotations

from flask import Flask
from flask_login import LoginManager, current_user

from training_platform.accounts import service
from training_platform.text import Text
from training_platform.web import menu

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
    menu.add(
        app, menu.MenuItem(label=Text("Profil", "Profile"), endpoint="accounts.profile", place=90, visible=signed_in)
    )
    label = Text("Me connecter", "Sign in")
    menu.add(app, menu.MenuItem(label=label, endpoint="accounts.sign_in", place=90, visible=signed_out))


def signed_out() -> bool:
    """Tell whether nobody is signed in."""
    return not signed_in()


def signed_in() -> bool:
    """Tell whether somebody is signed in."""
    return bool(current_user.is_authenticated)
