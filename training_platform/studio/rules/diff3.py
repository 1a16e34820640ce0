"""Three-way merge of two sequences that come from one (diff3: Khanna, Kunal and Pierce 2007).

Our own, since the libraries that do it are under licences that the project's does not admit, or no longer kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """A stretch of the three sequences; outside what all agree on, one or both have changed it."""

    base: Sequence[str]
    theirs: Sequence[str]
    mine: Sequence[str]

    @property
    def conflicts(self) -> bool:
        """Tell whether both changed it, and differently."""
        return self.theirs not in (self.base, self.mine) and self.mine != self.base

    @property
    def merged(self) -> Sequence[str]:
        """What whoever changed it made of it; of no use where both did."""
        return self.mine if self.theirs == self.base else self.theirs


def chunks(base: Sequence[str], theirs: Sequence[str], mine: Sequence[str]) -> Iterator[Chunk]:
    """Yield the stretches in order; put together, each sequence is whole."""
    at_base = at_theirs = at_mine = 0
    for start, in_theirs, in_mine, length in _agreed(base, theirs, mine):
        yield Chunk(base=base[at_base:start], theirs=theirs[at_theirs:in_theirs], mine=mine[at_mine:in_mine])
        same = base[start : start + length]
        yield Chunk(base=same, theirs=same, mine=same)
        at_base, at_theirs, at_mine = start + length, in_theirs + length, in_mine + length
    yield Chunk(base=base[at_base:], theirs=theirs[at_theirs:], mine=mine[at_mine:])


def _agreed(base: Sequence[str], theirs: Sequence[str], mine: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield where all three are the same: start in each, and length."""
    kept_mine = SequenceMatcher(None, base, mine, autojunk=False).get_matching_blocks()
    for theirs_block in SequenceMatcher(None, base, theirs, autojunk=False).get_matching_blocks():
        for mine_block in kept_mine:
            start = max(theirs_block.a, mine_block.a)
            length = min(theirs_block.a + theirs_block.size, mine_block.a + mine_block.size) - start
            if length > 0:
                in_theirs = theirs_block.b + start - theirs_block.a
                in_mine = mine_block.b + start - mine_block.a
                yield start, in_theirs, in_mine, length
