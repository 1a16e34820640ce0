"""Units, rights, and staff files with all that goes wrong in them."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import func, select

from tests.factories import NOW, Factory
from tests.pages import Reader
from training_platform.accounts.models import Person
from training_platform.db import db
from training_platform.errors import ForbiddenError
from training_platform.organisation import service, staff_import
from training_platform.organisation.models import Position, Unit
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
