"""Merging: nobody's change is lost, the same words changed twice are said."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from training_platform.studio.rules.merging import merge, merge_text

texts = st.text(alphabet="ab .!\n", max_size=40)
questions = st.lists(
    st.fixed_dictionaries({"id": st.sampled_from("abcde"), "ask": texts}), max_size=5, unique_by=lambda one: one["id"]
)
documents = st.fixed_dictionaries({"title": texts, "minutes": st.integers(1, 5), "questions": questions})


@given(documents, documents)
def test_where_only_one_changed_the_result_is_theirs_or_mine(base: dict[str, Any], changed: dict[str, Any]) -> None:
    assert merge(base, base, changed).document == changed
    assert merge(base, changed, base).document == changed
    assert merge(base, changed, changed).document == changed
    assert not merge(base, changed, base).conflicts
    assert not merge(base, base, changed).brought


@given(documents, documents, documents)
def test_a_merge_without_conflict_is_the_same_from_both_sides(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    one, other = merge(base, theirs, mine), merge(base, mine, theirs)
    assert bool(one.conflicts) == bool(other.conflicts)
    if not one.conflicts:
        assert {q["id"]: q for q in one.document["questions"]} == {q["id"]: q for q in other.document["questions"]}
        assert one.document["title"] == other.document["title"]


@given(texts, texts, texts)
def test_both_preferences_agree_where_nothing_conflicts(base: str, theirs: str, mine: str) -> None:
    text, clean = merge_text(base, theirs, mine)
    other, same = merge_text(base, theirs, mine, prefer_mine=False)
    assert clean == same
    assert not clean or text == other


def test_two_sentences_of_one_paragraph_are_merged() -> None:
    base = "Une première phrase. Une deuxième. Une troisième. Une quatrième.\n"
    mine = base.replace("première", "nouvelle")
    theirs = base.replace("quatrième", "dernière")
    text, clean = merge_text(base, theirs, mine)
    assert clean
    assert text == "Une nouvelle phrase. Une deuxième. Une troisième. Une dernière.\n"


def test_the_same_sentence_changed_twice_keeps_the_other_sentences_of_both() -> None:
    base = "A. B. C. D. E."
    text, clean = merge_text(base, "A2. B. C. D. E1.", "A1. B. C1. D. E.")
    assert not clean
    assert text == "A1. B. C1. D. E1."
    assert merge_text(base, "A2. B. C. D. E1.", "A1. B. C1. D. E.", prefer_mine=False)[0] == "A2. B. C1. D. E1."


def test_what_one_removed_and_the_other_changed_is_a_conflict_and_stays_mine() -> None:
    base = {"questions": [{"id": "a", "ask": "1"}, {"id": "b", "ask": "2"}]}
    theirs = {"questions": [{"id": "b", "ask": "2"}]}
    mine = {"questions": [{"id": "a", "ask": "changed"}, {"id": "b", "ask": "2"}]}
    merged = merge(base, theirs, mine)
    assert merged.conflicts == (("questions", "a"),)
    assert [one["id"] for one in merged.document["questions"]] == ["a", "b"]
    assert [one["id"] for one in merge(base, theirs, mine, prefer_mine=False).document["questions"]] == ["b"]


def test_parts_that_both_added_are_all_there_and_my_order_leads() -> None:
    def named(*keys: str) -> dict[str, Any]:
        return {"lessons": [{"name": {"fr": f"00-{key}"}} for key in keys]}

    merged = merge(named("a", "b", "c"), named("a", "x", "b", "c"), named("c", "a", "b", "y"))
    assert not merged.conflicts
    assert [one["name"]["fr"][3:] for one in merged.document["lessons"]] == ["c", "a", "x", "b", "y"]


def test_without_a_base_every_difference_is_a_conflict() -> None:
    merged = merge({}, {"title": "theirs", "minutes": 5}, {"title": "mine", "minutes": 5})
    assert merged.conflicts == (("title",),)
    assert merged.document == {"title": "mine", "minutes": 5}
