"""Certificates over their life: issued once, renewed, expired, revoked; credentials, keys, reminders."""

from __future__ import annotations

import json
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import jsonschema
import pytest
from sqlalchemy import func, select

from tests.awards.making import SITE, TRACK, is_set
from tests.factories import NOW, Factory
from training_platform.accounts.mail import FileMailer
from training_platform.awards import credentials, keys, letters, service, status
from training_platform.awards.models import Award, AwardReminder, SigningKey
from training_platform.awards.rules import months_after, written
from training_platform.db import db
from training_platform.errors import ForbiddenError, RefusedError

SCHEMA = Path(__file__).parents[3] / "shared/samples/openbadges3/schema/ob_v3p0_achievementcredential_schema.json"


def test_a_replay_issues_nothing_and_an_expired_one_stops_counting_at_once(make: Factory) -> None:
    person, unit = make.person(), make.unit()
    first = service.issue(person.id, TRACK, unit.id, NOW)
    assert service.issue(person.id, TRACK, unit.id, NOW + timedelta(days=1)) is first
    assert service.held(person.id, NOW)["T1"].number == first.number
    assert first.issuer_name == unit.name
    assert service.held(person.id, first.expires_at - timedelta(seconds=1)) != {}
    assert service.held(person.id, first.expires_at) == {}


def test_a_renewal_begins_where_the_former_ends_and_keeps_the_history(make: Factory) -> None:
    person = make.person()
    first = service.issue(person.id, TRACK, None, NOW)
    assert service.renew(person.id, TRACK, None, NOW + timedelta(days=10)) is first, "not due yet: nothing changes"
    early = first.expires_at - timedelta(days=30)
    second = service.renew(person.id, TRACK, None, early)
    assert second.renews_id == first.id
    assert second.expires_at == months_after(first.expires_at, 24)
    assert service.renew(person.id, TRACK, None, early) is second
    assert [award.number for award in service.history(person.id, early)] == [second.number, first.number]
    late = second.expires_at + timedelta(days=400)
    third = service.renew(person.id, TRACK, None, late)
    assert third.expires_at == months_after(late, 24)
    with pytest.raises(RefusedError):
        service.renew(make.person().id, TRACK, None, NOW)


def test_a_revoked_certificate_counts_no_more_and_is_not_renewed_but_may_be_earned_again(make: Factory) -> None:
    officer, person, unit = make.person(), make.person(), make.unit()
    make.right(officer, "training_officer", unit)
    award = service.issue(person.id, TRACK, unit.id, NOW)
    with pytest.raises(service.UnfitReasonError):
        service.revoke(officer.id, award.number, "  ", NOW)
    service.revoke(officer.id, written(award.number), "Fraude établie à l'épreuve.", NOW)
    assert service.held(person.id, NOW) == {}
    with pytest.raises(RefusedError):
        service.renew(person.id, TRACK, unit.id, NOW)
    again = service.issue(person.id, TRACK, unit.id, NOW + timedelta(days=40))
    assert again is not award
    assert again.renews_id is None


def test_revoking_needs_the_unit_and_is_not_for_oneself(make: Factory) -> None:
    here, there = make.unit(), make.unit()
    officer, outsider = make.person(role="R27", unit=here), make.person()
    make.right(officer, "training_officer", here)
    make.right(outsider, "training_officer", there)
    award = service.issue(make.person().id, TRACK, here.id, NOW)
    with pytest.raises(ForbiddenError):
        service.revoke(outsider.id, award.number, "Une raison bien longue.", NOW)
    own = service.issue(officer.id, TRACK, here.id, NOW)
    with pytest.raises(RefusedError):
        service.revoke(officer.id, own.number, "Une raison bien longue.", NOW)
    unissued = service.issue(make.person(role="R10", unit=here).id, TRACK, None, NOW)
    service.revoke(officer.id, unissued.number, "Une raison bien longue.", NOW)
    with pytest.raises(ForbiddenError):
        service.revoke(officer.id, service.issue(make.person().id, TRACK, None, NOW).number, "Une raison longue.", NOW)


