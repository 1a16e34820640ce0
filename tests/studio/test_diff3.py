"""The three-way merge of sequences: nobody's change is lost, and only true collisions are conflicts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from training_platform.studio.rules.diff3 import chunks

sequences = st.lists(st.sampled_from("abcdef"), max_size=12)


def _merged(base: str, theirs: str, mine: str) -> tuple[str, bool]:
    found = list(chunks(list(base), list(theirs), list(mine)))
    return "".join("".join(chunk.merged) for chunk in found), not any(chunk.conflicts for chunk in found)


def test_changes_in_different_places_are_both_kept() -> None:
    assert _merged("abcdef", "aXbcdef", "abcdeYf") == ("aXbcdeYf", True)
    assert _merged("abcdef", "abdef", "abcdefZ") == ("abdefZ", True)
    assert _merged("abc", "abc", "") == ("", True)
    assert _merged("", "ab", "") == ("ab", True)


def test_the_same_change_twice_is_made_once() -> None:
    assert _merged("abc", "aXc", "aXc") == ("aXc", True)


def test_different_changes_in_one_place_conflict() -> None:
    (conflict,) = [chunk for chunk in chunks(list("abc"), list("aXc"), list("aYc")) if chunk.conflicts]
    assert (conflict.base, conflict.theirs, conflict.mine) == (["b"], ["X"], ["Y"])


@given(sequences, sequences, sequences)
def test_the_stretches_put_together_are_the_sequences(base: list[str], theirs: list[str], mine: list[str]) -> None:
    found = list(chunks(base, theirs, mine))
    assert [piece for chunk in found for piece in chunk.base] == base
    assert [piece for chunk in found for piece in chunk.theirs] == theirs
    assert [piece for chunk in found for piece in chunk.mine] == mine


@given(sequences, sequences)
def test_where_only_one_changed_the_result_is_theirs_or_mine(base: list[str], changed: list[str]) -> None:
    assert _merged("".join(base), "".join(changed), "".join(base)) == ("".join(changed), True)
    assert _merged("".join(base), "".join(base), "".join(changed)) == ("".join(changed), True)
    assert _merged("".join(base), "".join(changed), "".join(changed)) == ("".join(changed), True)
