"""Errors become pages (or JSON where it was asked for) that say what happened and what to do."""

from __future__ import annotations

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from training_platform.errors import ForbiddenError, NotFoundError, ProblemError
from training_platform.text import Text
from training_platform.web import menu
from training_platform.web.i18n import t

SENTENCES = {
    400: Text("La demande est incomplète ou abîmée.", "The request is incomplete or damaged."),
    404: Text("Cette page n'existe pas ou n'existe plus.", "This page does not exist, or no longer does."),
    405: Text("Cette adresse ne s'utilise pas ainsi.", "This address is not used this way."),
    413: Text(
        "L'envoi est trop volumineux (16 Mo au plus). Réduisez le fichier, puis recommencez.",
        "What was sent is too large (16 MB at most). Make the file smaller, then try again.",
    ),
    429: Text(
        "Trop d'essais en peu de temps. Patientez une minute, puis recommencez.",
        "Too many tries in a short time. Wait a minute, then try again.",
    ),
}
TITLES = {
    400: Text("Demande incomplète", "Incomplete request"),
    403: Text("Accès réservé", "Restricted access"),
    404: Text("Page introuvable", "Page not found"),
    413: Text("Envoi trop volumineux", "Too large"),
    422: Text("Demande refusée", "Request refused"),
    429: Text("Trop d'essais", "Too many tries"),
}
PROBLEM = Text("Un problème est survenu", "There is a problem")
UNKNOWN = Text(
    "Quelque chose a échoué de notre côté. Rien n'a été enregistré ; réessayez dans un instant.",
    "Something failed on our side. Nothing was saved; try again in a moment.",
)
EXPIRED = Text(
    "La page était ouverte depuis trop longtemps. Revenez en arrière, rechargez-la et recommencez : votre texte y est encore.",
    "The page had been open for too long. Go back, reload it and try again: your text is still there.",
)


def init_app(app: Flask) -> None:
    """Register one handler per family of error."""
    app.register_error_handler(CSRFError, lambda error: show(EXPIRED, 400))
    app.register_error_handler(ProblemError, _problem)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unknown)


def _problem(error: ProblemError) -> ResponseReturnValue:
    status = 404 if isinstance(error, NotFoundError) else 403 if isinstance(error, ForbiddenError) else 422
    return show(error.message, status)


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or error.code is None:
        return error
    return show(SENTENCES.get(error.code, UNKNOWN), error.code)


def _unknown(error: Exception) -> ResponseReturnValue:
    from flask import current_app

    current_app.logger.exception("unhandled error on %s", request.path)
    if current_app.testing:
        raise error
    return show(UNKNOWN, 500)


def show(message: Text, status: int) -> ResponseReturnValue:
    """Render one sentence as the page, or as JSON for a script that asked for JSON."""
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return jsonify(error=t(message)), status
    title = t(TITLES.get(status, PROBLEM))
    return render_template("error.html", title=title, message=t(message), back=menu.came_from()), status
