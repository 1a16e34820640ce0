"""Proofs in the database: who reads and decides, what counts as evidence, what a race or a replay changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm.attributes import set_committed_value

from tests.factories import NOW, Factory
from tests.portfolio.making import REASON, Ward, draft, handed_in, make_ward
from training_platform import framework
from training_platform.assessment import service as assessment
from training_platform.assessment.models import Evidence
from training_platform.assessment.rules import Estimate
from training_platform.db import db
from training_platform.errors import ForbiddenError
from training_platform.portfolio import access, assessing, reading, service, thread, transitions, writing
from training_platform.portfolio.files import CleanFile
from training_platform.portfolio.models import Proof, ProofDecision, ProofFile, ProofVersion

FILE = CleanFile(name="fiche.pdf", media_type="application/pdf", content=b"%PDF-1.4 %%EOF")
LATER = NOW + timedelta(days=1)


@pytest.fixture
def ward(make: Factory) -> Ward:
    return make_ward(make)


def level(ward: Ward, competency: str = "ALG4") -> Estimate:
    return assessment.levels(ward.nurse.id, list(framework.current().competencies), LATER)[competency]


def validate(assessor: int, proof: int, number: int = 1) -> str | None:
    return assessing.decide(assessor, proof, number, "validated", REASON, LATER)


def refuse(assessor: int, proof: int, number: int = 1) -> str | None:
    return assessing.decide(assessor, proof, number, "refused", REASON, LATER)


def counting(ward: Ward) -> list[tuple[str, str, float]]:
    return [(o.competency, o.kind, o.level) for o in assessment.observations(ward.nurse.id)]


def test_two_validations_grant_what_the_first_alone_does_not(ward: Ward) -> None:
    proof = handed_in(ward, track_id="T2", ALG4=3, JUR3=3)
    assert validate(ward.manager.id, proof) == "validated_once"
    assert counting(ward) == [("ALG4", "workplace_proof", 3.0), ("JUR3", "workplace_proof", 3.0)]
    assert level(ward).granted < 3
    assert service.accepted_at([ward.nurse.id]) == {}
    assert validate(ward.officer.id, proof) == "accepted"
    assert [kind for _, kind, _ in counting(ward)].count("validation") == 2
    assert (level(ward).granted, level(ward, "JUR3").granted) == (3, 3)
    assert service.accepted_at([ward.nurse.id]) == {(ward.nurse.id, "T2"): [LATER]}


def test_the_same_decision_sent_twice_counts_once(ward: Ward) -> None:
    proof = handed_in(ward)
    validate(ward.manager.id, proof)
    assert validate(ward.manager.id, proof) is None
    with pytest.raises(transitions.NotNowError, match="already decided"):
        refuse(ward.manager.id, proof)
    assert db.session.scalar(select(func.count()).select_from(ProofDecision)) == 1
    assert len(counting(ward)) == 1
    validate(ward.other_manager.id, proof)
    assert validate(ward.manager.id, proof) is None
    assert db.session.scalar(select(Proof.state)) == "accepted"


def test_nobody_decides_on_their_own_proof_not_even_a_manager(ward: Ward, make: Factory) -> None:
    make.right(ward.nurse, "manager", ward.unit)
    proof = handed_in(ward)
    with pytest.raises(ForbiddenError, match="own proof"):
        validate(ward.nurse.id, proof)
    assert service.waiting_for(ward.nurse.id) == []


def test_only_those_with_a_right_over_the_person_read_and_decide(ward: Ward) -> None:
    proof = handed_in(ward, FILE)
    (file,) = reading.page_of(ward.nurse.id, proof).current.files
    for outsider in (ward.stranger.id, ward.colleague.id):
        with pytest.raises(access.UnknownProofError):
            reading.page_of(outsider, proof)
        with pytest.raises(access.UnknownProofError):
            reading.file_of(outsider, proof, file.id)
        with pytest.raises(access.UnknownProofError):
            thread.comment(outsider, proof, "bonjour", NOW)
        with pytest.raises(ForbiddenError):
            validate(outsider, proof)
        assert service.waiting_for(outsider) == []
    assert reading.file_of(ward.manager.id, proof, file.id) == FILE
    assert reading.page_of(ward.officer.id, proof).obstacle == "manager_first"
    with pytest.raises(transitions.NotNowError, match="decides first"):
        validate(ward.officer.id, proof)


def test_lists_say_what_the_rules_say(ward: Ward) -> None:
    everybody = [ward.nurse, ward.manager, ward.officer, ward.other_manager, ward.colleague, ward.stranger]

    def waiting() -> set[int]:
        found = {p.id for p in everybody if service.waiting_for(p.id)}
        assert found == {p.id for p in everybody if service.count_waiting(p.id)}
        return found

    proof = writing.save(ward.nurse.id, None, draft(), NOW).id
    assert waiting() == set()
    writing.submit(ward.nurse.id, proof, NOW)
    assert waiting() == {ward.manager.id, ward.other_manager.id}
    assessing.decide(ward.manager.id, proof, 1, "validated", REASON, NOW, ward.colleague.email)
    assert waiting() == {ward.other_manager.id, ward.officer.id, ward.colleague.id}
    assert reading.page_of(ward.colleague.id, proof).obstacle is None
    assert validate(ward.colleague.id, proof) == "accepted"
    assert waiting() == set()


def test_the_manager_names_neither_the_author_nor_themself_nor_an_unknown_person(ward: Ward) -> None:
    proof = handed_in(ward)
    for email in (ward.nurse.email, ward.manager.email, "personne@example.org"):
        with pytest.raises(assessing.UnknownSecondError):
            assessing.decide(ward.manager.id, proof, 1, "validated", REASON, NOW, email)
    assert db.session.scalar(select(Proof.state)) == "submitted"


def test_a_refusal_opens_a_new_version_and_keeps_the_old_one(ward: Ward) -> None:
    proof = handed_in(ward, FILE, ALG4=4)
    validate(ward.manager.id, proof)
    refuse(ward.other_manager.id, proof)
    assert counting(ward) == [], "what was refused in the end no longer counts"
    assert db.session.scalar(select(func.count()).select_from(Evidence)) == 1, "and stays on record"
    writing.revise(ward.nurse.id, proof, LATER)
    (file,) = reading.page_of(ward.nurse.id, proof).current.files
    writing.save(ward.nurse.id, proof, replace(draft(kept=(file.id,), ALG4=3), title="Autre titre"), LATER)
    seen = reading.page_of(ward.manager.id, proof)
    assert seen.current.number == 1, "a draft is not shown to assessors"
    assert (seen.proof.title, seen.proof.claims) == ("Fiche de reprise manuelle", {"ALG4": 4})
    assert reading.page_of(ward.nurse.id, proof).proof.title == "Autre titre"
    writing.submit(ward.nurse.id, proof, LATER)
    page = reading.page_of(ward.manager.id, proof)
    assert [(v.number, dict(v.claims), len(v.decisions)) for v in page.versions] == [
        (2, {"ALG4": 3}, 0),
        (1, {"ALG4": 4}, 2),
    ]
    assert [v.files for v in page.versions] == [(file,), (file,)]
    validate(ward.manager.id, proof, 2)
    assert validate(ward.officer.id, proof, 2) == "accepted"
    assert level(ward).granted == 3


def test_a_decision_on_a_withdrawn_or_replaced_version_is_refused(ward: Ward) -> None:
    proof = handed_in(ward)
    validate(ward.manager.id, proof)
    writing.withdraw(ward.nurse.id, proof, LATER)
    assert counting(ward) == []
    with pytest.raises(transitions.NotNowError, match="withdrawn"):
        validate(ward.other_manager.id, proof)
    with pytest.raises(access.UnknownProofError):
        reading.page_of(ward.other_manager.id, proof)
    writing.revise(ward.nurse.id, proof, LATER)
    for assessor in (ward.manager, ward.other_manager):
        with pytest.raises(access.UnknownProofError):
            reading.page_of(assessor.id, proof)
    writing.submit(ward.nurse.id, proof, LATER)
    with pytest.raises(transitions.ChangedMeanwhileError):
        validate(ward.other_manager.id, proof, 1)
    assert validate(ward.other_manager.id, proof, 2) == "validated_once"


def test_two_assessors_at_once_cannot_both_be_the_first(ward: Ward) -> None:
    proof = handed_in(ward)
    seen = db.session.get_one(Proof, proof)
    assert seen.state == "submitted"
    behind = {"synchronize_session": False}
    db.session.execute(update(Proof).where(Proof.id == proof).values(state="refused"), execution_options=behind)
    with pytest.raises(transitions.ChangedMeanwhileError):
        validate(ward.manager.id, proof)


def test_what_is_handed_in_at_the_same_instant_is_neither_rewritten_nor_deleted(ward: Ward) -> None:
    proof = writing.save(ward.nurse.id, None, draft(FILE), NOW).id
    other = replace(draft(), description="écrit dans un autre onglet")
    seen, behind = db.session.get_one(Proof, proof), {"synchronize_session": False}
    db.session.execute(update(Proof).where(Proof.id == proof).values(state="submitted"), execution_options=behind)
    for act in (
        lambda: writing.save(ward.nurse.id, proof, other, LATER),
        lambda: writing.discard(ward.nurse.id, proof, LATER),
    ):
        set_committed_value(seen, "state", "draft")  # as the slower request read it
        with pytest.raises(transitions.ChangedMeanwhileError):
            act()
    (kept,) = reading.page_of(ward.nurse.id, proof).versions
    assert kept.description == draft().description
    assert [file.name for file in kept.files] == [FILE.name]


def test_a_proof_is_not_changed_while_assessors_have_it(ward: Ward) -> None:
    proof = handed_in(ward)
    for act in (
        lambda: writing.save(ward.nurse.id, proof, draft(), NOW),
        lambda: writing.submit(ward.nurse.id, proof, NOW),
        lambda: writing.discard(ward.nurse.id, proof, NOW),
        lambda: writing.revise(ward.nurse.id, proof, NOW),
    ):
        with pytest.raises(transitions.NotNowError):
            act()
    for stolen in (writing.withdraw, writing.revise, writing.submit):
        with pytest.raises(access.UnknownProofError):
            stolen(ward.manager.id, proof, NOW)


def test_drafts_are_deleted_with_their_files(ward: Ward) -> None:
    proof = writing.save(ward.nurse.id, None, draft(FILE), NOW).id
    writing.save(ward.nurse.id, proof, draft(FILE), NOW)
    assert db.session.scalar(select(func.count()).select_from(ProofFile)) == 1, "the file taken out is gone"
    assert writing.discard(ward.nurse.id, proof, NOW)
    for table in (Proof, ProofVersion, ProofFile):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0
    proof = handed_in(ward)
    refuse(ward.manager.id, proof)
    writing.revise(ward.nurse.id, proof, NOW)
    assert not writing.discard(ward.nurse.id, proof, NOW)
    assert db.session.scalar(select(Proof.state)) == "refused"
    assert len(reading.page_of(ward.nurse.id, proof).versions) == 1


def test_without_a_manager_the_draft_is_kept(ward: Ward) -> None:
    alone = writing.save(ward.stranger.id, None, draft(), NOW).id
    with pytest.raises(writing.NoManagerError, match="administrator"):
        writing.submit(ward.stranger.id, alone, NOW)
    assert db.session.scalar(select(Proof.state)) == "draft"


def test_lists_take_the_same_number_of_queries_however_long(ward: Ward) -> None:
    handed_in(ward)

    def count() -> int:
        queries: list[object] = []

        def note(*arguments: object) -> None:
            queries.append(arguments)

        db.session.expire_all()
        event.listen(db.engine, "before_cursor_execute", note)
        service.proofs_of(ward.nurse.id)
        service.waiting_for(ward.manager.id)
        event.remove(db.engine, "before_cursor_execute", note)
        return len(queries)

    ids = ward.nurse.id, ward.manager.id
    assert all(ids)
    one = count()
    for _ in range(5):
        handed_in(ward)
    assert count() == one
