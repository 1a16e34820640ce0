"""Modules between units: who edits what, offers upward, adoption, updates from the original, and what learners see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from html import escape

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.factories import NOW, Factory
from tests.packages import document, make_package
from tests.pages import Reader
from tests.studio.forms import queries_of
from training_platform import framework, matching
from training_platform.accounts.models import Person
from training_platform.assessment import sittings
from training_platform.catalogue import package, visible
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage
from training_platform.catalogue.models import Module, ModuleOffer
from training_platform.db import db
from training_platform.errors import ForbiddenError, RefusedError
from training_platform.learning import service as learning
from training_platform.matching import service as matcher
from training_platform.organisation.models import Grant, Unit
from training_platform.recommendations import choices
from training_platform.recommendations import service as recommendations
from training_platform.recommendations.situation import in_situation, situation_of
from training_platform.studio import adopting, demo, drafts, history, listing, offering, updating
from training_platform.studio.models import Work
from training_platform.studio.rules import updates
from training_platform.studio.service import AdoptFirstError, editable, working_copy

SLUG = "essai-m90"


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A nation, a group with two hospitals, and an officer and a nurse in each."""

    nation: Unit
    group: Unit
    north: Unit
    south: Unit
    officer: Person
    south_officer: Person
    group_officer: Person
    nurse: Person
    south_nurse: Person


@pytest.fixture
def tree(make: Factory) -> Tree:
    """Build the tree; the trial module is of the national catalogue."""
    nation = make.unit("nation")
    group = make.unit("ght", nation)
    north, south = make.unit("establishment", group), make.unit("establishment", group)
    people = {name: make.person() for name in ("officer", "south_officer", "group_officer")}
    for person, unit in zip(people.values(), (north, south, group), strict=True):
        make.right(person, "training_officer", unit)
    catalogue.publish(make_package("M90"), NOW)
    found = Tree(
        nation=nation,
        group=group,
        north=north,
        south=south,
        nurse=make.person(role="R10", unit=make.unit("department", north)),
        south_nurse=make.person(role="R10", unit=south),
        **people,
    )
    make.save()
    return found


def adopt(tree: Tree) -> Module:
    return adopting.adopt(tree.officer.id, SLUG, tree.north.id, NOW)


def codes(person: Person | None) -> dict[str, str]:
    return {live.code: live.slug for live in visible.modules_for(person.id if person else None)}


def write(person: Person, slug: str, package: ModulePackage) -> None:
    edited = editable(person.id, slug)
    drafts.write(edited, working_copy(edited), package, person.id, NOW)


def local(tree: Tree, make: Factory) -> Module:
    """Publish a module of the northern hospital."""
    catalogue.publish(make_package("L01"), NOW, unit_id=tree.north.id)
    make.save()
    return db.session.scalars(select(Module).where(Module.code == "L01")).one()


class TestRights:
    """Officers write in their units only; the national catalogue belongs to the top of the tree."""

    def test_a_national_module_is_adopted_by_officers_below_the_nation(
        self, tree: Tree, make: Factory, reader: Reader
    ) -> None:
        for person in (tree.officer, tree.group_officer):
            with pytest.raises(AdoptFirstError):
                editable(person.id, SLUG)
        chief = make.person()
        make.right(chief, "training_officer", tree.nation)
        assert editable(chief.id, SLUG).code == "M90"
        make.save()
        reader.sign_in(tree.officer)
        assert reader.get(f"/studio/{SLUG}").h1 == "Adopter : Module d'essai M90"
        assert reader.get(f"/studio/{SLUG}/status").h1.startswith("Adopter")
        assert "Adoptez-le" in reader.post(f"/studio/{SLUG}/publish", status=403).text

    def test_a_unit_s_module_is_its_officers_and_those_above(self, tree: Tree, make: Factory) -> None:
        local(tree, make)
        assert editable(tree.officer.id, "essai-l01").unit_id == tree.north.id
        assert editable(tree.group_officer.id, "essai-l01").unit_id == tree.north.id
        with pytest.raises(ForbiddenError):
            editable(tree.south_officer.id, "essai-l01")
        assert "L01" not in {line.code for line in listing.lines(tree.south_officer.id, four_eyes=False)}

    def test_no_more_drafts_wait_on_the_first_page_than_in_the_studio(self, tree: Tree, make: Factory) -> None:
        module = local(tree, make)
        catalogue.save_draft(make_package("L01", title={"fr": "Autre", "en": "Other"}), NOW, tree.group_officer.id)
        db.session.add(Work(module_id=module.id, state="in_review", reviewer_id=tree.officer.id))
        make.save()
        for unit, waiting in ((tree.north, 1), (tree.south, 0)):
            db.session.execute(update(Grant).where(Grant.person_id == tree.officer.id).values(unit_id=unit.id))
            assert len(listing.waiting(listing.lines(tree.officer.id, four_eyes=True))) == waiting
            assert listing.count_waiting(tree.officer.id, four_eyes=True) == waiting

    def test_an_officer_cannot_adopt_for_another_unit(self, tree: Tree, make: Factory, reader: Reader) -> None:
        with pytest.raises(ForbiddenError):
            adopting.adopt(tree.officer.id, SLUG, tree.south.id, NOW)
        reader.sign_in(tree.nurse)
        for page in (f"/studio/{SLUG}/adoption", f"/studio/{SLUG}/sharing"):
            reader.get(page, status=403)
        reader.post(f"/studio/{SLUG}/adopt", {"unit": str(tree.north.id)}, status=403)


