"""What the machine checks of the tracks beyond their format: that they name modules, roles and competencies that exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from training_platform.catalogue.package import Problem
from training_platform.framework.rules import Framework
from training_platform.text import Text
from training_platform.tracks.format import Track

FILE = "tracks.yaml"


def check_tracks(tracks: Mapping[str, Track], written: Mapping[str, bool], framework: Framework) -> list[Problem]:
    """Return every problem; ``written`` tells of each module's code whether it has lessons."""
    return [problem for track in tracks.values() for problem in _check(track, written, framework)]


def _check(track: Track, written: Mapping[str, bool], framework: Framework) -> Iterator[Problem]:
    for code in (*track.modules, *track.electives.among):
        if not written.get(code):
            yield _problem(track, f"le module {code} n'est pas écrit", f"module {code} is not written")
    for role in set(track.roles) - set(framework.roles) - {"all"}:
        yield _problem(track, f"métier inconnu : {role}", f"unknown role profile: {role}")
    for competency in set(track.min_levels) - set(framework.competencies):
        yield _problem(track, f"compétence inconnue : {competency}", f"unknown competency: {competency}")
    asked = {framework.competencies[c].domain for c in track.min_levels if c in framework.competencies}
    for domain, share in track.exam.blueprint.items():
        if share and domain not in asked:
            yield _problem(
                track,
                f"le questionnaire interroge {domain}, où aucun niveau n'est demandé",
                f"the quiz asks about {domain}, where no level is asked for",
            )


def _problem(track: Track, fr: str, en: str) -> Problem:
    return Problem(file=FILE, line=1, reason=Text(f"{track.id} : {fr}.", f"{track.id}: {en}."))
