"""Drafts: revisions kept and forgotten, bases lost, colleagues seen, facts and translations followed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import NOW, Factory
from tests.packages import make_package
from training_platform.accounts.models import Person
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage, read_draft
from training_platform.catalogue.models import Module
from training_platform.db import db
from training_platform.errors import ForbiddenError
from training_platform.studio import drafts, questions, service, writing_demo
from training_platform.studio.draft_models import DraftRevision, OpenEditor

SLUG = "essai-m90"


@pytest.fixture
def officers(make: Factory) -> tuple[Person, Person]:
    """Publish the trial module; return two officers."""
    catalogue.publish(make_package("M90"), NOW)
    people = make.person(), make.person()
    for person in people:
        make.right(person, "training_officer", make.unit())
    return people


def titled(title: str) -> drafts.Change:
    """Return the change that sets the French title."""

    def change(package: ModulePackage) -> tuple[ModulePackage, dict[str, object]]:
        document = package.model_dump(by_alias=True)
        document["head"]["title"]["fr"] = title
        return read_draft(document), {}

    return change  # type: ignore[return-value]


def summed(summary: str) -> drafts.Change:
    """Return the change that sets the French summary."""

    def change(package: ModulePackage) -> tuple[ModulePackage, dict[str, object]]:
        document = package.model_dump(by_alias=True)
        document["head"]["summary"]["fr"] = summary
        return read_draft(document), {}

    return change  # type: ignore[return-value]


def test_saving_again_what_is_there_writes_nothing(officers: tuple[Person, Person]) -> None:
    opened = drafts.open_draft(officers[0].id, SLUG, NOW)
    first = drafts.save(officers[0].id, SLUG, opened.base, opened.token, titled("Un"), NOW)
    again = drafts.save(officers[0].id, SLUG, first.base, opened.token, titled("Un"), NOW)
    assert (first.written, again.written, again.base) == (True, False, first.base)


def test_old_revisions_are_forgotten_except_the_one_that_an_open_editor_shows(officers: tuple[Person, Person]) -> None:
    mine, theirs = (drafts.open_draft(person.id, SLUG, NOW) for person in officers)
    base = theirs.base
    for n in range(drafts.REVISIONS_KEPT + 5):
        base = drafts.save(officers[1].id, SLUG, base, theirs.token, titled(f"Titre {n}"), NOW).base
    kept = set(db.session.scalars(select(DraftRevision.id)))
    assert len(kept) == drafts.REVISIONS_KEPT + 1
    assert mine.base in kept
    merged = drafts.save(officers[0].id, SLUG, mine.base, mine.token, summed("Mon résumé"), NOW)
    assert merged.theirs is None
    assert merged.by == (officers[1].name,)
    assert merged.package.head.title.fr == f"Titre {drafts.REVISIONS_KEPT + 4}"


def test_a_base_that_was_forgotten_asks_instead_of_overwriting(officers: tuple[Person, Person]) -> None:
    opened = drafts.open_draft(officers[0].id, SLUG, NOW)
    drafts.save(officers[0].id, SLUG, opened.base, opened.token, titled("Le leur"), NOW)
    late = drafts.save(officers[1].id, SLUG, 999_999, "", titled("Le mien"), NOW)
    assert late.theirs is not None
    assert not late.written
    assert service.working_copy(opened.edited).head.title.fr == "Le leur"


def test_a_revision_of_another_module_is_no_base(officers: tuple[Person, Person]) -> None:
    catalogue.publish(make_package("M91"), NOW)
    other = drafts.open_draft(officers[0].id, "essai-m91", NOW)
    opened = drafts.open_draft(officers[0].id, SLUG, NOW)
    assert drafts.revision(opened.edited.module_id, other.base, opened.package) is None


def test_colleagues_at_work_are_seen_and_those_gone_are_not(officers: tuple[Person, Person]) -> None:
    first, second = officers
    mine = drafts.open_draft(first.id, SLUG, NOW)
    drafts.open_draft(second.id, SLUG, NOW)
    drafts.open_draft(second.id, SLUG, NOW)
    assert [one.name for one in drafts.heard(first.id, SLUG, mine.token, NOW)] == [second.name]
    later = NOW + timedelta(minutes=1)
    assert drafts.heard(first.id, SLUG, mine.token, later) == []
    assert [one.name for one in drafts.colleagues(mine.edited, second.id, later)] == [first.name]
    drafts.open_draft(second.id, SLUG, NOW + timedelta(hours=13))
    assert db.session.scalar(select(func.count()).select_from(OpenEditor)) == 1


def test_nobody_reports_for_somebody_else(officers: tuple[Person, Person], make: Factory) -> None:
    opened = drafts.open_draft(officers[0].id, SLUG, NOW)
    later = NOW + timedelta(minutes=5)
    drafts.heard(officers[1].id, SLUG, opened.token, later)
    assert db.session.scalars(select(OpenEditor)).one().seen_at == NOW
    with pytest.raises(ForbiddenError):
        drafts.heard(make.person().id, SLUG, opened.token, later)


def test_the_list_of_facts_follows_what_is_cited(officers: tuple[Person, Person]) -> None:
    opened = drafts.open_draft(officers[0].id, SLUG, NOW)

    def cite(package: ModulePackage) -> tuple[ModulePackage, dict[str, object]]:
        document = package.model_dump(by_alias=True)
        document["lessons"][0]["text"]["fr"] = "# Titre\n\nUn fait.[^AIA-05]\n"
        document["lessons"][0]["text"]["en"] = "# Title\n\nA fact.[^AIA-05]\n"
        return read_draft(document), {}

    saved = drafts.save(officers[0].id, SLUG, opened.base, opened.token, cite, NOW)  # type: ignore[arg-type]
    assert service.working_copy(opened.edited).head.facts == ["AIA-05"]
    assert saved.written


def test_a_change_in_one_language_marks_the_other_late_until_both_are_said_level(
    officers: tuple[Person, Person],
) -> None:
    opened = drafts.open_draft(officers[0].id, SLUG, NOW)
    drafts.save(officers[0].id, SLUG, opened.base, opened.token, titled("Nouveau"), NOW)
    mark = drafts.marks_of(opened.edited.module_id)["title"]
    assert (mark.ahead, mark.before) == ("fr", "Module d'essai M90")
    drafts.level(officers[0].id, SLUG, "title")
    assert drafts.marks_of(opened.edited.module_id)["title"].ahead is None


def test_a_module_written_here_has_its_own_code_and_address(make: Factory) -> None:
    from training_platform.text import Text

    author = make.person()
    make.right(author, "training_officer", unit := make.unit())
    made = [
        catalogue.create_draft(
            title=Text("Été : l'IA !", ""), domain="DAT", author_id=author.id, unit_id=unit.id, now=NOW
        )
        for _ in range(2)
    ]
    assert [(one.code, one.slug) for one in made] == [("L01", "ete-l-ia"), ("L02", "ete-l-ia-2")]
    assert catalogue.live_modules() == []
    opened = drafts.open_draft(author.id, "ete-l-ia", NOW)
    assert opened.edited.live is None
    assert opened.package.planned


def test_the_demonstration_leaves_a_draft_under_way(officers: tuple[Person, Person], make: Factory) -> None:
    group = make.unit("ght")
    group.demo = officers[1].demo = True
    make.right(officers[0], "training_officer", group)
    db.session.scalars(select(Module)).one().unit_id = group.id
    writing_demo.fill(NOW)
    edited = service.editable(officers[0].id, SLUG)
    assert drafts.marks_of(edited.module_id)["lesson:essai"].ahead == "fr"
    assert questions.question_of(service.working_copy(edited), "bank", "m90-q01").kind == "single"