class TestAdoption:
    """A copy keeps its origin and stands for it where its unit is."""

    def test_the_copy_replaces_the_original_for_people_of_the_unit_only(self, tree: Tree) -> None:
        copy = adopt(tree)
        assert (copy.code, copy.slug, copy.origin_number) == ("M90-2", "essai-m90-2", 1)
        assert codes(tree.nurse) == {"M90": "essai-m90-2"}
        assert codes(tree.south_nurse) == {"M90": SLUG}
        assert codes(None) == {"M90": SLUG}
        assert history.events_of(copy.id)[0].kind == "adopted"

    def test_what_a_person_sees_takes_three_queries(self, tree: Tree) -> None:
        adopt(tree)
        visible.modules_for(tree.nurse.id)
        assert len(queries_of(lambda: visible.modules_for(tree.nurse.id))) == 3

    def test_the_nearest_copy_counts(self, tree: Tree) -> None:
        adopting.adopt(tree.group_officer.id, SLUG, tree.group.id, NOW)
        assert codes(tree.nurse) == {"M90": "essai-m90-2"}
        adopt(tree)
        assert codes(tree.nurse) == {"M90": "essai-m90-3"}
        assert codes(tree.south_nurse) == {"M90": "essai-m90-2"}

    def test_adopting_twice_leads_to_the_copy(self, tree: Tree, make: Factory, reader: Reader) -> None:
        reader.sign_in(tree.officer)
        sent = {"unit": str(tree.north.id)}
        assert "Module adopté" in reader.post(f"/studio/{SLUG}/adopt", sent).text
        again = reader.post(f"/studio/{SLUG}/adopt", sent)
        assert "a déjà adopté ce module" in again.text
        assert again.h1.startswith("Où en est")
        assert len(db.session.scalars(select(Module)).all()) == 2
        assert "Déjà adopté dans vos structures" in reader.get(f"/studio/{SLUG}/adoption").text
        assert "Choisissez une structure" in reader.post(f"/studio/{SLUG}/adopt", {}, status=422).text

    def test_what_is_not_written_cannot_be_adopted(self, tree: Tree) -> None:
        catalogue.publish(ModulePackage.model_validate(document("M91") | {"lessons": []}), NOW)
        with pytest.raises(RefusedError, match="nothing to adopt"):
            adopting.adopt(tree.officer.id, "essai-m91", tree.north.id, NOW)

    def test_in_a_path_the_copy_has_the_place_of_the_original(self, tree: Tree) -> None:
        catalogue.publish(make_package("M91", requires=["M90"], steps=[{"c": "DAT1", "from": 1, "to": 2}]), NOW)
        adopt(tree)
        situation = situation_of(tree.nurse.id, framework.current(), NOW, 60)
        assert {m.id for m in situation.request.modules} == {"M90", "M91"}
        assert situation.modules["M90"].slug == "essai-m90-2"
        path = recommendations.path_of(tree.nurse.id, framework.current(), NOW, 600, keep=False)
        assert [stop.module.slug for stop in path.stops].count("essai-m90-2") == 1
        assert SLUG not in {stop.module.slug for stop in path.stops}
        assert in_situation(situation, SLUG).slug == "essai-m90-2"

    def test_who_began_the_original_finishes_it_and_who_completed_it_has_completed(
        self, tree: Tree, make: Factory, reader: Reader
    ) -> None:
        done = make.person(role="R10", unit=tree.north)
        original = catalogue.live_by_slug(SLUG)
        learning.open_enrolment(tree.nurse.id, original, NOW)
        sittings.complete_module(done.id, learning.open_enrolment(done.id, original, NOW).version_id, NOW)
        adopt(tree)
        make.save()
        current = framework.current()
        middle = situation_of(tree.nurse.id, current, NOW, 60)
        assert (middle.modules["M90"].slug, set(middle.started)) == (SLUG, {"M90"})
        assert situation_of(done.id, current, NOW, 60).request.completed == {"M90"}
        assert visible.codes_of(learning.completed_by_person([done.id])[done.id]) == {original.module_id: "M90"}
        reader.sign_in(tree.nurse)
        assert reader.post(f"/modules/{SLUG}/start").h1 == "La leçon d'essai"
        assert learning.enrolment_at(tree.nurse.id, SLUG, NOW).version.module_id == original.module_id

    def test_a_refusal_of_the_original_holds_for_the_copy_and_can_be_undone(self, tree: Tree) -> None:
        choices.choose(tree.nurse.id, SLUG, "refused", NOW)
        adopt(tree)
        current = framework.current()
        assert situation_of(tree.nurse.id, current, NOW, 60).request.refused == {"M90"}
        choices.choose(tree.nurse.id, "essai-m90-2", "pinned", NOW)
        situation = situation_of(tree.nurse.id, current, NOW, 60)
        assert (set(situation.request.refused), set(situation.request.pinned)) == (set(), {"M90"})
        choices.undo(tree.nurse.id, "essai-m90-2", NOW)
        assert situation_of(tree.nurse.id, current, NOW, 60).request.pinned == frozenset()

    def test_addresses_of_the_original_lead_to_the_copy(self, tree: Tree, make: Factory, reader: Reader) -> None:
        adopt(tree)
        make.save()
        reader.sign_in(tree.nurse)
        page = reader.get(f"/modules/{SLUG}")
        assert "Adapté de" in page.text
        assert "/modules/essai-m90-2/start" in page.html
        assert "essai-m90-2" in " ".join(reader.get("/modules/").links())
        assert learning.enrolment_at(tree.nurse.id, SLUG, NOW).version.module.slug == "essai-m90-2"
        reader.sign_in(tree.south_nurse)
        reader.get("/modules/essai-m90-2", status=200)
        assert "/modules/essai-m90/start" in reader.get("/modules/essai-m90-2").html

    def test_search_ranks_all_and_shows_what_the_person_sees(self, tree: Tree) -> None:
        adopt(tree)
        current, meaning = framework.current(), matching.current()
        words = "relire un compte rendu"
        for person, slug in ((tree.nurse, "essai-m90-2"), (tree.south_nurse, SLUG)):
            found = matcher.search(words, "fr", current, meaning, among=visible.modules_for(person.id))
            assert [match.module.slug for match in found] == [slug]

    def test_the_questions_of_a_copy_are_no_near_duplicates_of_its_original(self, tree: Tree) -> None:
        catalogue.publish(make_package("M91"), NOW)
        own = [question.ask.fr for question in make_package("M90").questions]
        before = {m.key for m in matcher.similar_questions(own, "M90", matching.current())}
        copy = adopt(tree)
        assert {m.key for m in matcher.similar_questions(own, copy.code, matching.current())} == before


