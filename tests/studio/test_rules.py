"""The pure rules of the studio: the way to publication, anchors of comments, differences."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.packages import document, make_package
from training_platform.catalogue.format import ModulePackage
from training_platform.studio.rules import anchors, differences
from training_platform.studio.rules import workflow as rules
from training_platform.studio.rules.workflow import TRANSITIONS, Action, State, Work, moment, possible, refusal

AUTHOR, REVIEWER, OTHER = 1, 2, 3
works = st.builds(
    Work,
    state=st.sampled_from(get_args(State)),
    editors=st.frozensets(st.integers(1, 3)),
    reviewer=st.one_of(st.none(), st.integers(1, 3)),
    open_comments=st.integers(0, 2),
    four_eyes=st.booleans(),
)


def test_the_way_from_draft_to_archive() -> None:
    state: State = "published"
    acts: tuple[Action, ...] = ("edit", "submit", "ask_changes", "submit", "approve", "publish", "archive", "unarchive")
    seen = []
    for act in acts:
        state = TRANSITIONS[state, act]
        seen.append(state)
    assert seen == ["draft", "in_review", "draft", "in_review", "approved", "published", "archived", "published"]


def test_editing_what_was_approved_makes_it_a_draft_again() -> None:
    assert TRANSITIONS["approved", "edit"] == "draft"
    assert TRANSITIONS["in_review", "edit"] == "in_review"


@pytest.mark.parametrize(
    ("work", "action", "person", "reason"),
    [
        (Work(state="in_review", editors=frozenset({AUTHOR}), four_eyes=True), "approve", AUTHOR, rules.OWN_WORK),
        (Work(state="in_review", editors=frozenset({AUTHOR}), four_eyes=False), "approve", AUTHOR, None),
        (Work(state="in_review", reviewer=REVIEWER), "approve", OTHER, rules.NOT_THE_REVIEWER),
        (Work(state="in_review", reviewer=REVIEWER), "ask_changes", OTHER, rules.NOT_THE_REVIEWER),
        (Work(state="in_review", open_comments=1), "approve", REVIEWER, rules.OPEN_COMMENTS),
        (Work(state="in_review", open_comments=1), "ask_changes", REVIEWER, None),
        (Work(state="draft", four_eyes=True), "publish", AUTHOR, rules.NEEDS_APPROVAL),
        (Work(state="draft"), "publish", AUTHOR, None),
        (Work(state="approved", four_eyes=True), "publish", AUTHOR, None),
        (Work(state="draft", open_comments=2), "publish", AUTHOR, rules.OPEN_COMMENTS),
        (Work(state="published"), "publish", AUTHOR, rules.NOT_NOW["publish"]),
        (Work(state="archived"), "approve", REVIEWER, rules.ARCHIVED),
        (Work(state="draft"), "approve", REVIEWER, rules.NOT_NOW["approve"]),
        (Work(state="draft"), "schedule", AUTHOR, rules.NOT_NOW["schedule"]),
    ],
)
def test_what_is_refused_and_why(work: Work, action: Action, person: int, reason: object) -> None:
    assert refusal(work, action, person) == reason


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(works, st.integers(1, 3))
def test_with_four_eyes_nobody_approves_or_publishes_alone(work: Work, person: int) -> None:
    acts = possible(work, person)
    if work.four_eyes:
        assert not ("approve" in acts and person in work.editors)
        assert "publish" not in acts or work.state == "approved"
    assert not ({"approve", "publish"} & acts and work.open_comments)
    assert work.state != "archived" or acts <= {"unarchive"}


@pytest.mark.parametrize(
    ("day", "hour", "expected"),
    [
        ("2026-12-01", "08:00", datetime(2026, 12, 1, 7, 0, tzinfo=UTC)),
        ("2026-07-01", "08:00", datetime(2026, 7, 1, 6, 0, tzinfo=UTC)),
        ("2027-03-28", "02:30", datetime(2027, 3, 28, 1, 30, tzinfo=UTC)),
        ("2026-10-25", "02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-02-30", "08:00", None),
        ("demain", "08:00", None),
        ("0001-01-01", "00:00", None),
        ("", "", None),
    ],
)
def test_a_moment_is_read_on_the_clock_of_the_establishment(day: str, hour: str, expected: datetime | None) -> None:
    assert moment(day, hour, "Europe/Paris") == expected


PAGE = [
    "# Les données",
    "Une donnée de santé est une donnée personnelle qui dit l'état d'une personne.",
    "Le laboratoire garde ses comptes rendus vingt ans.",
    "Le logiciel compare le résultat aux précédents.",
]


def test_a_comment_follows_its_paragraph_through_small_edits_and_moves() -> None:
    placed = anchors.anchor(PAGE, 2)
    edited = ["# Les données", "Un paragraphe neuf.", PAGE[1], "Le laboratoire garde ses comptes rendus trente ans."]
    assert anchors.find(placed, edited) == 3
    assert anchors.find(placed, [PAGE[2].replace(" ", "\n")]) == 0
    assert anchors.find(placed, [PAGE[2], "Autre chose.", PAGE[2]]) in (0, 2)
    assert anchors.find(placed, [PAGE[0], PAGE[1]]) is None
    assert anchors.find(placed, []) is None
    with pytest.raises(IndexError):
        anchors.anchor(PAGE, -1)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(min_size=1), min_size=1, max_size=6, unique_by=anchors.plain), st.data())
def test_an_unchanged_paragraph_is_always_found_where_it_is(texts: list[str], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(texts) - 1))
    assert anchors.find(anchors.anchor(texts, index), texts) == index


@settings(deadline=None)
@given(st.text(), st.text())
def test_words_tell_both_texts_back(old: str, new: str) -> None:
    pieces = differences.words(old, new)
    assert "".join(p.text for p in pieces if p.kind != "added") == old
    assert "".join(p.text for p in pieces if p.kind != "removed") == new


def test_a_changed_word_is_shown_as_a_word() -> None:
    pieces = differences.words("Le patient attend deux heures.", "Le patient attend trois heures.")
    assert [(p.kind, p.text) for p in pieces if p.kind != "same"] == [("removed", "deux"), ("added", "trois")]


def test_paragraphs_that_came_went_and_changed() -> None:
    old = "# Titre\n\nPremier paragraphe du texte.\n\nOn enlève tout ceci sans reste.\n\nDernier paragraphe."
    new = "# Titre\n\nPremier paragraphe de ce texte.\n\nDernier paragraphe.\n\nUn ajout."
    assert [c.kind for c in differences.paragraphs(old, new)] == ["same", "changed", "removed", "same", "added"]


def changed(**parts: object) -> ModulePackage:
    return ModulePackage.model_validate(document("M90") | parts)


def test_two_packages_that_say_the_same_do_not_differ() -> None:
    assert differences.compare(make_package(), make_package()).empty


def test_questions_are_compared_by_their_id() -> None:
    bank = document("M90")["questions"]
    other = [dict(bank[1], explanation={"fr": "autrement (fr)", "en": "because (en)"}), *bank[2:]]
    other.append(dict(bank[0], id="m90-neuve"))
    found = differences.compare(make_package(), changed(questions=other)).questions
    assert {part.name.fr: part.kind for part in found} == {
        bank[1]["id"]: "changed",
        "m90-neuve": "added",
        bank[0]["id"]: "removed",
    }
    one = next(part for part in found if part.kind == "changed").changes
    assert [(c.label.fr if c.label else "", c.language) for c in one] == [("explication", "fr")]


def test_a_lesson_added_and_a_head_changed_are_said() -> None:
    lessons = document("M90")["lessons"]
    more = {"name": {"fr": "02-suite", "en": "02-more"}, "text": {"fr": "# Suite\n\nTexte.", "en": "# More\n\nText."}}
    found = differences.compare(
        make_package(), changed(lessons=[*lessons, more], head=document("M90", minutes=20)["head"])
    )
    assert [(part.kind, part.name.en) for part in found.lessons] == [("added", "More")]
    assert [change.label.en for change in found.head if change.label] == ["Minutes"]
