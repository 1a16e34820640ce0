"""Errors, limits and headers as a browser meets them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import config
from tests.factories import Factory
from tests.pages import Page, Reader, X
from training_platform import create_app
from training_platform.db import db
from training_platform.text import NARROW, WIDE, typeset


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[Flask]:
    """Build an application with its rate limits on, that catches its own errors."""
    settings = config.read_settings(
        {"SILLAGE_INSTANCE": str(tmp_path), "SECRET_KEY": "for tests only", "SILLAGE_RATE_LIMITS": "1"}
    )
    app = create_app(settings)
    app.add_url_rule("/broken", "broken", view_func=lambda: str(1 // 0))
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.engine.dispose()


def test_guessing_passwords_is_slowed_down_and_says_so(limited: Flask) -> None:
    reader = Reader(limited)
    token = reader.token()
    form = {"csrf_token": token, "email": "someone@example.org", "password": "wrong"}
    statuses = [reader.raw("POST", "/sign-in", data=form).status_code for _ in range(12)]
    assert statuses[0] == 422
    assert statuses[-1] == 429
    page = Page(reader.raw("POST", "/sign-in", data=form))
    assert page.h1 == "Trop d'essais"
    assert "Patientez une minute" in page.text


def test_uploads_are_few_a_minute(limited: Flask) -> None:
    with limited.app_context():
        make = Factory()
        person, unit = make.person(), make.unit()
        for right in ("training_officer", "administrator"):
            make.right(person, right, unit)
        make.save()
        reader = Reader(limited).sign_in(person)
    form = {"csrf_token": reader.token()}
    for address in ("/studio/import", "/certifications/report/import", "/portfolio/new", "/organisation/people"):
        statuses = [reader.raw("POST", address, data=form).status_code for _ in range(21)]
        assert (statuses[0], statuses[19], statuses[20]) == (422, 422, 429), address


def test_an_unforeseen_error_says_that_nothing_was_saved(limited: Flask) -> None:
    page = Reader(limited).get("/broken", status=500)
    assert "Rien n'a été enregistré" in page.text
    assert "ZeroDivisionError" not in page.html


def test_errors_are_json_for_scripts_that_ask_for_it(reader: Reader) -> None:
    answer = reader.raw("GET", "/nowhere", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.json == {"error": "Cette page n'existe pas ou n'existe plus."}
    assert reader.get("/nowhere", status=404).h1 == "Page introuvable"


def test_an_old_form_keeps_the_text_in_the_browser_and_says_how(reader: Reader) -> None:
    answer = reader.raw("POST", "/sign-in", data={"email": "x"})
    assert answer.status_code == 400
    assert "votre texte y est encore" in Page(answer).text


def test_too_large_a_request_is_refused(reader: Reader) -> None:
    answer = reader.raw("POST", "/sign-in", data={"email": "x" * 17_000_000})
    assert answer.status_code == 413
    assert "16 Mo" in Page(answer).text


def test_headers_allow_nothing_from_elsewhere(reader: Reader) -> None:
    headers = reader.raw("GET", "/sign-in").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy or "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_signs_stay_with_their_word() -> None:
    assert typeset("Qui ? « lui » : 12 %", "fr") == f"Qui{NARROW}? «{WIDE}lui{WIDE}»{WIDE}: 12{WIDE}%"
    assert typeset("10 h 30, 5 min", "fr") == f"10{WIDE}h{WIDE}30, 5{WIDE}min"
    assert typeset("1 178 sur 1 178 000", "fr") == f"1{NARROW}178 sur 1{NARROW}178{NARROW}000"
    assert typeset("Who? 12 %", "en") == "Who? 12%"


@pytest.mark.parametrize(
    ("referrer", "way"),
    [
        ("http://localhost/modules/?q=1", "/modules/?q=1"),
        ("http://localhost//elsewhere.example/x", "/elsewhere.example/x"),
        ("http://elsewhere.example/modules/", None),
        ("http://localhost/nowhere", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_an_error_leads_back_to_the_page_before_on_this_site_only(
    reader: Reader, referrer: str, way: str | None
) -> None:
    page = Page(reader.raw("GET", "/nowhere", headers={"Referer": referrer}))
    back = [link for link in page.links() if "elsewhere" in link or "q=1" in link or link == "/nowhere"]
    assert back == ([way] if way else [])


def test_a_link_that_no_longer_serves_leads_to_asking_for_another(reader: Reader) -> None:
    page = reader.post("/link/used-up", status=422)
    assert page.h1 == "Connexion"
    assert "Ce lien a déjà servi" in page.text
    assert [form.get("action") for form in page.tree.iter(f"{X}form")][1:] == ["/sign-in", "/sign-in/link"]
