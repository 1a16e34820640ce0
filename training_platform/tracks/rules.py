"""What changes from one version of a track to another; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from training_platform.text import LANGUAGES, Text
from training_platform.tracks.format import Electives, ExamPart, Track

What = Literal[
    "module", "elective", "choose", "level", "evidence", "part", "minutes", "overall", "least", "fault", "validity"
]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference: what it is about, its subject, and the value in each version (None: absent)."""

    what: What
    subject: str
    before: int | None
    after: int | None

    @property
    def harder(self) -> bool:
        """Tell whether the newer version asks for more here."""
        return self.before is None or (self.after is not None and self.after > self.before)


def differences(older: Track, newer: Track) -> list[Change]:
    """Return every requirement that differs, in the order in which a track states them."""
    return [
        *_changes("module", _present(older.modules), _present(newer.modules)),
        *_changes("choose", {"": older.electives.choose}, {"": newer.electives.choose}),
        *_changes("elective", _present(older.electives.among), _present(newer.electives.among)),
        *_changes("level", older.min_levels, newer.min_levels),
        *_changes("evidence", _present([p.id for p in older.evidence]), _present([p.id for p in newer.evidence])),
        *_changes("part", _weights(older), _weights(newer)),
        *_changes("minutes", _minutes(older, newer), _minutes(newer, older)),
        *_changes("overall", {"": older.exam.passing.overall}, {"": newer.exam.passing.overall}),
        *_changes("least", older.exam.passing.parts, newer.exam.passing.parts),
        *_changes("fault", _present([f.id for f in older.exam.faults]), _present([f.id for f in newer.exam.faults])),
        *_changes("validity", {"": older.validity_months}, {"": newer.validity_months}),
    ]


def _changes(what: What, before: Mapping[str, int], after: Mapping[str, int]) -> Iterator[Change]:
    for subject in dict.fromkeys((*before, *after)):
        if before.get(subject) != after.get(subject):
            yield Change(what=what, subject=subject, before=before.get(subject), after=after.get(subject))


def _present(subjects: Sequence[str]) -> dict[str, int]:
    return dict.fromkeys(subjects, 1)


def _weights(track: Track) -> dict[str, int]:
    return {part.id: part.weight for part in track.exam.parts}


def _minutes(track: Track, other: Track) -> dict[str, int]:
    """Minutes of the parts that both versions have."""
    both = {part.id for part in other.exam.parts}
    return {part.id: part.minutes for part in track.exam.parts if part.id in both}


def proofs_asked(track: Track) -> Text:
    """Return the workplace proofs that a track asks for as one sentence."""
    titles = Text(*(" ; ".join(proof.title[language] for proof in track.evidence) for language in LANGUAGES))
    several = len(track.evidence) > 1
    return Text(
        f"Une preuve pour chaque pièce : {titles.fr}." if several else f"{titles.fr}.",
        f"One proof for each piece: {titles.en.replace(' ;', ';')}." if several else f"{titles.en}.",
    )


def renewal_of(track: Track, new_modules: Sequence[str]) -> Track:
    """Return what a renewal asks in the form of a track: its shorter exam, some of the modules new to the person, proofs.

    ``new_modules`` are those that the person had not completed when the certificate was issued.
    """
    parts = renewal_parts(track)
    kept = {part.id for part in parts}
    rule = track.exam.passing
    passing = rule.model_copy(update={"parts": {key: least for key, least in rule.parts.items() if key in kept}})
    return track.model_copy(
        update={
            "modules": [],
            "electives": Electives(choose=min(track.renewal.new_modules, len(new_modules)), among=list(new_modules)),
            "min_levels": {},
            "evidence": track.renewal.evidence,
            "exam": track.exam.model_copy(update={"parts": list(parts), "passing": passing, "opens_after": []}),
        }
    )


def renewal_parts(track: Track) -> tuple[ExamPart, ...]:
    """Return the exam parts of a renewal, as short as the renewal says."""
    return tuple(
        track.exam.part(one.part).model_copy(
            update={key: value for key, value in (("items", one.items), ("minutes", one.minutes)) if value is not None}
        )
        for one in track.renewal.parts
    )
