"""Translation: which language is late, since what, and when it has caught up."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.factories import NOW
from tests.packages import make_package
from training_platform.studio.rules.translation import Mark, Pair, changes, follow, follow_all, lags, pairs_of

LATER = NOW + timedelta(minutes=5)


def test_the_language_that_was_not_touched_is_late_and_the_change_is_shown() -> None:
    marks = follow_all(
        {}, {"title": Pair(fr="Un titre", en="A title")}, {"title": Pair(fr="Un beau titre", en="A title")}, NOW
    )
    now = {"title": Pair(fr="Un très beau titre", en="A title")}
    marks |= follow_all(marks, {"title": Pair(fr="Un beau titre", en="A title")}, now, LATER)
    lag = lags(marks, now)["title"]
    assert lag.late == "en"
    assert [(piece.kind, piece.text) for piece in lag.pieces if piece.kind != "kept"] == [("added", "très beau ")]


def test_touching_the_late_language_levels_both_and_going_on_stays_level() -> None:
    late = Mark(ahead="fr", before="Un titre")
    level = follow(late, Pair(fr="B", en="A"), Pair(fr="B", en="B"), NOW)
    assert level.ahead is None
    going_on = follow(level, Pair(fr="B", en="B"), Pair(fr="B", en="B2"), LATER)
    assert going_on.ahead is None
    assert follow(going_on, Pair(fr="B", en="B2"), Pair(fr="B", en="C"), NOW + timedelta(hours=3)).ahead == "en"


def test_both_changed_at_once_are_level_and_nothing_changed_changes_nothing() -> None:
    assert follow(Mark(), Pair(fr="a", en="a"), Pair(fr="b", en="b"), NOW) == Mark()
    late = Mark(ahead="en", before="x")
    assert follow(late, Pair(fr="a", en="a"), Pair(fr="a", en="a"), NOW) is late


def test_an_empty_language_is_to_translate() -> None:
    assert lags({}, {"lesson:x": Pair(fr="# Une leçon", en="")})["lesson:x"].missing
    assert lags({}, {"lesson:x": Pair(fr="", en="")}) == {}


def test_every_lesson_exercise_and_question_is_followed() -> None:
    names = set(pairs_of(make_package("M90")))
    assert {"title", "summary", "audience", "lesson:essai", "exercise:tri", "exercise:panne"} <= names
    assert "question:m90-dat1-0-0" in names


@given(st.text(alphabet="ab \n", max_size=60), st.text(alphabet="ab \n", max_size=60))
def test_pieces_say_both_texts(before: str, after: str) -> None:
    pieces = changes(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == after
