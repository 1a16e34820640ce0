"""Units, rights, and staff files with all that goes wrong in them."""

from __future__ import annotations

import io
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import NOW, Factory
from tests.pages import Reader
from training_platform.accounts.models import Person
from training_platform.db import db
from training_platform.errors import ForbiddenError
from training_platform.organisation import service, staff_import
from training_platform.organisation.models import Grant, Position, Unit
from training_platform.organisation.staff_file import check_people, check_units, decode, read_sheet

ROLES = {"R10", "R21"}


def test_a_right_holds_on_the_unit_and_below_and_nowhere_else(make: Factory) -> None:
    region = make.unit("region")
    group = make.unit("ght", region)
    hospital, other = make.unit(parent=group), make.unit(parent=region)
    person = make.person()
    make.right(person, "manager", group)
    assert service.units_within(person.id, "manager") == {group.id, hospital.id}
    assert service.has_right(person.id, "manager", hospital.id)
    assert not service.has_right(person.id, "manager", other.id)
    assert not service.has_right(person.id, "hr")
    with pytest.raises(ForbiddenError):
        service.require_right(person.id, "manager", region.id)


def test_positions_are_kept_once_and_are_ones_own(make: Factory) -> None:
    unit, person, other = make.unit(), make.person(), make.person()
    service.set_position(person.id, "R10", unit.id, "IDE de nuit", NOW)
    service.set_position(person.id, "R10", None, "IDE de jour", NOW)
    (held,) = service.positions_of(person.id)
    assert (held.title, held.unit) == ("IDE de jour", unit.name)
    service.set_position(person.id, "R10", None, "", NOW)
    assert service.positions_of(person.id)[0].title == "IDE de jour", "choosing the role again takes no words away"
    with pytest.raises(service.UnknownPositionError):
        service.remove_position(other.id, held.id)
    service.remove_position(person.id, held.id)
    assert service.positions_of(person.id) == []


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_usual_encodings_and_separators_are_read(separator: str, encoding: str) -> None:
    text = (
        separator.join(("Courriel", "Nom", "Structure", "Métier"))
        + "\r\n"
        + separator.join(("a@b.fr", "Zoé", "U1", "R10"))
    )
    sheet = read_sheet(text.encode(encoding), ("email", "name", "unit", "role"))
    assert sheet.errors == ()
    assert sheet.rows[0].values == {"email": "a@b.fr", "name": "Zoé", "unit": "U1", "role": "R10"}


def test_every_fault_names_its_line() -> None:
    people = "email;name;unit;role\na@b.fr;A;U1;R10\nnot an address;B;U1;R10\nc@d.fr;C;U9;R10\n\ne@f.fr;E;U1;R99\na@b.fr;A;U1;R10\nshort;row\n"
    sheet = read_sheet(people.encode(), ("email", "name", "unit", "role"))
    assert [e.line for e in sheet.errors] == [8]
    assert [e.line for e in check_people(sheet.rows, {"U1"}, ROLES)] == [3, 4, 6, 7]
    long = read_sheet(
        f"email;name;unit;role;title\na@b.fr;A;U1;R10;{'x' * 4001}\n".encode(), ("email", "name", "unit", "role")
    )
    assert [e.line for e in check_people(long.rows, {"U1"}, ROLES)] == [2]
    units = read_sheet(
        b"code,name,kind,parent\nA,,ght,\nB,b,planet,\nC,c,ght,Z\nC,c,ght,A\n", ("code", "name", "kind", "parent")
    )
    assert [e.line for e in check_units(units.rows, {})] == [2, 3, 4, 5]
    assert (
        "Colonnes manquantes : unit"
        in read_sheet(b"email;name;role\n", ("email", "name", "unit", "role")).errors[0].reason.fr
    )
    assert decode(b"\x81\xe9") == "\ufffdé"


