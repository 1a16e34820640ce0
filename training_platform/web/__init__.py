"""What all pages share: the one commit, access, errors, headers, languages, filters."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import IntegerConverter, ValidationError

from training_platform.web import errors, headers, i18n, limits, menu, transaction


class Id(IntegerConverter):
    """An id in an address: what no database column could hold is no page."""

    def to_python(self, value: str) -> int:
        number = int(super().to_python(value))
        if number > LARGEST_ID:
            raise ValidationError
        return number


LARGEST_ID = 2**31 - 1


def init_app(app: Flask) -> None:
    """Attach what every request passes through."""
    app.url_map.converters["int"] = Id
    for part in (headers, limits, i18n, menu, errors, transaction):
        part.init_app(app)
