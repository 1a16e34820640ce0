"""The person's hand on the path through the pages, what the hospital asks, and the record of it all."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import icalendar
import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import NOW, Factory
from tests.packages import document, make_package
from tests.pages import Reader
from training_platform import framework
from training_platform.accounts.models import Person
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage
from training_platform.catalogue.models import Module
from training_platform.db import db
from training_platform.framework.rules import Framework
from training_platform.organisation.models import Position
from training_platform.recommendations import duties, record, service
from training_platform.recommendations.models import CatalogueSnapshot, DecisionRecord, Reaction
from training_platform.recommendations.situation import held_levels
from training_platform.text import Text


def step(competency: str, start: int, end: int) -> dict[str, object]:
    return {"c": competency, "from": start, "to": end}


@pytest.fixture
def nurse(make: Factory) -> Person:
    """A nurse of a hospital with five modules: two ways to the same step, one that builds on it, two others."""
    catalogue.publish(make_package("M90"), NOW)
    catalogue.publish(make_package("M91", requires=["M90"], steps=[step("DAT1", 1, 2)]), NOW)
    catalogue.publish(make_package("M93", minutes=40, steps=[step("DAT1", 0, 1)]), NOW)
    catalogue.publish(make_package("M94", steps=[step("SEC3", 0, 1)]), NOW)
    catalogue.publish(make_package("M95", steps=[step("GOV5", 2, 3)]), NOW)
    person = make.person(role="R10", unit=make.unit())
    person.minutes_per_week = 60
    make.save()
    return person


def test_the_path_explains_itself_and_swaps(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    path = reader.get("/path/")
    assert "essai M90" in path.text
    assert "Il apporte" in path.text
    why = reader.get("/path/why/essai-m90")
    assert "Il sortirait du parcours si" in why.text
    assert "vous montriez que vous avez déjà" in why.text
    assert "essai M93" in why.text
    swapped = reader.post("/path/essai-m90/swap/essai-m93")
    assert "remplace" in swapped.text
    assert "Écartés par vous" in swapped.text
    kept = reader.get("/path/why/essai-m93")
    assert "aucune seule n'y suffit" in kept.text
    back = reader.post("/path/essai-m90/undo")
    assert "Écartés par vous" not in back.text
    kinds = list(db.session.scalars(select(Reaction.kind).order_by(Reaction.id)))
    assert kinds == ["refused", "pinned", "undone"]


def test_what_was_begun_is_resumed_from_the_top_wherever_it_stands_in_the_path(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    first = reader.get("/path/")
    assert "Vous avez commencé" not in first.text
    last = first.text.rindex("essai M9")
    reader.post(f"/modules/essai-m{first.text[last + 7 : last + 9]}/start")
    page = reader.get("/path/")
    assert page.text.index("Vous avez commencé") < page.text.index("Mon rythme")
    assert len(re.findall(r"<button>Reprendre|<button>Commencer", page.html)) == 1


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("essai-m95", "Il n'enseigne rien qui vous manque"),
        ("essai-m93", "déjà apporté par d'autres modules"),
    ],
)
def test_why_not_in_words(nurse: Person, reader: Reader, slug: str, words: str) -> None:
    reader.sign_in(nurse)
    reader.post("/path/pace", {"minutes": "15"})
    assert words in reader.get(f"/path/why/{slug}").text
    reader.post(f"/path/{slug}/refused")
    assert "Vous l'avez écarté" in reader.get(f"/path/why/{slug}").text


def test_a_module_that_builds_on_a_refused_one_says_so(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    reader.post("/path/essai-m90/refused")
    assert "que vous avez écarté" in reader.get("/path/why/essai-m91").text
    assert reader.get("/path/why/rien", status=404).text


def test_a_kept_module_whose_ground_was_refused_says_so(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    reader.post("/path/essai-m91/pinned")
    page = reader.post("/path/essai-m90/refused")
    assert "mais il demande d'abord" in page.text
    assert "mais il demande d'abord" not in reader.post("/path/essai-m90/undo").text


def test_a_module_archived_while_in_the_path_leaves_it_usable(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    assert "essai M90" in reader.get("/path/").text
    reader.post("/path/essai-m91/pinned")
    db.session.scalars(select(Module).where(Module.code == "M90")).one().archived = True
    db.session.commit()
    page = reader.get("/path/")
    assert "un module qui n'est plus au catalogue" in page.text
    assert "essai M94" in page.text


def test_a_target_that_nobody_teaches_is_said_and_kept_on_record(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    assert "par aucun module" in reader.get("/path/").text
    assert record.records_of(nurse.id)[0].result["untaught"]


def test_a_goal_adds_its_targets_and_leaves_with_them(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    wanted = next(
        role
        for role in framework_of(reader.app).roles.values()
        if role.targets.get("GOV5", 0) >= 3 and role.id != "R10"
    )
    page = reader.post("/path/goals", {"role": wanted.id})
    assert "prépare aussi" in page.text
    assert "Vos objectifs" in reader.get("/path/goals").text
    reader.post("/path/goals", {"role": wanted.id})
    assert "votre objectif" in reader.get("/path/").text
    assert reader.post("/path/goals", {"role": "R999"}, status=404)
    reader.post(f"/path/goals/{wanted.id}/remove")
    assert "Vos objectifs" not in reader.get("/path/goals").text


def framework_of(app: Flask) -> Framework:
    with app.app_context():
        return framework.current()


def test_the_calendar_feed_follows_the_path_and_its_address_can_change(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    assert "Créez une adresse secrète" in reader.get("/path/calendar").text
    reader.post("/path/calendar", {"weekdays": ["0", "2"], "at": "08:15", "slot": "10"})
    page = reader.get("/path/calendar")
    address = next(link for link in page.links() if link.endswith(".ics"))
    stranger = Reader(reader.app)
    answer = stranger.raw("GET", address)
    assert answer.mimetype == "text/calendar"
    events: list[Any] = icalendar.Calendar.from_ical(answer.get_data()).walk("VEVENT")
    assert len(events) > 3
    assert min(event["DTSTART"].dt.strftime("%H:%M") for event in events) == "08:15"
    assert {event["DTSTART"].dt.weekday() for event in events} <= {0, 2}
    assert len({str(event["UID"]) for event in events}) == len(events)
    reader.post("/path/calendar/address")
    assert stranger.raw("GET", address).status_code == 404


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"at": "08:15", "slot": "10"}, "au moins un jour"),
        ({"weekdays": ["0"], "at": "midi", "slot": "10"}, "Indiquez une heure"),
        ({"weekdays": ["0"], "at": "08:15", "slot": "90"}, "5 à 15 minutes"),
    ],
)
def test_a_wrong_rhythm_is_refused_beside_its_cause(
    nurse: Person, reader: Reader, form: dict[str, object], words: str
) -> None:
    reader.sign_in(nurse)
    assert words in reader.post("/path/calendar", form, status=422).text


def test_a_wrong_duty_is_refused_beside_its_cause(make: Factory, reader: Reader) -> None:
    officer, hospital = make.person(), make.unit()
    make.right(officer, "hr", hospital)
    make.save()
    reader.sign_in(officer)
    refused = reader.post("/duties/", {"name_fr": "", "unit": str(hospital.id), "due": "demain"}, status=422)
    for words in ("Donnez un nom", "Choisissez un module", "2027-03-01"):
        assert words in refused.text


def test_duties_reach_down_the_tree_and_out_of_a_date(make: Factory, reader: Reader) -> None:
    catalogue.publish(make_package("M90"), NOW)
    catalogue.publish(make_package("M95", minutes=45, steps=[step("GOV5", 0, 1)]), NOW)
    hospital = make.unit()
    ward, elsewhere = make.unit("department", hospital), make.unit()
    nurse, other = make.person(role="R10", unit=ward), make.person(role="R10", unit=elsewhere)
    officer = make.person()
    make.right(officer, "training_officer", hospital)
    make.save()
    reader.sign_in(officer)
    due = (NOW + timedelta(days=3)).date().isoformat()
    form = {"name_fr": "Exercice", "unit": str(hospital.id), "modules": ["M95", "M00"], "due": due, "roles": ["R10"]}
    page = reader.post("/duties/", form)
    assert "Exercice" in page.text
    assert reader.post("/duties/", form | {"unit": str(elsewhere.id)}, status=403)

    mine = Reader(reader.app).sign_in(nurse).get("/path/")
    assert mine.text.index("essai M95") < mine.text.index("essai M90")
    assert "obligation : Exercice" in mine.text
    assert "à votre rythme, vous avez" in mine.text
    why = Reader(reader.app).sign_in(nurse).get("/path/why/essai-m95")
    assert "l'obligation était levée" in why.text
    assert "Une obligation ne s'écarte pas ici" in why.text
    assert "Exercice" not in Reader(reader.app).sign_in(other).get("/path/").text

    duty = duties.listed(officer.id)[0]
    assert reader.post(f"/duties/{duty.id}/withdraw").text
    assert "Exercice" not in Reader(reader.app).sign_in(nurse).get("/path/").text
    assert reader.post(f"/duties/{duty.id}/withdraw", status=404)
    assert Reader(reader.app).sign_in(nurse).get("/duties/", status=403)


def test_a_duty_for_a_role_falls_on_those_who_hold_it_in_the_unit(make: Factory) -> None:
    here, there = make.unit(), make.unit()
    officer, person = make.person(), make.person(role="R10", unit=here)
    db.session.add(Position(person_id=person.id, unit_id=there.id, role_id="R21"))
    make.right(officer, "hr", here)
    for roles in (["R21"], ["R10"]):
        duties.create(
            officer.id,
            unit_id=here.id,
            name=Text(roles[0], roles[0]),
            modules=["M90"],
            targets={},
            roles=roles,
            due=None,
            now=NOW,
        )
    assert [duty.name.fr for duty in duties.duties_of(person.id)] == ["R10"]


def test_a_module_that_is_not_written_or_the_same_cannot_be_kept(nurse: Person, reader: Reader) -> None:
    planned = document("M92", steps=[step("ALG1", 0, 1)])
    catalogue.publish(ModulePackage.model_validate({**planned, "lessons": [], "questions": [], "exercises": []}), NOW)
    db.session.commit()
    reader.sign_in(nurse)
    assert "pas encore écrit" in reader.post("/path/essai-m92/pinned", status=422).text
    assert "un autre module" in reader.post("/path/essai-m90/swap/essai-m90", status=422).text
    assert "pas encore écrit" in reader.get("/path/why/essai-m92").text


def test_what_was_done_before_the_first_proposal_is_exported(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    reader.post("/path/pace", {"minutes": "45"})
    exported = json.loads(reader.raw("GET", "/path/decisions.json").get_data(as_text=True))
    assert [r["subject"] for r in exported["reactions_before_the_first"]] == ["45"]


def test_an_address_with_a_huge_id_is_no_page(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    reader.get("/placement/99999999999999999999", status=404)


def test_a_level_may_be_asked_of_everybody(make: Factory) -> None:
    unit = make.unit()
    officer, person = make.person(), make.person(role="R10", unit=unit)
    make.right(officer, "hr", unit)
    duties.create(
        officer.id,
        unit_id=unit.id,
        name=Text("Sobriété", "Sobriety"),
        modules=[],
        targets={"ETH4": 2},
        roles=[],
        due=None,
        now=NOW,
    )
    found = duties.duties_of(person.id)
    assert [(d.targets, d.obligation(30, NOW.date()).minutes) for d in found] == [({"ETH4": 2}, None)]


def test_a_record_replays_to_the_same_result_from_itself(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    reader.get("/path/")
    reader.post("/path/essai-m90/refused")
    reader.post("/path/essai-m94/pinned")
    catalogue.publish(make_package("M96", steps=[step("DAT1", 0, 1)]), NOW)
    db.session.commit()
    records = record.records_of(nurse.id)
    assert len(records) >= 3
    for one in records:
        assert record.result_of(record.replay(one)) == one.result
    page = reader.get("/path/decisions")
    assert "écarté « Module d'essai M90 »" in page.text.replace("\xa0", " ")
    exported = json.loads(reader.raw("GET", "/path/decisions.json").get_data(as_text=True))
    assert len(exported["records"]) == len(records)
    assert set(exported["catalogues"]) == {one.snapshot for one in records}
    assert "M90" in json.dumps(exported["catalogues"])


def test_nothing_new_is_logged_when_nothing_changed(nurse: Person, reader: Reader) -> None:
    reader.sign_in(nurse)
    for _ in range(3):
        reader.get("/path/")
    assert db.session.scalar(select(func.count()).select_from(DecisionRecord)) == 1


def test_old_records_are_forgotten_with_their_catalogues(nurse: Person, make: Factory, app: Flask) -> None:
    current = framework.current()
    old = NOW - timedelta(days=1500)
    service.path_of(nurse.id, current, old, 30)
    catalogue.publish(make_package("M97", steps=[step("DAT2", 0, 1)]), NOW)
    service.path_of(nurse.id, current, NOW, 45)
    make.save()
    assert db.session.scalar(select(func.count()).select_from(CatalogueSnapshot)) == 2
    result = app.test_cli_runner().invoke(args=["path", "forget"])
    assert "1 records older than 36 months deleted" in result.output
    assert [one.at for one in record.records_of(nurse.id)] == [NOW]
    assert db.session.scalar(select(func.count()).select_from(CatalogueSnapshot)) == 1


def test_a_record_from_before_snapshots_says_that_it_cannot_be_replayed(nurse: Person) -> None:
    bare = DecisionRecord(person_id=nurse.id, at=NOW, inputs={}, versions={}, result={})
    with pytest.raises(LookupError, match="before catalogue snapshots"):
        record.replay(bare)


def test_where_safety_is_at_stake_a_level_counts_only_when_nearly_sure() -> None:
    from training_platform.assessment.rules import Estimate

    level = Estimate(mean=1.3, sd=0.8, held=1, granted=1, evidence_count=3)
    assert 0.75 < level.probability_of(1) < 0.9
    assert held_levels({"A": level}, frozenset()) == {"A": 1}
    assert held_levels({"A": level}, frozenset({("A", 0)})) == {"A": 0}