@pytest.mark.parametrize("form", ["json", "jwt"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_credential_verifies_until_a_byte_changes_and_says_the_state_of_today(
    make: Factory, form: str, language: str
) -> None:
    officer, unit, person = make.person(), make.unit(), make.person()
    make.right(officer, "training_officer", unit)
    award = service.issue(person.id, TRACK, unit.id, NOW)
    text = (
        json.dumps(credentials.signed(award, SITE, language, NOW))
        if form == "json"
        else credentials.token(award, SITE, language, NOW)
    )
    assert credentials.verify(text, SITE, NOW) == credentials.Checked(number=award.number, state="valid")
    for place in range(40, len(text) - 2, 97):
        changed = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        with pytest.raises(credentials.BadCredentialError):
            credentials.verify(changed, SITE, NOW)
    assert credentials.verify(text, SITE, award.expires_at).state == "expired"
    service.revoke(officer.id, award.number, "Fraude établie à l'épreuve.", NOW)
    assert credentials.verify(text, SITE, NOW).state == "revoked"


def test_a_credential_of_another_site_or_of_nobody_is_refused(make: Factory) -> None:
    award = service.issue(make.person().id, TRACK, None, NOW)
    elsewhere = keys.Site(url="https://other.example", name="Other", secret="another secret")
    text = json.dumps(credentials.signed(award, SITE, "fr", NOW))
    with pytest.raises(credentials.BadCredentialError):
        credentials.verify(text, elsewhere, NOW)
    for nothing in ("", "{}", "[]", '{"proof": 3}', "x" * 200_000, "a.b.c", "{" * 500, '{"a":' + "[" * 90_000):
        with pytest.raises(credentials.BadCredentialError):
            credentials.verify(nothing, SITE, NOW)
    db.session.delete(award)
    db.session.flush()
    with pytest.raises(credentials.BadCredentialError):
        credentials.verify(text, SITE, NOW)


def test_what_an_old_key_signed_stays_verifiable_and_a_changed_secret_says_so(make: Factory) -> None:
    award = service.issue(make.person().id, TRACK, None, NOW)
    old = credentials.token(award, SITE, "fr", NOW)
    keys.rotate(SITE, NOW)
    new = credentials.token(award, SITE, "fr", NOW)
    assert old != new
    assert credentials.verify(old, SITE, NOW).state == credentials.verify(new, SITE, NOW).state == "valid"
    assert len(keys.jwks(SITE)["keys"]) == 2
    assert {m["type"] for m in keys.did_document(SITE)["verificationMethod"]} == {"Multikey", "JsonWebKey"}
    sealed = db.session.scalars(select(SigningKey)).all()
    assert all("PRIVATE" not in row.sealed and len(row.sealed) > 60 for row in sealed)
    with pytest.raises(keys.SealedKeyError):
        keys.signer(keys.Site(url=SITE.url, name="x", secret="lost"), NOW)


def test_the_credential_names_the_holder_only_as_agreed(make: Factory) -> None:
    person = make.person()
    award = service.issue(person.id, TRACK, None, NOW)
    hidden = json.dumps(credentials.document(award, SITE, "fr"))
    assert person.name not in hidden
    assert person.email not in hidden
    service.show_name(person.id, award.number, True)
    assert person.name in json.dumps(credentials.document(award, SITE, "fr"))
    with pytest.raises(service.UnknownAwardError):
        service.show_name(make.person().id, award.number, True)


@pytest.mark.skipif(not SCHEMA.exists(), reason="no ../shared/samples here")
def test_the_credential_fits_the_official_open_badges_schema(make: Factory) -> None:
    award = service.issue(make.person().id, TRACK, make.unit().id, NOW)
    service.show_name(award.person_id, award.number, True)
    validator = jsonschema.Draft201909Validator(
        json.loads(SCHEMA.read_text()), format_checker=jsonschema.FormatChecker()
    )
    signed = credentials.signed(award, SITE, "fr", NOW)
    assert [error.message for error in validator.iter_errors(signed)] == []
    assert list(validator.iter_errors({**signed, "issuer": 3})) != []


def test_the_status_list_is_signed_and_says_who_is_revoked(make: Factory) -> None:
    officer, unit = make.person(), make.unit()
    make.right(officer, "training_officer", unit)
    kept, gone = (service.issue(make.person().id, TRACK, unit.id, NOW) for _ in range(2))
    service.revoke(officer.id, gone.number, "Fraude établie à l'épreuve.", NOW)
    published = credentials.status_list(1, SITE, NOW)
    encoded = published["credentialSubject"]["encodedList"]
    assert is_set(encoded, gone.status_index)
    assert not is_set(encoded, kept.status_index)
    from training_platform.awards import proofs

    proofs.check_proof(published, keys.published(SITE)[published["proof"]["verificationMethod"]])


def test_each_reminder_leaves_once_with_its_calendar_entry(make: Factory, tmp_path: Path) -> None:
    person = make.person(language="en")
    award = service.issue(person.id, TRACK, None, NOW)
    mailer = FileMailer(tmp_path)
    soon = award.expires_at - timedelta(days=29)
    assert letters.remind(mailer, "a@example.org", SITE.url, NOW) == letters.Reminded(sent=0, failed=0)
    assert letters.remind(mailer, "a@example.org", SITE.url, soon) == letters.Reminded(sent=1, failed=0)
    assert letters.remind(mailer, "a@example.org", SITE.url, soon) == letters.Reminded(sent=0, failed=0)
    (file,) = tmp_path.glob("*.eml")
    mail = message_from_bytes(file.read_bytes(), policy=default)
    assert written(award.number) in mail.get_body().get_content()  # type: ignore[union-attr]
    (calendar,) = mail.iter_attachments()
    assert "BEGIN:VEVENT" in calendar.get_content()
    service.renew(person.id, TRACK, None, soon)
    nearer = award.expires_at - timedelta(days=5)
    assert letters.remind(mailer, "a@example.org", SITE.url, nearer).sent == 0, "renewed: no more reminders"


def test_the_subject_of_a_late_reminder_agrees_with_its_number(make: Factory, tmp_path: Path) -> None:
    for language, said in (("fr", "dans 1 jour"), ("en", "in 1 day")):
        award = service.issue(make.person(language=language).id, TRACK, None, NOW)
        last = award.expires_at - timedelta(hours=30)
        assert letters.remind(FileMailer(tmp_path / language), "a@example.org", SITE.url, last).sent == 1
        (file,) = (tmp_path / language).glob("*.eml")
        assert message_from_bytes(file.read_bytes(), policy=default)["Subject"].endswith(said)
        service.renew(award.person_id, TRACK, None, last)


def test_a_mail_that_cannot_leave_is_tried_again(make: Factory, tmp_path: Path) -> None:
    award = service.issue(make.person().id, TRACK, None, NOW)
    soon = award.expires_at - timedelta(days=80)
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    assert letters.remind(FileMailer(blocked), "a@example.org", SITE.url, soon).failed == 1
    assert letters.remind(FileMailer(tmp_path), "a@example.org", SITE.url, soon).sent == 1
    assert db.session.scalar(select(func.count()).select_from(AwardReminder)) == 1


def test_bits_of_the_list_are_scattered_and_a_half_full_list_is_followed_by_another(
    make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "SIZE", 8)
    person = make.person()
    tracks = [service.TrackFacts(**{**vars(TRACK), "track_id": f"X{n}"}) for n in range(6)]
    awards = [service.issue(person.id, track, None, NOW) for track in tracks]
    assert [award.status_list for award in awards] == [1, 1, 1, 1, 2, 2]
    assert len({(award.status_list, award.status_index) for award in awards}) == 6
    assert db.session.scalar(select(func.count()).select_from(Award)) == 6