class TestOffers:
    """Offered upward: for adoption at once, for learners once an officer of that unit accepts."""

    def test_from_the_hospital_to_the_group(self, tree: Tree, make: Factory, reader: Reader) -> None:
        module = local(tree, make)
        assert "L01" in codes(tree.nurse)
        assert "L01" not in codes(tree.south_nurse)
        reader.sign_in(tree.south_nurse).get("/modules/essai-l01", status=404)
        reader.post("/modules/essai-l01/start", status=404)
        reader.sign_in(tree.officer)
        assert [unit.kind for unit in offering.targets(module)] == ["ght", "nation"]
        page = reader.post("/studio/essai-l01/offer", {"unit": str(tree.group.id)})
        assert "en attente" in page.text
        assert "déjà proposé" in reader.post("/studio/essai-l01/offer", {"unit": str(tree.group.id)}, status=422).text
        reader.post("/studio/essai-l01/offer", {"unit": str(tree.south.id)}, status=422)
        assert "L01" not in codes(tree.south_nurse)
        offer = db.session.scalars(select(ModuleOffer)).one()
        reader.sign_in(tree.south_officer)
        assert "Proposés à vos structures" in reader.get("/studio/").text
        reader.post(f"/studio/shared/offers/{offer.id}/accept", status=403)
        reader.get("/studio/essai-l01/adoption")
        reader.sign_in(tree.group_officer)
        assert "Module accepté" in reader.post(f"/studio/shared/offers/{offer.id}/accept").text
        assert codes(tree.south_nurse)["L01"] == "essai-l01"
        reader.post(f"/studio/shared/offers/{offer.id}/decline", status=422)
        reader.sign_in(tree.officer)
        assert "accepté" in reader.get("/studio/essai-l01/sharing").text
        reader.post(f"/studio/shared/offers/{offer.id}/withdraw")
        assert "L01" not in codes(tree.south_nurse)
        reader.post(f"/studio/shared/offers/{offer.id}/withdraw", status=422)
        reader.post("/studio/shared/offers/9999/withdraw", status=404)

    def test_an_offered_module_is_adopted_and_its_copy_seen(self, tree: Tree, make: Factory) -> None:
        local(tree, make)
        with pytest.raises(catalogue.UnknownModuleError):
            adopting.adoption(tree.south_officer.id, "essai-l01")
        offering.offer(tree.officer.id, "essai-l01", tree.group.id, NOW)
        copy = adopting.adopt(tree.south_officer.id, "essai-l01", tree.south.id, NOW)
        assert codes(tree.south_nurse)["L01"] == copy.slug
        assert codes(tree.nurse)["L01"] == "essai-l01"

    def test_a_declined_offer_may_be_made_again(self, tree: Tree, make: Factory) -> None:
        local(tree, make)
        for accepted in (False, True):
            offering.offer(tree.officer.id, "essai-l01", tree.group.id, NOW)
            row = db.session.scalars(select(ModuleOffer)).one()
            offering.decide(tree.group_officer.id, row.id, accepted, NOW)
        assert "L01" in codes(tree.south_nurse)


