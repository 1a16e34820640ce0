"""How an estimate came to be: what it was after each piece of evidence, so that a level on screen can be followed back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from training_platform.assessment.rules.estimate import INTERVAL_80, Observation, State, in_order, prior

NOTICED = 0.05
"""Levels by which evidence about other competencies must move this one to be worth a line."""
START, OTHERS = "start", "others"


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One step of the history: evidence that came, and the estimate after it."""

    kind: str
    """A kind of evidence, ``start`` before any, or ``others`` for what was learnt from other competencies."""
    at: datetime | None
    mean: float
    sd: float
    level: float = 0.0
    """The level attested; for answers, the mean difficulty."""
    count: int = 1
    right: int = 0
    """Answers of one day are one moment: how many, and how many of them right."""

    @property
    def shown(self) -> float:
        """The mean, on the scale."""
        return min(max(self.mean, 0.0), 5.0)

    @property
    def low(self) -> float:
        """Lower end of the 80 % interval, on the scale."""
        return min(max(self.mean - INTERVAL_80 * self.sd, 0.0), 5.0)

    @property
    def high(self) -> float:
        """Upper end of the 80 % interval, on the scale."""
        return min(max(self.mean + INTERVAL_80 * self.sd, 0.0), 5.0)


def history(
    competency: str, competencies: Sequence[str], observations: Sequence[Observation], now: datetime
) -> list[Moment]:
    """Return what the estimate of one competency was after each piece of evidence, weighed as it weighs at ``now``.

    The last moment is the estimate of ``estimate(…, now)``: each moment is ``state_of`` of the evidence up to it.
    """
    moments = _grouped(_every(competency, competencies, observations, now))
    return [one for n, one in enumerate(moments) if one.kind != OTHERS or n == len(moments) - 1 or _noticed(moments, n)]


def _every(
    competency: str, competencies: Sequence[str], observations: Sequence[Observation], now: datetime
) -> Iterator[Moment]:
    state = prior(competencies)
    place = state.competencies.index(competency)
    yield _moment(START, None, state, place)
    for observation in in_order(observations):
        state = state.with_evidence(observation, now)
        kind = observation.kind if observation.competency == competency else OTHERS
        moment = _moment(kind, observation.at, state, place)
        yield replace(moment, level=observation.level, right=int(observation.correct))


def _moment(kind: str, at: datetime | None, state: State, place: int) -> Moment:
    return Moment(kind=kind, at=at, mean=float(state.mean[place]), sd=float(state.covariance[place, place]) ** 0.5)


def _grouped(moments: Iterator[Moment]) -> list[Moment]:
    """Join the answers of one day with what came between them, then neighbouring evidence about other competencies."""
    days: list[Moment] = []
    for moment in moments:
        if days and _same_day(days[-1], moment):
            days[-1] = _joined(days[-1], moment)
        else:
            days.append(moment)
    joined: list[Moment] = []
    for moment in days:
        if joined and joined[-1].kind == moment.kind == OTHERS:
            joined[-1] = _joined(joined[-1], moment)
        else:
            joined.append(moment)
    return joined


def _same_day(last: Moment, moment: Moment) -> bool:
    """Tell whether two moments are answers, or about other competencies, of the same day."""
    if last.at is None or moment.at is None or not {last.kind, moment.kind} <= {"answer", OTHERS}:
        return False
    return last.at.date() == moment.at.date()


def _joined(last: Moment, moment: Moment) -> Moment:
    """Return one moment of two: the later estimate, the answers counted together."""
    if moment.kind == OTHERS:
        return replace(last, at=moment.at, mean=moment.mean, sd=moment.sd)
    if last.kind == OTHERS:
        return moment
    count = last.count + 1
    level = last.level + (moment.level - last.level) / count
    return replace(moment, count=count, right=last.right + moment.right, level=level)


def _noticed(moments: Sequence[Moment], place: int) -> bool:
    return abs(moments[place].mean - moments[place - 1].mean) >= NOTICED
