"""Which question to put next: the one that most lowers the expected regret of the path, and when to stop.

Each module that the path needs, or leaves out on a belief that is not beyond doubt, is a decision: follow it, or do
without it because all that it brings is held, each level with the certainty that its rule asks for. Doing without it
spares its minutes where the belief is true; where it is false nothing is spared, and what builds on it is followed in
vain. Testing is a sequence of questions about one of these levels after the other, the least likely first. Its worth is
computed backwards over all outcomes of up to eight more questions on each level (optimal stopping: Wald 1945; Bellman
1957), not question by question: one answer rarely turns a decision that asks for several levels, and a myopic rule would
never begin.
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

SURE_FOR_SAFETY = 0.85
"""Probability from which a level counts as held where a wrong answer endangers somebody: of all such steps up to the
targets, 1 % are then skipped wrongly (placement/simulation), half of what is allowed."""
QUESTION_MINUTES = 0.6
"""Twenty questions in twelve minutes."""
DEEPEST = 8
"""Questions on one level that are looked ahead."""
TYPICAL = Item(difficulty=0.0, discrimination=1.8, guessing=0.2)
"""The question that looking ahead reckons with, its difficulty at the level: the mean of the shipped bank."""
TELLING_AT_LEAST, NEARLY = 0.3, 0.65
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
    lost: float = 0.0
    """Minutes of training that build on it, and are in vain where it was believed and is not held."""

    @property
    def place(self) -> tuple[str, int]:
        """The competency and the level, whatever hangs on it."""
        return self.competency, self.level


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A module to follow unless all these levels are held: the minutes that it takes."""

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
    """A question with the module that it is about, and the minutes by which testing this is expected to lower the regret."""

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

    def is_held(self, need: Need) -> bool:
        """Tell whether a level is held with the certainty that its rule asks for."""
        return self.height(need) >= SURE_AT[need.sure]

    def needs_of(self, decision: Decision) -> list[Need]:
        """Return for each competency the level that is furthest from being held; the least likely first."""
        furthest: dict[str, tuple[float, Need]] = {}
        for need in decision.needs:
            lack = SURE_AT[need.sure] - self.height(need)
            if need.competency not in furthest or lack > furthest[need.competency][0]:
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


@dataclass(frozen=True, kw_only=True)
class Prospect:
    """What testing a module promises: minutes that it lowers the expected regret by, and the level to ask about first."""

    gain: float
    ask: Need | None


def worth(state: State, decisions: Sequence[Decision]) -> list[float]:
    """Return the minutes by which testing each module is expected to lower the regret, the questions' own taken off."""
    return [prospect.gain for prospect in _prospects(Marginals(state), decisions, {})]


def _prospects(
    levels: Marginals, decisions: Sequence[Decision], bank: Mapping[tuple[str, int], Item]
) -> list[Prospect]:
    """Look ahead from the last level of each module to the first: the worth of one is the reward of the one before."""
    todo = [levels.needs_of(d) for d in decisions]
    given = [levels.given(needs) for needs in todo]
    tested = np.array([d.minutes for d in decisions], dtype=float)
    untested = tested.copy()
    ask: list[Need | None] = [None] * len(decisions)
    for stage in range(max(map(len, todo), default=0)):
        rows = [n for n, needs in enumerate(todo) if len(needs) > stage]
        needs = [todo[n][-1 - stage] for n in rows]
        items = [bank.get(need.place, replace(TYPICAL, difficulty=need.level - 0.5)) for need in needs]
        moments = np.array([given[n][-1 - stage] for n in rows])
        going_on = _ahead(moments, needs, items, tested[rows])
        belief = ndtr((moments[:, 0] - [need.level - 0.5 for need in needs]) / moments[:, 1])
        stopping = _stopping(belief, needs, tested[rows])
        untested[rows] = _stopping(belief, needs, untested[rows])
        tested[rows] = np.maximum(going_on, stopping)
        for n, need, more, enough in zip(rows, needs, going_on, stopping, strict=True):
            # What comes later in the test is asked about first only where all before it is certain enough.
            ask[n] = need if more > enough else ask[n] if enough > 0 else None
    gains = tested - untested
    return [Prospect(gain=float(gain), ask=need) for gain, need in zip(gains, ask, strict=True)]