class TestUpdates:
    """A copy takes over what is new in its original, and loses nothing of its own."""

    def test_both_changes_are_kept_and_conflicts_are_chosen(self, tree: Tree, make: Factory, reader: Reader) -> None:
        copy = adopt(tree)
        own = working_copy(editable(tree.officer.id, copy.slug)).model_dump(by_alias=True)
        own["head"]["title"]["fr"] = "Titre du nord"
        own["lessons"][0]["text"]["fr"] += "\nUne phrase du nord.\n"
        write(tree.officer, copy.slug, ModulePackage.model_validate(own))
        newer = document("M90", minutes=16)
        newer["head"]["title"]["fr"] = "Titre national"
        newer["questions"][0]["explanation"]["fr"] = "mieux dit (fr)"
        catalogue.publish(ModulePackage.model_validate(newer), NOW + timedelta(days=1))
        make.save()
        reader.sign_in(tree.officer)
        assert "L'original a changé" in reader.get("/studio/").text
        page = reader.get(f"/studio/{copy.slug}/news")
        assert "Titre du nord" in page.text
        assert "Titre national" in page.text
        assert "1 passage est à choisir" in page.text.replace("\xa0", " ")
        undecided = reader.post(f"/studio/{copy.slug}/news", {}, status=422)
        assert "Choisissez un texte" in undecided.text
        assert copy.origin_number == 1
        reader.post(f"/studio/{copy.slug}/news", {"choice:head/title/fr": "theirs"})
        db.session.expire_all()
        draft = working_copy(editable(tree.officer.id, copy.slug))
        assert (draft.head.title.fr, draft.head.minutes, draft.head.code) == ("Titre national", 16, "M90-2")
        assert "Une phrase du nord." in draft.lessons[0].text.fr
        assert draft.questions[0].explanation.fr == "mieux dit (fr)"
        assert db.session.get_one(Module, copy.id).origin_number == 2
        assert "rien à reprendre" in reader.get(f"/studio/{copy.slug}/news", status=422).text

    def test_without_news_there_is_nothing_to_take_over(self, tree: Tree) -> None:
        copy = adopt(tree)
        with pytest.raises(RefusedError, match="has not changed"):
            updating.news(tree.officer.id, copy.slug)

    def test_a_units_module_stays_the_units_own_once_archived(self, tree: Tree, make: Factory, reader: Reader) -> None:
        module = local(tree, make)
        for archived in (False, True):
            module.archived = archived
            make.save()
            reader.get(f"/modules/{module.slug}", status=404)
            reader.sign_in(tree.south_nurse).get(f"/modules/{module.slug}", status=404)
            for person in (tree.nurse, tree.officer):
                assert "L01" in reader.sign_in(person).get(f"/modules/{module.slug}").text
            reader = Reader(reader.app)

    def test_the_copy_outlives_its_original(self, tree: Tree, make: Factory, reader: Reader) -> None:
        copy = adopt(tree)
        original = db.session.scalars(select(Module).where(Module.code == "M90")).one()
        original.archived = True
        make.save()
        assert list(codes(tree.nurse).values()) == [copy.slug]
        reader.sign_in(tree.officer)
        assert (
            escape("L'original a quitté le catalogue") in reader.get(f"/studio/{copy.slug}/sharing").html
            or "L'original a quitté le catalogue" in reader.get(f"/studio/{copy.slug}/sharing").text
        )


