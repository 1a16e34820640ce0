"""Pages of certificates, as their holder, a verifier and those who follow them read them."""

from __future__ import annotations

import io
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from importlib.abc import MetaPathFinder
from typing import Any

import pypdf
import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from tests.awards.making import TRACK
from tests.factories import Factory
from tests.packages import document
from tests.pages import Reader
from tests.paper import needs_pango
from training_platform import framework
from training_platform.accounts.models import Person
from training_platform.awards import annual, service
from training_platform.awards.models import Award
from training_platform.awards.rules import months_after, written
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage
from training_platform.db import db
from training_platform.learning.models import Enrolment
from training_platform.organisation.models import Unit
from training_platform.text import Text

TODAY = datetime.now(UTC)


def _award(person: Person, unit: Unit | None, ago_months: int = 1, track: service.TrackFacts = TRACK) -> Award:
    return service.issue(person.id, track, unit.id if unit else None, months_after(TODAY, -ago_months))


def test_the_holder_sees_takes_along_and_chooses_what_is_shown(make: Factory, reader: Reader) -> None:
    person, unit = make.person(language="en"), make.unit()
    award = _award(person, unit)
    number = written(award.number)
    make.save()
    assert "No certificate matches" not in reader.sign_in(person).get("/certificates/").text
    page = reader.get(f"/certificates/{number}")
    assert number in page.text
    assert "not shown there" in page.text
    assert person.name not in reader.get(f"/verify/{number}").text.split("Holder")[1]
    reader.post(f"/certificates/{number}/name", {"shown": "1"})
    assert person.name in reader.get(f"/verify/{number}").text
    calendar = reader.raw("GET", f"/certificates/{number}/renewal.ics")
    assert b"BEGIN:VEVENT" in calendar.data


@needs_pango
@pytest.mark.parametrize(("language", "words"), [("fr", "Valable jusqu'au"), ("en", "Valid until")])
def test_the_pdf_is_tagged_in_its_language_and_carries_its_address(
    make: Factory, reader: Reader, language: str, words: str
) -> None:
    person = make.person()
    award = _award(person, make.unit())
    make.save()
    answer = reader.sign_in(person).raw("GET", f"/certificates/{award.number}/certificate.pdf?language={language}")
    assert answer.status_code == 200
    document = pypdf.PdfReader(io.BytesIO(answer.data))
    root: Any = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == language
    assert len(document.pages) == 1
    text = document.pages[0].extract_text()
    assert words in text
    assert person.name in text
    assert written(award.number) in text


