"""Which question to put next: the one about the module that the path is expected to spare most by, and when to stop.

Each module of the path is a decision: follow it, or do without it because all that it brings is held, each level with the
certainty that its rule asks for. Testing is a sequence of questions about one of these levels after the other, the least
likely first; it is given up as soon as it is no longer worth its minutes. Its worth is computed backwards over all
outcomes of up to eight more questions on each level (optimal stopping: Wald 1945; Bellman 1957), not question by question:
one answer rarely turns a decision that asks for several levels, and a myopic rule would never begin.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr, ndtri

from training_platform.assessment.rules.estimate import HELD_WITH, Item, State, Vector, probability_correct

SURE_FOR_SAFETY = 0.9
"""Probability from which a level counts as held where a wrong answer endangers somebody."""
QUESTION_MINUTES = 0.6
"""Twenty questions in twelve minutes."""
DEEPEST = 8
"""Questions on one level that are looked ahead."""
TYPICAL = Item(difficulty=0.0, discrimination=1.8, guessing=0.2)
"""The question that looking ahead reckons with, its difficulty at the level: the mean of the shipped bank."""
TELLING_AT_LEAST, NEARLY = 0.3, 0.6
"""A question that tells less than this share of the typical one, or of the best one, is not put."""
BEST = 5
"""A question is drawn among the five best, so that no few are seen by all (randomesque: Kingsbury and Zara 1989)."""
POINTS = np.linspace(-4.0, 4.0, 41)
NORMAL = np.exp(-0.5 * POINTS**2) / np.exp(-0.5 * POINTS**2).sum()


@dataclass(frozen=True, kw_only=True)
class Need:
    """A level of a competency that must be held with this probability."""

    competency: str
    level: int
    sure: float = HELD_WITH


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A module of the path, to follow unless all these levels are held: the minutes that it takes."""

    module: str
    minutes: float
    needs: tuple[Need, ...]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A question that may be put."""

    id: int
    competency: str
    item: Item


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A question with the module that it is about, and the minutes that testing this is expected to spare."""

    id: int
    module: str
    value: float


SURE_AT = {sure: float(ndtri(sure)) for sure in (HELD_WITH, SURE_FOR_SAFETY)}


class Marginals:
    """What is believed of each competency, and how far each level is from being held."""

    def __init__(self, state: State) -> None:
        self.place = {c: k for k, c in enumerate(state.competencies)}
        self.mean, self.covariance = state.mean, state.covariance
        self.sd = state.sd()

    def height(self, need: Need) -> float:
        """Return how far the estimate lies above the middle of the step, in standard deviations."""
        k = self.place[need.competency]
        return float((self.mean[k] - need.level + 0.5) / self.sd[k])

    def open_needs(self, decision: Decision) -> list[Need]:
        """Return what is not yet held, for each competency what is furthest from it; the least likely first."""
        furthest: dict[str, tuple[float, Need]] = {}
        for need in decision.needs:
            lack = SURE_AT[need.sure] - self.height(need)
            if lack > 0 and lack > furthest.get(need.competency, (0.0, need))[0]:
                furthest[need.competency] = lack, need
        return sorted((need for _, need in furthest.values()), key=lambda n: (self.height(n), n.competency))

    def given(self, needs: Sequence[Need]) -> list[tuple[float, float]]:
        """Return mean and standard deviation of each level's competency where all before it in the list are held."""
        places = [self.place[n.competency] for n in needs]
        mean, covariance = self.mean[places].copy(), self.covariance[np.ix_(places, places)].copy()
        found = []
        for k, need in enumerate(needs):
            variance = covariance[k, k]
            sd = float(np.sqrt(variance))
            found.append((float(mean[k]), sd))
            z = (need.level - 0.5 - mean[k]) / sd
            hazard = float(np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi) / max(ndtr(-z), 1e-12))
            column = covariance[:, k].copy()
            mean += column / sd * hazard
            covariance -= np.outer(column, column) / variance * hazard * (hazard - z)
        return found


def worth(state: State, decisions: Sequence[Decision], bank: Mapping[Need, Item] | None = None) -> Vector:
    """Return the minutes that testing each module is expected to spare, the questions' own taken off, shape (decisions,)."""
    levels = Marginals(state)
    spared = np.array([d.minutes for d in decisions], dtype=float)
    todo = [levels.open_needs(d) for d in decisions]
    given = [levels.given(needs) for needs in todo]
    for stage in range(max(map(len, todo), default=0)):
        rows = [n for n, needs in enumerate(todo) if len(needs) > stage]
        needs = [todo[n][-1 - stage] for n in rows]
        items = [(bank or {}).get(need, replace(TYPICAL, difficulty=need.level - 0.5)) for need in needs]
        moments = np.array([given[n][-1 - stage] for n in rows])
        spared[rows] = _ahead(moments, needs, items, spared[rows])
    return np.where([bool(needs) for needs in todo], spared, 0.0)