def test_the_demonstration_has_a_module_at_each_step_and_leaves_none(make: Factory, app: Flask) -> None:
    content = app.extensions["settings"].content_folder
    for code in ("M01", "M02", "M17", "M25", "M27", "M28"):
        folder = next(
            f for f in (content / "modules").iterdir() if f"code: {code}\n" in (f / "module.yaml").read_text()
        )
        catalogue.publish(package.read_folder(folder), NOW)
    group = make.unit("ght")
    hospital = make.unit("establishment", group)
    group.demo = hospital.demo = True
    people = [make.person(), make.person()]
    for person, email in zip(people, (demo.OFFICER, "demo006@exemple.invalid"), strict=True):
        person.email, person.demo = email, True
    make.right(people[0], "training_officer", group)
    demo.create(framework.current(), NOW)
    found = {line.code: line for line in listing.lines(people[0].id, four_eyes=True)}
    states = {code: found[f"{code}-2"].state for code in ("M01", "M02", "M17", "M25", "M28")}
    assert states == {"M01": "in_review", "M02": "draft", "M17": "approved", "M25": "published", "M28": "published"}
    assert [line.task for line in listing.waiting(list(found.values()))] == ["review", "change"]
    assert found["M25-2"].number == 2
    demo.remove()
    assert {live.code for live in catalogue.live_modules()} == {"M01", "M02", "M17", "M25", "M27", "M28"}


def test_a_conflict_in_a_list_of_parts_is_chosen_for_that_part_only() -> None:
    base = {"questions": [{"id": "a", "ask": "1"}, {"id": "b", "ask": "1"}]}
    theirs = {"questions": [{"id": "a", "ask": "2"}, {"id": "b", "ask": "2"}]}
    mine = {"questions": [{"id": "a", "ask": "3"}, {"id": "b", "ask": "3"}]}
    found = updates.merge(base, theirs, mine, {"questions/b/ask": "theirs"})
    assert [q["ask"] for q in found.document["questions"]] == ["3", "2"]
    assert [(c.key, c.mine, c.theirs) for c in found.conflicts] == [
        ("questions/a/ask", "3", "2"),
        ("questions/b/ask", "3", "2"),
    ]


def test_what_one_removed_and_the_other_changed_is_a_choice() -> None:
    base = {"questions": [{"id": "a", "ask": "1"}, {"id": "b", "ask": "1"}]}
    theirs = {"questions": [{"id": "b", "ask": "1"}]}
    mine = {"questions": [{"id": "a", "ask": "3"}, {"id": "b", "ask": "1"}]}
    conflict = updates.merge(base, theirs, mine, {}).conflicts[0]
    assert (conflict.key, conflict.theirs) == ("questions/a", "")
    gone = updates.merge(base, theirs, mine, {"questions/a": "theirs"}).document["questions"]
    assert [q["id"] for q in gone] == ["b"]
    back = updates.merge(base, mine, theirs, {"questions/a": "theirs"}).document["questions"]
    assert sorted(q["id"] for q in back) == ["a", "b"]