def test_a_badge_downloaded_is_verified_and_a_changed_one_is_not(make: Factory, reader: Reader) -> None:
    person = make.person()
    award = _award(person, make.unit())
    make.save()
    reader.sign_in(person)
    text = reader.raw("GET", f"/certificates/{award.number}/credential.json").get_data(as_text=True)
    token = reader.raw("GET", f"/certificates/{award.number}/credential.jwt").get_data(as_text=True)
    assert json.loads(text)["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    for one in (text, token):
        assert "authentique" in reader.post("/verify", {"credential": one}).text
    page = reader.post("/verify", {"credential": text.replace("Socle", "Sacle")}, status=422)
    assert "modifié" in page.text
    assert "Sacle" in page.html, "what was pasted is kept"
    file = (io.BytesIO(token.encode()), "badge.jwt")
    assert "authentique" in reader.post("/verify", {"file": file}).text


def test_a_stranger_verifies_by_number_and_learns_no_more_than_agreed(make: Factory, reader: Reader) -> None:
    person = make.person()
    valid = _award(person, make.unit(), 2)
    old = _award(make.person(), make.unit(), 30)
    make.save()
    page = reader.get(f"/verify?number={written(valid.number).lower()}")
    assert page.h1 == "Certificat valable"
    assert person.name not in page.text
    assert person.email not in page.html
    assert reader.get(f"/verify/{old.number}").h1 == "Certificat expiré"
    assert "erreur de copie" in reader.get("/verify?number=7KQF-9WXM-3T2R-H5NA", status=422).text
    assert reader.get("/verify/0000-0000-0000-0000", status=404).h1 == "Certificat inconnu"
    for address in ("/.well-known/jwks.json", "/.well-known/did.json", "/verify/status/1"):
        assert reader.raw("GET", address).status_code == 200
    for number in (0, 9):
        assert reader.raw("GET", f"/verify/status/{number}").status_code == 404


def test_others_do_not_reach_a_persons_certificate(make: Factory, reader: Reader) -> None:
    award = _award(make.person(), make.unit())
    stranger = make.person()
    make.save()
    reader.sign_in(stranger)
    for place in ("", "/certificate.pdf", "/credential.json", "/credential.jwt", "/renewal.ics"):
        assert reader.raw("GET", f"/certificates/{award.number}{place}").status_code == 404
    assert reader.raw("GET", "/certifications/report/").status_code == 403


def test_the_report_shows_filters_exports_and_stays_in_its_units(make: Factory, reader: Reader) -> None:
    here, there = make.unit(), make.unit()
    officer = make.person()
    make.right(officer, "training_officer", here)
    holders = [make.person(role="R10", unit=here) for _ in range(3)]
    outside = make.person(role="R10", unit=there)
    awards = [_award(person, here, ago) for person, ago in zip(holders, (1, 23, 30), strict=True)]
    _award(outside, there)
    holders[0].name = "=HYPERLINK(1)"
    make.save()
    page = reader.sign_in(officer).get("/certifications/report/")
    assert "1 valable, 1 à renouveler, 1 expiré" in page.text
    assert outside.email not in page.html
    assert "1 expiré" in reader.get("/certifications/report/?state=expired").text
    assert "Aucun certificat" in reader.get("/certifications/report/?track=T9").text
    assert reader.raw("GET", f"/certifications/report/?unit={there.id}").status_code == 403
    csv = reader.raw("GET", "/certifications/report/certificates.csv").data.decode("utf-8-sig")
    assert csv.count("\r\n") == 4
    assert "'=HYPERLINK" in csv
    book = load_workbook(io.BytesIO(reader.raw("GET", "/certifications/report/certificates.xlsx").data))
    values = list(book.worksheets[0].values)
    assert len(values) == 4
    assert {cell.data_type for line in book.worksheets[0].iter_rows() for cell in line} <= {"s", "n", "inlineStr"}
    assert {line[0] for line in values[1:]} == {written(award.number) for award in awards}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_was_exported_comes_in_again_elsewhere_and_changes_nothing_here(
    make: Factory, reader: Reader, kind: str
) -> None:
    unit, officer = make.unit(), make.person()
    make.right(officer, "training_officer", unit)
    award = _award(make.person(role="R10", unit=unit), unit)
    make.save()
    reader.sign_in(officer)

    def bring(content: bytes, status: int = 200) -> str:
        file = (io.BytesIO(content), f"certificats.{kind}")
        return reader.post("/certifications/report/import", {"file": file}, status=status).text

    exported = reader.raw("GET", f"/certifications/report/certificates.{kind}").data
    assert "déjà connus : 1" in bring(exported)
    number, expires = award.number, award.expires_at.date()
    db.session.delete(award)
    make.save()
    assert "1 certificat ajouté" in bring(exported)
    again = service.by_number(number)
    assert again.expires_at.date() == expires
    assert again.imported
    again.expires_at += timedelta(days=3)
    make.save()
    assert "autre contenu" in bring(exported, 422)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Choisissez"),
        (b"PK\x03\x04 not a workbook", "ne se lit pas"),
        (b"nom;courriel\nA;b", "Colonnes manquantes"),
        (b"x" * 200_000, "ne se lit pas"),
        (
            "numéro;courriel;certification;version;délivré le;expire le\nXXXX;a@b.fr;T1;1;2026-01-01;2027-01-01".encode(),
            "Numéro",
        ),
    ],
)
def test_a_bad_sheet_is_refused_whole_with_its_reason(make: Factory, reader: Reader, content: bytes, said: str) -> None:
    unit, officer = make.unit(), make.person()
    make.right(officer, "training_officer", unit)
    make.save()
    file = (io.BytesIO(content), "a.csv" if content else "")
    page = reader.sign_in(officer).post("/certifications/report/import", {"file": file}, status=422)
    assert said in page.text


def test_a_sheet_brings_no_certificate_to_oneself_nor_a_number_twice(make: Factory, reader: Reader) -> None:
    unit = make.unit()
    officer, nurse = (make.person(role="R10", unit=unit) for _ in range(2))
    make.right(officer, "training_officer", unit)
    former = [_award(person, unit) for person in (officer, nurse)]
    first, second = (award.number for award in former)
    for award in former:
        db.session.delete(award)
    make.save()
    reader.sign_in(officer)

    def bring(*lines: tuple[str, str]) -> str:
        rows = [f"{number};{email};T1;1;2026-01-01;2027-01-01" for number, email in lines]
        text = "\n".join(["numéro;courriel;certification;version;délivré le;expire le", *rows])
        file = (io.BytesIO(text.encode()), "a.csv")
        return reader.post("/certifications/report/import", {"file": file}, status=422).text

    assert "un autre responsable ajoute" in bring((first, officer.email))
    assert "déjà plus haut" in bring((first, nurse.email), (second, nurse.email), (written(first), nurse.email))
    assert db.session.scalar(select(func.count()).select_from(Award)) == 0


def test_a_workbook_with_a_cell_at_its_far_end_is_read_within_bounds(make: Factory, reader: Reader) -> None:
    officer = make.person()
    make.right(officer, "training_officer", make.unit())
    make.save()
    book = Workbook()
    for column, name in enumerate(("number", "email", "track", "version", "issued", "expires"), 1):
        book.worksheets[0].cell(1, column, name)
    book.worksheets[0].cell(1_048_576, 16_384, "far")
    out = io.BytesIO()
    book.save(out)
    begun = time.monotonic()
    file = (io.BytesIO(out.getvalue()), "a.xlsx")
    page = reader.sign_in(officer).post("/certifications/report/import", {"file": file})
    assert "déjà connus : 0" in page.text
    assert time.monotonic() - begun < 20