def _ahead(moments: Vector, needs: Sequence[Need], items: Sequence[Item], reward: Vector) -> Vector:
    """Return what testing each level is worth if holding it brings the reward: backward induction over the answers."""
    levels = moments[:, :1] + moments[:, 1:] * POINTS
    above = levels > np.array([[n.level - 0.5] for n in needs])
    slope, place, luck = (
        np.array([[getattr(i, x)] for i in items]) for x in ("discrimination", "difficulty", "guessing")
    )
    right = luck + (1 - luck) * expit(slope * (levels - place))
    times = np.arange(DEEPEST + 1)[:, None]
    rights, wrongs = right[:, None] ** times, (1 - right[:, None]) ** times
    sure = np.array([[n.sure] for n in needs])
    value = np.zeros((len(needs), 0))
    for asked in range(DEEPEST, -1, -1):
        weights = NORMAL * rights[:, : asked + 1] * wrongs[:, asked::-1]
        total = weights.sum(axis=2)
        held = np.einsum("nkg,ng->nk", weights, above) / total
        chance = np.einsum("nkg,ng->nk", weights, right) / total
        going_on = -QUESTION_MINUTES + chance * value[:, 1:] + (1 - chance) * value[:, :-1] if asked < DEEPEST else 0.0
        value = np.where(held >= sure, reward[:, None], np.maximum(going_on, 0.0))
    return np.asarray(value[:, 0])


def choose(
    state: State,
    candidates: Sequence[Candidate],
    decisions: Sequence[Decision],
    asked: Collection[str],
    source: random.Random,
    *,
    wished: bool = False,
) -> Chosen | None:
    """Return the next question, None where none is worth its minute; ``asked`` lists the competencies asked so far.

    ``wished`` puts one even where it is not expected to pay: somebody asked to be tested. Among modules of nearly the same worth, one whose competency was asked less comes first (content balance).
    """
    known = [d for d in decisions if all(n.competency in state.competencies for n in d.needs)]
    if not known:
        return None
    levels = Marginals(state)
    best = _best(levels, candidates, known)
    spared = worth(state, known, {need: _typical(found) for need, found in best.items() if found})
    first = {n: needs[0] for n, d in enumerate(known) if (wished or spared[n] > 0) and (needs := levels.open_needs(d))}
    open_to = {n: need for n, need in first.items() if best[need]}
    if not open_to:
        return None
    times = Counter(asked)
    n = max(open_to, key=lambda n: spared[n] / (1 + 0.1 * times[open_to[n].competency]))
    return Chosen(id=source.choice(best[open_to[n]]).id, module=known[n].module, value=float(spared[n]))


def _best(
    levels: Marginals, candidates: Sequence[Candidate], decisions: Sequence[Decision]
) -> dict[Need, list[Candidate]]:
    """Return, for each open level, the few questions that tell most about it; none that tells next to nothing."""
    own: dict[str, dict[Item, list[Candidate]]] = {}
    for candidate in candidates:
        own.setdefault(candidate.competency, {}).setdefault(candidate.item, []).append(candidate)
    found = {}
    for need in {need for decision in decisions for need in levels.open_needs(decision)}:
        groups = own.get(need.competency, {})
        k = levels.place[need.competency]
        points = levels.mean[k] + levels.sd[k] * POINTS
        items = [replace(TYPICAL, difficulty=need.level - 0.5), *groups]
        tells = telling(items, points, points > need.level - 0.5)
        order = sorted(zip(tells[1:], groups.values(), strict=True), key=lambda pair: -pair[0])
        least = max(TELLING_AT_LEAST * tells[0], NEARLY * max(tells[1:], default=0.0))
        found[need] = [c for tell, group in order if tell >= least for c in group][:BEST]
    return found


def _typical(candidates: Sequence[Candidate]) -> Item:
    """Return the question in the middle of a few."""
    return Item(
        difficulty=float(np.mean([c.item.difficulty for c in candidates])),
        discrimination=float(np.mean([c.item.discrimination for c in candidates])),
        guessing=float(np.mean([c.item.guessing for c in candidates])),
    )


def telling(items: Sequence[Item], points: Vector, above: NDArray[np.bool_]) -> Vector:
    """Return how much an answer to each question tells of whether a level is held (mutual information, in nats)."""
    right = np.stack([probability_correct(item, points) for item in items])
    share = float(NORMAL[above].sum())
    parts = [(1.0, right @ NORMAL)]
    for side, weight in ((above, share), (~above, 1 - share)):
        parts.append((-weight, right[:, side] @ NORMAL[side] / max(weight, 1e-12)))
    return np.asarray(sum(weight * _entropy(np.clip(chance, 1e-9, 1 - 1e-9)) for weight, chance in parts))


def _entropy(p: Vector) -> Vector:
    return np.asarray(-p * np.log(p) - (1 - p) * np.log1p(-p))
