"""What a track asks, what is met, what is missing, and the one thing to do next."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Literal

from training_platform.recommendations.rules import PlannedModule
from training_platform.recommendations.rules.request import bundle
from training_platform.tracks.format import Group, Track

Kind = Literal["modules", "electives", "levels", "evidence", "exam", "award"]
ExamState = Literal["not_begun", "begun", "marking", "passed", "failed"]


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a person has reached, as plain values."""

    completed: Set[str] = frozenset()
    """Codes of the modules completed."""
    granted: Mapping[str, int] = field(default_factory=dict)
    evidence: int = 0
    """Workplace proofs for the track that two assessors accepted."""
    exam: ExamState = "not_begun"
    parts: Set[str] = frozenset()
    """Parts of the exam handed in and marked."""
    awarded: bool = False


@dataclass(frozen=True, kw_only=True)
class Station:
    """A group of requirements: how many there are, how many are met."""

    kind: Kind
    met: int
    total: int

    @property
    def done(self) -> bool:
        """Tell whether all of it is met."""
        return self.met >= self.total


@dataclass(frozen=True, kw_only=True)
class Action:
    """The one thing to do next, and what it is about (a module, a competency, a part of the exam)."""

    kind: Literal[
        "enrol", "resume", "module", "elective", "exam", "mark", "evidence", "prove", "retake", "conclude", "none"
    ]
    subject: str = ""


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A person's distance to a track."""

    track: Track
    done: Done
    modules_met: tuple[str, ...]
    modules_missing: tuple[str, ...]
    electives_met: tuple[str, ...]
    electives_missing: int
    levels_met: tuple[str, ...]
    levels_missing: tuple[str, ...]

    @property
    def stations(self) -> tuple[Station, ...]:
        """The groups of requirements in the order in which they come, empty ones left out."""
        track = self.track
        parts = len(track.exam.parts)
        passed = self.done.exam == "passed"
        found = (
            Station(kind="modules", met=len(self.modules_met), total=len(track.modules)),
            Station(
                kind="electives",
                met=track.electives.choose - self.electives_missing,
                total=track.electives.choose,
            ),
            Station(kind="levels", met=len(self.levels_met), total=len(track.min_levels)),
            Station(
                kind="evidence",
                met=min(self.done.evidence, len(track.evidence)),
                total=len(track.evidence),
            ),
            Station(kind="exam", met=parts if passed else min(len(self.done.parts), parts - 1), total=parts),
            Station(kind="award", met=int(self.done.awarded), total=1),
        )
        return tuple(station for station in found if station.total)

    def met(self, kind: str) -> bool:
        """Tell whether a group of requirements is met; one that the track does not have is."""
        return all(station.done for station in self.stations if station.kind == kind)

    @property
    def counted(self) -> tuple[int, int]:
        """Requirements met and requirements in all, the certificate itself not counted."""
        counting = [station for station in self.stations if station.kind != "award"]
        return sum(s.met for s in counting), sum(s.total for s in counting)

    @property
    def closed_by(self) -> tuple[Group, ...]:
        """The groups that must be met before the exam opens and are not."""
        return tuple(group for group in self.track.exam.opens_after if not self.met(group))

    @property
    def ready(self) -> bool:
        """Tell whether everything is met, the certificate excepted."""
        return all(station.done for station in self.stations if station.kind != "award")


def progress(track: Track, done: Done) -> Progress:
    """Compare what a person completed and was granted with what the track asks."""
    electives = tuple(code for code in track.electives.among if code in done.completed)
    levels = track.min_levels.items()
    return Progress(
        track=track,
        done=done,
        modules_met=tuple(code for code in track.modules if code in done.completed),
        modules_missing=tuple(code for code in track.modules if code not in done.completed),
        electives_met=electives,
        electives_missing=max(track.electives.choose - len(electives), 0),
        levels_met=tuple(c for c, level in levels if done.granted.get(c, 0) >= level),
        levels_missing=tuple(c for c, level in levels if done.granted.get(c, 0) < level),
    )


def next_action(found: Progress, way: tuple[str, ...], *, enrolled: bool, paused: bool) -> Action:
    """Return the one thing to do next; ``way`` holds the modules left, in their order."""
    if found.done.awarded:
        return Action(kind="none")
    if not enrolled:
        return Action(kind="enrol")
    if paused:
        return Action(kind="resume")
    if found.ready:
        return Action(kind="conclude")
    if found.done.exam == "begun":
        return Action(kind="exam")
    if way:
        return Action(kind="module", subject=way[0])
    if found.electives_missing:
        return Action(kind="elective")
    return _after_modules(found)


def _after_modules(found: Progress) -> Action:
    if found.done.exam in ("not_begun", "failed") and not found.closed_by:
        return Action(kind="exam" if found.done.exam == "not_begun" else "retake")
    if not found.met("evidence"):
        return Action(kind="evidence")
    if found.levels_missing:
        return Action(kind="prove", subject=found.levels_missing[0])
    return Action(kind="mark")


def electives_to_take(found: Progress, modules: Mapping[str, PlannedModule]) -> tuple[str, ...]:
    """Return the electives that complete the choice in the fewest minutes, what they require included."""
    taken = set(found.done.completed)
    for code in found.modules_missing:
        taken |= bundle(modules, code, taken)
    chosen: list[str] = []
    left = [code for code in found.track.electives.among if code in modules and code not in found.done.completed]
    while left and len(chosen) < found.electives_missing:
        cost = {code: sum(modules[key].minutes for key in bundle(modules, code, taken)) for code in left}
        best = min(left, key=lambda code: (cost[code], code))
        chosen.append(best)
        taken |= bundle(modules, best, taken)
        left.remove(best)
    return tuple(chosen)


def weeks_needed(minutes: int, minutes_per_week: int) -> int:
    """Return the weeks that so many minutes take at a pace."""
    return -(-minutes // max(minutes_per_week, 1))


@dataclass(frozen=True, kw_only=True)
class Faded:
    """A level that the track asks for and that would not be held today without a reminder."""

    competency: str
    held: int
    asked: int


def faded(asked: Mapping[str, int], held: Mapping[str, int]) -> tuple[Faded, ...]:
    """Return what a holder no longer holds of what the track asks, the deepest fall first: what a renewal refreshes."""
    fallen = [
        Faded(competency=c, held=held.get(c, 0), asked=level) for c, level in asked.items() if held.get(c, 0) < level
    ]
    return tuple(sorted(fallen, key=lambda one: (one.held - one.asked, one.competency)))