def test_a_certificate_is_withdrawn_with_its_reason(make: Factory, reader: Reader) -> None:
    unit, officer, person = make.unit(), make.person(), make.person()
    make.right(officer, "training_officer", unit)
    award = _award(person, unit)
    make.save()
    address = f"/certifications/report/{award.number}/revoke"
    reader.sign_in(officer).get(address)
    assert "Donnez le motif" in reader.post(address, {"reason": "court"}, status=422).text
    reader.post(address, {"reason": "Épreuve passée par une autre personne."})
    assert reader.get(f"/verify/{award.number}").h1 == "Certificat retiré"
    page = reader.sign_in(person).get(f"/certificates/{award.number}")
    assert "par une autre personne" in page.text


@needs_pango
def test_the_year_counts_families_of_five_and_hides_smaller_ones(make: Factory, reader: Reader) -> None:
    unit, officer = make.unit(), make.person()
    make.right(officer, "hr", unit)
    for _ in range(6):
        make.person(role="R10", unit=unit)
    for _ in range(7):
        make.person(role="R21", unit=unit)
    make.person(role="R01", unit=unit)
    make.save()
    page = reader.sign_in(officer).get("/certifications/report/year")
    assert "Médecins" not in page.text
    assert "Autres familles" in page.text
    answer = reader.raw("GET", "/certifications/report/year.pdf")
    text = pypdf.PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()
    assert "Autres familles" in text
    small = make.unit()
    make.right(officer, "hr", small)
    make.person(role="R10", unit=small)
    make.save()
    assert "Moins de cinq" in reader.get(f"/certifications/report/year?unit={small.id}").text


def _completed(person: Person, version_id: int) -> None:
    db.session.add(
        Enrolment(
            person_id=person.id,
            version_id=version_id,
            started_at=TODAY,
            completed_at=TODAY,
            last_at=TODAY,
            lessons_read=[],
        )
    )
    db.session.flush()


def test_the_year_tells_of_no_fewer_than_five_people_trained(make: Factory, reader: Reader) -> None:
    unit, small, officer = make.unit(), make.unit(), make.person()
    for one in (unit, small):
        make.right(officer, "hr", one)
    staff = {role: [make.person(role=role, unit=unit) for _ in range(8)] for role in ("R10", "R21", "R44")}
    version = catalogue.publish(ModulePackage.model_validate(document()), TODAY).id
    for person in [make.person(role="R10", unit=small) for _ in range(4)]:
        _completed(person, version)

    def report(unit_id: int) -> annual.AnnualReport:
        return annual.annual(officer.id, unit_id, TODAY.year, framework.current())

    assert report(small.id).total is None
    assert report(small.id).lines == ()
    for person in staff["R10"][:4]:
        _completed(person, version)
    few = report(unit.id)
    assert few.total is not None
    assert (few.total.staff, few.total.done) == (24, None)
    assert [line.done for line in few.lines] == [None] * 3
    for person in [*staff["R21"][:5], *staff["R44"][:7]]:
        _completed(person, version)
    for person in staff["R10"][:4]:
        _award(person, unit, ago_months=0)
    enough = report(unit.id)
    assert enough.total is not None
    assert enough.total.done is not None
    assert enough.total.done.trained == 16
    assert [line.done and line.done.trained for line in enough.lines].count(None) == 2, "one alone is total less others"
    assert [line.done.trained for line in enough.lines if line.done] == [7]
    assert enough.awards == {TRACK.track_id: None}
    make.save()
    page = reader.sign_in(officer).get(f"/certifications/report/year?unit={unit.id}").text
    assert page.count("non montré ") == 2
    assert "moins de cinq" in page


def test_a_track_of_another_name_is_another_certificate(make: Factory, reader: Reader) -> None:
    person = make.person()
    other = service.TrackFacts(
        track_id="T6", version=2, name=Text("Pilotage", "Steering"), criteria=TRACK.criteria, validity_months=36
    )
    _award(person, None)
    _award(person, None, 1, other)
    make.save()
    page = reader.sign_in(person).get("/certificates/")
    assert "Pilotage" in page.text
    assert "Socle" in page.text


def test_without_pango_a_pdf_is_refused_with_the_remedy(
    make: Factory, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make.person()
    award = _award(person, None)
    make.save()

    class Absent(MetaPathFinder):
        def find_spec(self, name: str, *_: object) -> None:
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Absent(), *sys.meta_path])
    page = reader.sign_in(person).get(f"/certificates/{award.number}/certificate.pdf", status=422)
    assert "libpangoft2-1.0-0" in page.text