def _stopping(held: Vector, needs: Sequence[Need], reward: Vector) -> Vector:
    """Return what deciding now is worth, shape (needs,) or (needs, outcomes): go without where that is allowed and pays."""
    shape = (-1,) + (1,) * (held.ndim - 1)
    sure, lost = (np.reshape([getattr(n, x) for n in needs], shape) for x in ("sure", "lost"))
    return np.where(held >= sure, np.maximum(reward.reshape(shape) * held - lost * (1 - held), 0.0), 0.0)


def _ahead(moments: Vector, needs: Sequence[Need], items: Sequence[Item], reward: Vector) -> Vector:
    """Return what one more question on each level is worth if holding it brings the reward: backward induction."""
    levels = moments[:, :1] + moments[:, 1:] * POINTS
    apart = (POINTS[1] - POINTS[0]) * moments[:, 1:]
    # The share of each cell of the grid above the level: all or nothing would move it by up to half a cell.
    above = np.clip((levels - [[n.level - 0.5] for n in needs]) / apart + 0.5, 0.0, 1.0)
    slope, place, luck = (
        np.array([[getattr(i, x)] for i in items]) for x in ("discrimination", "difficulty", "guessing")
    )
    right = luck + (1 - luck) * expit(slope * (levels - place))
    times = np.arange(DEEPEST + 1)[:, None]
    rights, wrongs = right[:, None] ** times, (1 - right[:, None]) ** times
    going_on = value = np.zeros((len(needs), 0))
    for asked in range(DEEPEST, -1, -1):
        weights = NORMAL * rights[:, : asked + 1] * wrongs[:, asked::-1]
        total = weights.sum(axis=2)
        if asked < DEEPEST:
            chance = np.einsum("nkg,ng->nk", weights, right) / total
            going_on = -QUESTION_MINUTES + chance * value[:, 1:] + (1 - chance) * value[:, :-1]
        stopping = _stopping(np.einsum("nkg,ng->nk", weights, above) / total, needs, reward)
        value = np.maximum(going_on, stopping) if asked < DEEPEST else stopping
    return np.asarray(going_on[:, 0])


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
    typical = {place: _typical(found) for place, found in best.items() if found}
    open_to: dict[int, tuple[float, Need]] = {}
    for n, prospect in enumerate(_prospects(levels, known, typical)):
        ask = prospect.ask if prospect.gain > 0 else None
        if wished and ask is None:
            ask = next((need for need in levels.needs_of(known[n]) if not levels.is_held(need)), None)
        if ask is not None and best[ask.place]:
            open_to[n] = prospect.gain, ask
    if not open_to:
        return None
    times = Counter(asked)
    n = max(open_to, key=lambda n: open_to[n][0] / (1 + 0.1 * times[open_to[n][1].competency]))
    gain, need = open_to[n]
    return Chosen(id=source.choice(best[need.place]).id, module=known[n].module, value=gain)


def _best(
    levels: Marginals, candidates: Sequence[Candidate], decisions: Sequence[Decision]
) -> dict[tuple[str, int], list[Candidate]]:
    """Return, for each level, the few questions that tell most about it; none that tells next to nothing."""
    own: dict[str, dict[Item, list[Candidate]]] = {}
    for candidate in candidates:
        own.setdefault(candidate.competency, {}).setdefault(candidate.item, []).append(candidate)
    found = {}
    for competency, level in {need.place for decision in decisions for need in levels.needs_of(decision)}:
        groups = own.get(competency, {})
        k = levels.place[competency]
        points = levels.mean[k] + levels.sd[k] * POINTS
        items = [replace(TYPICAL, difficulty=level - 0.5), *groups]
        tells = telling(items, points, points > level - 0.5)
        order = sorted(zip(tells[1:], groups.values(), strict=True), key=lambda pair: -pair[0])
        least = max(TELLING_AT_LEAST * tells[0], NEARLY * max(tells[1:], default=0.0))
        found[competency, level] = [c for tell, group in order if tell >= least for c in group][:BEST]
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
