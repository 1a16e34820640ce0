"""The map of a case: decisions as stops, choices as branches, the way taken in full colour; places only, no colours."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from training_platform.cases.format import Case, Choice, Decision, ways_on
from training_platform.cases.rules import Play
from training_platform.text import Text

COLUMN, LAYER, LEFT, TOP = 380, 122, 26, 28
BRANCH, DROP, RAIL, CORNER = 74, 58, 29, 9
"""Between branches; from a stop down to its branches; from either to the rail that joins them; radius of a corner."""
LETTERS = "ABCDE"


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A decision on the map."""

    x: int
    y: int
    label: str
    title: Text
    met: bool


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A choice on the map."""

    x: int
    y: int
    letter: str
    score: int
    taken: bool


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A line on the map, as an SVG path."""

    path: str
    taken: bool


@dataclass(frozen=True, kw_only=True)
class CaseMap:
    """Everything to draw; what is taken comes last, so that it lies on top."""

    width: int
    height: int
    columns: int
    stops: tuple[Stop, ...]
    branches: tuple[Branch, ...]
    edges: tuple[Edge, ...]


def draw(played: Play) -> CaseMap:
    """Lay out all decisions and choices of the case, with the way that was taken."""
    places = _places(played.case)
    taken = {step.decision.id: step.choice.id for step in played.steps}
    after = _following(played)
    stops, branches, edges = [], [], []
    for number, decision in enumerate(played.case.decisions, 1):
        x, y = places[decision.id]
        met = decision.id in taken
        title = Text(decision.title.fr, decision.title.en)
        stops.append(Stop(x=x, y=y, label=str(number), title=title, met=met))
        for index, choice in enumerate(decision.choices):
            branch = _branch(x, y, index, choice, taken=taken.get(decision.id) == choice.id)
            branches.append(branch)
            edges.append(Edge(path=_out(x, y, branch), taken=branch.taken))
            edges += [
                Edge(path=_on(branch, places[goal]), taken=branch.taken and goal == after[decision.id])
                for goal in _goals(choice)
            ]
    return CaseMap(
        width=COLUMN * _columns(places),
        height=places["end"][1] + TOP,
        columns=_columns(places),
        stops=tuple(stops),
        branches=tuple(branches),
        edges=tuple(sorted(edges, key=lambda edge: edge.taken)),
    )


def end_of(case: Case) -> tuple[int, int]:
    """Return the place of the end of the line."""
    return _places(case)["end"]


def _places(case: Case) -> dict[str, tuple[int, int]]:
    layers: dict[int, list[str]] = {}
    for decision_id, depth in _depths(case).items():
        layers.setdefault(depth, []).append(decision_id)
    return {
        decision_id: (LEFT + COLUMN * column, TOP + LAYER * depth)
        for depth, names in layers.items()
        for column, decision_id in enumerate(names)
    }


def _depths(case: Case) -> dict[str, int]:
    """Return the longest distance from the start, so that every line goes down."""
    following = {d.id: ways_on(d) for d in case.decisions}
    depths = dict.fromkeys([*(d.id for d in case.decisions), "end"], 0)
    for _ in case.decisions:
        for decision_id, goals in following.items():
            for goal in goals:
                depths[goal] = max(depths[goal], depths[decision_id] + 1)
    return depths


def _columns(places: Mapping[str, tuple[int, int]]) -> int:
    return 1 + max(x for x, _ in places.values()) // COLUMN


def _following(played: Play) -> dict[str, str]:
    names = [step.decision.id for step in played.steps] + [played.open.id if played.open else "end"]
    return dict(itertools.pairwise(names))


def _goals(choice: Choice) -> list[str]:
    return list(dict.fromkeys([choice.next, *(detour.next for detour in choice.detours)]))


def _branch(x: int, y: int, index: int, choice: Choice, *, taken: bool) -> Branch:
    return Branch(x=x + 54 + BRANCH * index, y=y + DROP, letter=LETTERS[index], score=choice.score, taken=taken)


def _out(x: int, y: int, branch: Branch) -> str:
    rail = y + RAIL
    return _rounded([(x, y), (x, rail), (branch.x, rail), (branch.x, branch.y)])


def _on(branch: Branch, goal: tuple[int, int]) -> str:
    """Go down to the rail, along it, and down to the goal; past other stops, by the lane at the right."""
    (x, y), rail = goal, branch.y + RAIL
    if y - branch.y < LAYER:
        return _rounded([(branch.x, branch.y), (branch.x, rail), (x, rail), (x, y)])
    lane, arrival = branch.x - branch.x % COLUMN + COLUMN - LEFT, y - LAYER + DROP + RAIL
    return _rounded(
        [(branch.x, branch.y), (branch.x, rail), (lane, rail), (lane, arrival), (x, arrival), (x, y)],
    )


def _rounded(points: Sequence[tuple[int, int]]) -> str:
    """Return a path of straight lines with rounded corners."""
    path = [f"M{points[0][0]} {points[0][1]}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        if before != corner != after:
            path.append("L{} {}Q{} {} {} {}".format(*_towards(corner, before), *corner, *_towards(corner, after)))
    path.append(f"L{points[-1][0]} {points[-1][1]}")
    return "".join(path)


def _towards(start: tuple[int, int], goal: tuple[int, int]) -> tuple[int, int]:
    """Return the point one corner's radius from the start, on the way to the goal."""
    (x, y), (goal_x, goal_y) = start, goal
    return x + max(-CORNER, min(CORNER, goal_x - x)), y + max(-CORNER, min(CORNER, goal_y - y))


def letter_of(decision: Decision, choice: Choice) -> str:
    """Return the letter of a choice on the map and in lists."""
    return LETTERS[decision.choices.index(choice)]
