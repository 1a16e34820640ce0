"""Pages for signed-in people only."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import flask_login

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


def login_required(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Send whoever is not signed in to the sign-in page; what a person may do is checked in the service."""
    return cast("Callable[Arguments, Answer]", flask_login.login_required(view))
