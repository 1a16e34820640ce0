"""Calibration in the database: what is kept, what it changes, and what it leaves alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import NOW, Factory
from tests.item_analysis.given import answered, questions_of
from tests.packages import document, make_package
from training_platform import framework
from training_platform.assessment import item_parameters, sittings
from training_platform.assessment.models import CalibrationRun, Evidence, ItemParameters, Sitting
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import BankQuestion, ModulePackage
from training_platform.db import db
from training_platform.item_analysis import calibration, demo, service
from training_platform.placement import service as placement

EASY_AND_HARD = (0.85, 0.35)


@pytest.fixture
def version(make: Factory) -> int:
    """Publish the trial module, whose eight questions sixty people have answered."""
    version = catalogue.publish(make_package("M90"), NOW)
    answered(make, version.id, 60, right=EASY_AND_HARD)
    make.save()
    return version.id


def bank(version_id: int) -> list[BankQuestion]:
    return [BankQuestion.model_validate(row.document) for row in questions_of(version_id)]


def test_a_calibration_finds_the_hard_questions_and_keeps_the_mean(version: int) -> None:
    run, results = calibration.run("rasch", NOW)
    assert (run.answers, run.questions, run.converged, run.demo) == (480, 8, True, False)
    assert results[0].competency == "DAT1"
    found = item_parameters.lookup(bank(version))
    values = [found[item_parameters.fingerprint(q)].difficulty for q in bank(version)]
    assert min(values[1::2]) > max(values[0::2])
    assert sum(values) / 8 == pytest.approx(0.5)


def test_new_answers_use_the_parameters_and_old_evidence_keeps_its_own(version: int, make: Factory) -> None:
    person = make.person()
    asked = questions_of(version)[1]
    before, after = (
        Sitting(person_id=person.id, version_id=version, kind="quiz", questions=[asked.id], started_at=NOW)
        for _ in range(2)
    )
    db.session.add_all([before, after])
    db.session.flush()
    sittings.answer(person.id, before.id, asked.id, {"choices": ["b"]}, NOW)
    calibration.run("rasch", NOW)
    sittings.answer(person.id, after.id, asked.id, {"choices": ["b"]}, NOW)
    query = select(Evidence.level).where(Evidence.person_id == person.id).order_by(Evidence.id)
    old, new = db.session.scalars(query)
    assert old == 0.5
    assert new > 0.7


def test_the_placement_sees_a_calibration_at_once(version: int) -> None:
    before = {one.id: one.item.difficulty for one in placement.bank(catalogue.live_modules())}
    calibration.run("rasch", NOW)
    after = {one.id: one.item.difficulty for one in placement.bank(catalogue.live_modules())}
    assert set(before.values()) == {0.5}
    assert len(set(after.values())) > 4
    db.session.scalars(select(CalibrationRun)).one().demo = True
    demo.remove()
    assert {one.item.difficulty for one in placement.bank(catalogue.live_modules())} == {0.5}


def test_a_new_version_keeps_what_is_known_of_the_same_text(version: int) -> None:
    changed = document("M90")
    changed["questions"][0]["explanation"]["fr"] = "Une meilleure explication."
    changed["questions"][1]["ask"]["fr"] = "Une autre question ?"
    calibration.run("rasch", NOW)
    again = catalogue.publish(ModulePackage.model_validate(changed), NOW + timedelta(days=1))
    found = item_parameters.lookup(bank(again.id))
    known = [item_parameters.fingerprint(question) in found for question in bank(again.id)]
    assert known == [True, False, True, True, True, True, True, True]


def test_few_answers_and_contested_ones_change_nothing(make: Factory) -> None:
    version = catalogue.publish(make_package("M90"), NOW)
    answered(make, version.id, 52, right=EASY_AND_HARD)
    for sitting in db.session.scalars(select(Sitting).limit(3)):
        sitting.contested_at = NOW
    db.session.flush()
    run, _ = calibration.run("rasch", NOW)
    assert (run.answers, run.questions) == (49 * 8, 0)
    assert item_parameters.lookup(bank(version.id)) == {}


def test_a_second_calibration_replaces_the_first(version: int) -> None:
    calibration.run("rasch", NOW)
    first = item_parameters.stamp()
    calibration.run("2pl", NOW + timedelta(days=1))
    assert item_parameters.stamp() != first
    assert db.session.scalar(select(func.count()).select_from(ItemParameters)) == 8
    assert {row.discrimination_se for row in db.session.scalars(select(ItemParameters))} == {0.0}


def test_answers_in_an_earlier_version_count_for_the_same_text(version: int, make: Factory) -> None:
    officer = make.person()
    make.right(officer, "training_officer", make.unit())
    changed = document("M90")
    changed["questions"][1]["ask"]["fr"] = "Une autre question ?"
    catalogue.publish(ModulePackage.model_validate(changed), NOW)
    view = service.module_view(officer.id, "essai-m90", framework.current())
    assert [one.statistics.answers for one in view.questions] == [60, 0, 60, 60, 60, 60, 60, 60]


def test_a_job_family_is_compared_only_where_it_is_large_enough(make: Factory) -> None:
    version = catalogue.publish(make_package("M90"), NOW)
    officer = make.person()
    make.right(officer, "training_officer", make.unit())
    answered(make, version.id, 101, role="R10")
    answered(make, version.id, 102, role="R21")
    answered(make, version.id, 4, role="R34")
    family = framework.current().roles["R10"].family
    view = service.module_view(officer.id, "essai-m90", framework.current())
    groups = view.questions[0].statistics.groups
    assert family in groups
    assert framework.current().roles["R34"].family not in groups
    assert "en" not in groups