def test_an_import_is_whole_or_nothing_and_safe_to_repeat(make: Factory, reader: Reader) -> None:
    hospital, elsewhere = make.unit(), make.unit()
    administrator = make.person()
    make.right(administrator, "administrator", hospital)
    make.save()
    reader.sign_in(administrator)

    def send(what: str, text: str, status: int) -> str:
        data = {"file": (io.BytesIO(text.encode()), "f.csv")}
        return reader.post(f"/organisation/{what}", data, status=status).text

    assert "Choisissez un fichier CSV" in send("units", "", 422)
    send("units", f"code,name,kind,parent\nS1,Soins,department,{hospital.code}\n", 200)
    assert "Ligne 3" in send("people", "email,name,unit,role\na@b.fr,A,S1,R10\nb@b.fr,B,S1,R99\n", 422)
    assert db.session.scalar(select(func.count()).select_from(Person)) == 1
    outside = f"email,name,unit,role\na@b.fr,A,{elsewhere.code},R10\n"
    assert "Structure inconnue" in send("people", outside, 422)
    good = "email,name,unit,role,language\na@b.fr,A,S1,R10,en\na@b.fr,A,S1,R21,en\n"
    send("people", good, 200)
    send("people", good, 200)
    assert db.session.scalar(select(func.count()).select_from(Position)) == 2
    assert db.session.scalar(select(Person.language).where(Person.email == "a@b.fr")) == "en"


def test_only_administrators_import(make: Factory, reader: Reader) -> None:
    person = make.person()
    make.save()
    with pytest.raises(ForbiddenError):
        staff_import.import_units(person.id, b"")
    reader.sign_in(person)
    assert "administrateur" in reader.get("/organisation/", status=403).text
    assert db.session.scalar(select(func.count()).select_from(Unit)) == 0


@pytest.fixture
def administrator(make: Factory, reader: Reader) -> Unit:
    """Sign in the administrator of a hospital; return the hospital."""
    hospital, person = make.unit(), make.person()
    make.right(person, "administrator", hospital)
    make.save()
    reader.sign_in(person)
    return hospital


def test_rights_are_granted_and_taken_back_within_ones_units(
    administrator: Unit, make: Factory, reader: Reader
) -> None:
    person, elsewhere = make.person(), make.unit()
    make.save()
    form = {"email": person.email.upper(), "right": "manager", "unit": administrator.code}
    assert "Droit accordé" in reader.post("/organisation/rights", form).text
    reader.post("/organisation/rights", form)
    assert service.has_right(person.id, "manager", administrator.id)
    reader.post("/organisation/rights", form | {"unit": elsewhere.code}, status=403)
    reader.post("/organisation/rights", form | {"unit": "none"}, status=422)
    wrong = reader.post("/organisation/rights", form | {"email": "nobody@example.org"}, status=422)
    assert "Personne inconnue à cette adresse" in wrong.text
    assert "nobody@example.org" in wrong.html
    own, given = db.session.scalars(select(Grant.id).order_by(Grant.id)).all()
    assert "Un autre administrateur" in reader.post(f"/organisation/rights/{own}/revoke", status=422).text
    reader.post(f"/organisation/rights/{given}/revoke")
    reader.post(f"/organisation/rights/{given}/revoke")
    assert not service.has_right(person.id, "manager")


def test_invitations_go_once_to_those_who_never_had_a_link(
    administrator: Unit, make: Factory, reader: Reader, app: Flask
) -> None:
    mails = Path(app.extensions["settings"].mail.removeprefix("file://"))
    newcomer = make.person(role="R10", unit=administrator)
    make.person(role="R10", unit=make.unit())
    make.save()
    before = set(mails.glob("*.eml"))
    assert "1 personne n'a pas encore reçu de lien" in reader.get("/organisation/").text
    assert "1 invitation envoyée" in reader.post("/organisation/invitations").text
    assert "0 invitation" in reader.post("/organisation/invitations").text
    (letter,) = set(mails.glob("*.eml")) - before
    mail = message_from_bytes(letter.read_bytes(), policy=default)
    assert mail["To"] == newcomer.email
    body = mail.get_content()
    assert "quatorze jours" in body
    address = body.split("/link/")[1].split()[0]
    assert Reader(app).post(f"/link/{address}").h1.startswith("Bonjour")


def test_only_administrators_grant_and_invite(make: Factory, reader: Reader) -> None:
    reader.sign_in(make.person())
    make.save()
    for address in ("/organisation/rights", "/organisation/invitations"):
        reader.post(address, status=403)
