"""Accounts: links that work once, passwords, sessions."""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask

import config
from tests.factories import NOW, Factory
from tests.pages import Reader
from training_platform.accounts import service
from training_platform.accounts.mail import ConsoleMailer, FileMailer, SmtpMailer, mailer_for, message
from training_platform.web.addresses import safe_next


def test_a_link_works_once_and_not_after_its_time(make: Factory) -> None:
    person = make.person()
    token = service.issue_link(person, "reset", NOW)
    assert service.redeem_link(token, NOW).id == person.id
    with pytest.raises(service.LinkRefusedError):
        service.redeem_link(token, NOW)
    late = service.issue_link(person, "reset", NOW)
    with pytest.raises(service.LinkRefusedError):
        service.redeem_link(late, NOW + timedelta(hours=3))
    with pytest.raises(service.LinkRefusedError):
        service.redeem_link("forged", NOW)


def test_passwords_and_generic_refusals(make: Factory) -> None:
    person = make.person()
    fields = {"name": "Ada", "minutes_per_week": "45", "password": "une phrase assez longue"}
    assert service.check_profile(fields) == {}
    stamp = person.session_stamp
    service.change_profile(person, fields)
    assert person.session_stamp != stamp
    assert service.sign_in(person.email.upper(), fields["password"]).id == person.id
    for email, password in ((person.email, "wrong"), ("nobody@example.org", "x"), (make.person().email, "x")):
        with pytest.raises(service.SignInRefusedError):
            service.sign_in(email, password)


def test_a_wrong_profile_is_said_by_field() -> None:
    wrong = service.check_profile({"name": " ", "minutes_per_week": "4", "password": "short"})
    assert set(wrong) == {"name", "minutes_per_week", "password"}


def test_sessions_end_when_the_stamp_changes(make: Factory) -> None:
    person = make.person()
    before = person.get_id()
    assert service.find(before) is person
    service.sign_out_everywhere(person)
    assert service.find(before) is None
    assert service.find("rubbish") is None


def test_sign_in_by_link_password_and_profile_through_pages(make: Factory, reader: Reader) -> None:
    person = make.person()
    token = service.issue_link(person, "invitation", NOW.replace(year=2100))
    make.save()
    assert "Me connecter" in reader.get(f"/link/{token}", headers={"Accept-Language": "fr"}).text
    assert "Bonjour" in reader.post(f"/link/{token}").text
    assert "à corriger" in reader.post("/profile", {"name": "", "minutes_per_week": "x"}, status=422).text.lower()
    reader.post("/profile", {"name": "Zoé", "minutes_per_week": "20", "password": "une phrase assez longue"})
    assert reader.get("/profile").h1 == "Votre profil"
    assert reader.post("/sign-out", {"everywhere": "1"}).h1 in ("Connexion", "Sign in")
    again = Reader(reader.app)
    refused = again.post("/sign-in", {"email": person.email, "password": "non"}, status=422)
    assert person.email in refused.html
    credentials = {"email": person.email, "password": "une phrase assez longue"}
    assert "Zoé" in again.post("/sign-in?next=/", credentials).text
    assert again.raw("GET", f"/link/{token}").status_code == 200
    assert "déjà servi" in again.post(f"/link/{token}", status=422).text


def test_a_link_is_mailed_only_to_known_addresses(make: Factory, reader: Reader, app: Flask) -> None:
    person = make.person()
    english = make.person(language="en")
    make.save()
    folder = Path(app.extensions["settings"].mail.removeprefix("file://"))
    before = set(folder.glob("*.eml")) if folder.exists() else set()
    said = {
        reader.post("/sign-in/link", {"email": e}).text for e in (person.email, english.email, "nobody@example.org")
    }
    assert len(said) == 1
    mails = [message_from_bytes(f.read_bytes(), policy=default) for f in set(folder.glob("*.eml")) - before]
    assert {m["To"] for m in mails} == {person.email, english.email}
    assert all("/link/" in m.get_content() for m in mails)


def test_mailers_by_setting(capsys: pytest.CaptureFixture[str]) -> None:
    assert isinstance(mailer_for("smtps://u:p@mail.example:465"), SmtpMailer)
    assert isinstance(mailer_for("file:///somewhere"), FileMailer)
    console = mailer_for("console")
    assert isinstance(console, ConsoleMailer)
    console.send(message("a@b.fr", "c@d.fr", "Sujet\nInjecté: oui", "corps"))
    assert "Subject: Sujet" in capsys.readouterr().err


@pytest.mark.parametrize("address", [None, "", "//evil.example", "/\\evil", "https://evil.example", "path"])
def test_no_open_redirect(address: str | None) -> None:
    assert safe_next(address, "/home") == "/home"
    assert safe_next("/path/?minutes=20", "/home") == "/path/?minutes=20"


def test_production_refuses_unsafe_settings_and_names_them(tmp_path: Path) -> None:
    with pytest.raises(config.UnsafeSettingsError) as caught:
        config.read_settings({"SILLAGE_PRODUCTION": "1"})
    for name in ("SECRET_KEY", "SILLAGE_URL", "DATABASE_URL", "SILLAGE_MAIL"):
        assert name in str(caught.value)
    safe = {
        "SILLAGE_PRODUCTION": "1",
        "SECRET_KEY": "s" * 32,
        "SILLAGE_URL": "https://sillage.example",
        "DATABASE_URL": "sqlite:////tmp/x.sqlite",
        "SILLAGE_MAIL": "smtp://mail.example:25",
    }
    assert config.read_settings(safe).production


def test_the_local_secret_is_kept_between_starts(tmp_path: Path) -> None:
    environment = {"SILLAGE_INSTANCE": str(tmp_path)}
    assert config.read_settings(environment).secret_key == config.read_settings(environment).secret_key


def test_an_unknown_address_takes_as_long_as_a_wrong_password() -> None:
    assert not service.hasher.check_needs_rehash(service._NOBODY)
