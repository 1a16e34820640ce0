"""Adaptive series of questions over what the path of a person needs: begun, paused, resumed anywhere, contested."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

from sqlalchemy import select

from training_platform.assessment import item_parameters, sittings
from training_platform.assessment import service as assessment
from training_platform.assessment.models import Answer, Sitting
from training_platform.assessment.rules import Estimate, Item, estimate
from training_platform.assessment.rules.selection import Candidate, Decision, choose
from training_platform.assessment.sittings import SittingView
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import BankQuestion
from training_platform.catalogue.models import Question
from training_platform.catalogue.service import LiveModule
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.recommendations.asked import plan_once
from training_platform.recommendations.rules import Plan, Step, doubt
from training_platform.recommendations.rules.doubt import doubted, needs
from training_platform.recommendations.situation import Situation, held_levels, open_decisions
from training_platform.text import Text

MOST_QUESTIONS, MOST_MINUTES = 20, 12
LEAST_IN_A_TEST, MOST_IN_A_TEST = 3, 12
"""Who asks to be tested is asked something, however unlikely the estimate finds it that the module is known."""
PAUSE = timedelta(seconds=90)
"""Time between two answers beyond which the person was away: it does not count."""
AGAIN_AFTER = timedelta(days=90)
"""A question answered more recently is not put again."""
STILL_LIKELY = 0.25
"""Probability of the target from which a level that is not held is unsure rather than to be learnt."""
TOO_FEW = 3
"""Questions of a step below which its bank is too small to measure."""


@dataclass(frozen=True, kw_only=True)
class BankItem:
    """A question of the live bank as the choice of the next one sees it."""

    id: int
    competency: str
    from_level: int
    item: Item


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a series of questions changed about one competency."""

    competency: str
    target: int
    before: Estimate
    after: Estimate
    held: int
    """The level that the path counts on."""
    asked: int
    measurable: bool
    """False where the bank has too few questions: the level rests on self-rating, wide as it is."""

    @property
    def standing(self) -> Literal["reached", "unsure", "to_learn", "unmeasured"]:
        """Tell how the level stands to the target."""
        if not self.measurable:
            return "unmeasured"
        if self.held >= self.target:
            return "reached"
        return "unsure" if self.after.probability_of(self.target) >= STILL_LIKELY else "to_learn"

    @property
    def likely(self) -> tuple[int, int]:
        """The levels between which the person is with a probability of 80 %."""
        return math.floor(self.after.low + 0.5), math.floor(self.after.high + 0.5)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What was found, and what it changed in the path: modules and minutes."""

    findings: tuple[Finding, ...]
    minutes_before: int
    minutes_after: int
    leaving: tuple[LiveModule, ...]
    entering: tuple[LiveModule, ...]

    @property
    def saved(self) -> int:
        """Minutes of training spared, none where the questions found gaps."""
        return max(self.minutes_before - self.minutes_after, 0)

    @property
    def by_standing(self) -> dict[str, list[Finding]]:
        """The findings in the order in which they are read: what is reached, unsure, to learn, and not measured."""
        kinds = ("reached", "unsure", "to_learn", "unmeasured")
        groups = {kind: [f for f in self.findings if f.standing == kind] for kind in kinds}
        return {kind: found for kind, found in groups.items() if found}


def bank(modules: Iterable[LiveModule]) -> tuple[BankItem, ...]:
    """Return the live questions outside exams; read once per published catalogue and calibration."""
    versions = tuple((live.version_id, live.content_hash) for live in modules if not live.planned)
    return _bank(versions, item_parameters.stamp())


@lru_cache(maxsize=32)
def _bank(versions: tuple[tuple[int, str], ...], calibration: str) -> tuple[BankItem, ...]:
    ids = [version_id for version_id, _ in versions]
    query = select(Question.id, Question.document).where(Question.version_id.in_(ids), Question.reserved.is_(False))
    parsed = [(key, BankQuestion.model_validate(document)) for key, document in db.session.execute(query)]
    found = item_parameters.lookup(q for _, q in parsed) if calibration else {}
    return tuple(
        BankItem(
            id=key,
            competency=q.step.c,
            from_level=q.step.from_level,
            item=item_parameters.item_of(q, found.get(item_parameters.fingerprint(q)) if found else None),
        )
        for key, q in parsed
    )


def steps_of(situation: Situation, module: LiveModule | None = None) -> set[Step]:
    """Return what a series is about: all taught steps up to the targets, or those of one module."""
    if module is not None:
        return {(s.c, n) for s in module.head.steps for n in range(s.from_level, s.to)}
    taught = {step for planned in situation.request.modules for step in planned.steps}
    return {(c, n) for c, target in situation.request.targets.items() for n in range(target)} & taught


def decisions_of(situation: Situation, module: LiveModule | None = None) -> list[Decision]:
    """Return what answers may still change: which modules of the whole path are needed, or whether one is."""
    whole = plan_once(replace(doubted(situation.request, situation.levels), minutes=None))
    if module is None:
        return open_decisions(situation, whole)
    safety = catalogue.safety_steps(situation.modules.values())
    own = (decision for decision in doubt.decisions_of(whole, safety) if decision.module == module.code)
    everything = needs(steps_of(situation, module), safety)
    return [next(own, Decision(module=module.code, minutes=module.head.minutes, needs=everything))]


def unfinished(person_id: int, kind: str, version_id: int | None = None) -> Sitting | None:
    """Return the series that the person has begun and not ended."""
    query = select(Sitting).where(
        Sitting.person_id == person_id,
        Sitting.kind == kind,
        Sitting.version_id.is_(None) if version_id is None else Sitting.version_id == version_id,
        Sitting.finished_at.is_(None),
    )
    return db.session.scalar(query.order_by(Sitting.id.desc()).limit(1))


def begin(person_id: int, kind: str, now: datetime, version_id: int | None = None) -> Sitting:
    """Return the unfinished series of this kind, or a new one."""
    sitting = unfinished(person_id, kind, version_id)
    if sitting is None:
        sitting = Sitting(person_id=person_id, kind=kind, version_id=version_id, questions=[], started_at=now)
        db.session.add(sitting)
        db.session.flush()
    return sitting


def next_question(person_id: int, sitting_id: int, situation: Situation, now: datetime) -> SittingView:
    """Return the series with an open question where one is worth its minute; close it otherwise.

    The open question stays the same until it is answered, on whatever device. Raise UnknownSittingError.
    """
    _own(person_id, sitting_id)
    sitting = db.session.get_one(Sitting, sitting_id, with_for_update=True, populate_existing=True)
    view = _own(person_id, sitting_id)
    if view.finished or view.open_question is not None:
        return view
    chosen = None if _spent(view) else _choose(person_id, view, situation, now)
    if chosen is None:
        sitting.finished_at = now
    else:
        sitting.questions = [*sitting.questions, chosen]
    db.session.flush()
    return sittings.sitting_of(person_id, sitting_id)


def _own(person_id: int, sitting_id: int) -> SittingView:
    """Return a series of questions that is led here; a quiz or a review is led where it was begun."""
    view = sittings.sitting_of(person_id, sitting_id)
    if view.kind not in ("placement", "test_out"):
        raise sittings.UnknownSittingError
    return view


def _spent(view: SittingView) -> bool:
    most = MOST_QUESTIONS if view.kind == "placement" else MOST_IN_A_TEST
    return len(view.given) >= most or active_minutes(view) >= MOST_MINUTES


def active_minutes(view: SittingView) -> float:
    """Return the minutes spent on answering, pauses left out; by the server's clock, even where that was set back."""
    moments = (view.started_at, *view.answered_at)
    spent = (min(max(later - earlier, timedelta()), PAUSE) for earlier, later in itertools.pairwise(moments))
    return sum(one.total_seconds() for one in spent) / 60


def _choose(person_id: int, view: SittingView, situation: Situation, now: datetime) -> int | None:
    module = _module_of(view, situation)
    if view.version_id is not None and module is None:
        return None
    decisions = decisions_of(situation, module)
    asked = {c: q.step.c for c, q in view.questions}
    seen = _seen(person_id, now) | set(asked)
    competencies = {need.competency for decision in decisions for need in decision.needs}
    candidates = [
        Candidate(id=one.id, competency=one.competency, item=one.item)
        for one in bank(situation.modules.values())
        if one.id not in seen and one.competency in competencies
    ]
    source = random.Random(f"{view.id}:{len(view.questions)}")
    wished = view.kind == "test_out" and len(view.given) < LEAST_IN_A_TEST
    chosen = choose(situation.state, candidates, decisions, list(asked.values()), source, wished=wished)
    return chosen.id if chosen else None


def _module_of(view: SittingView, situation: Situation) -> LiveModule | None:
    return next((live for live in situation.modules.values() if live.version_id == view.version_id), None)


def _seen(person_id: int, now: datetime) -> set[int]:
    query = select(Answer.question_id).join(Sitting).where(Sitting.person_id == person_id)
    return set(db.session.scalars(query.where(Answer.answered_at > now - AGAIN_AFTER)))


def stop(person_id: int, sitting_id: int, now: datetime) -> None:
    """End a series early, by the person's wish: what was answered counts."""
    _own(person_id, sitting_id)
    sitting = db.session.get_one(Sitting, sitting_id)
    if sitting.finished_at is None:
        answered = set(db.session.scalars(select(Answer.question_id).where(Answer.sitting_id == sitting_id)))
        sitting.questions = [key for key in sitting.questions if key in answered]
        sitting.finished_at = now
        db.session.flush()


def contest(person_id: int, sitting_id: int, now: datetime) -> None:
    """Take the answers of a series out of the estimate, as the person finds the result wrong; they stay on record."""
    view = sittings.sitting_of(person_id, sitting_id)
    if view.kind == "quiz":
        raise RefusedError(
            Text("Les questions finales d'un module se repassent.", "A module's final questions can be taken again.")
        )
    _own(person_id, sitting_id)
    sitting = db.session.get_one(Sitting, sitting_id)
    sitting.contested_at = sitting.contested_at or now
    sitting.finished_at = sitting.finished_at or now
    db.session.flush()


def result_of(person_id: int, view: SittingView, situation: Situation, now: datetime) -> Result:
    """Return what a series found, competency by competency, and the training that it spares."""
    competencies = list(situation.framework.competencies)
    before = estimate(competencies, assessment.observations(person_id, without=view.id), now)
    after = situation.levels
    steps = steps_of(situation, _module_of(view, situation))
    asked = Counter(question.step.c for key, question in view.questions if key in view.given)
    sizes = Counter((one.competency, one.from_level) for one in bank(situation.modules.values()))
    measurable = {c for c, n in steps if sizes[c, n] >= TOO_FEW}
    targets = {c: n + 1 for c, n in sorted(steps)}
    findings = tuple(
        Finding(
            competency=c,
            target=target,
            before=before[c],
            after=after[c],
            held=situation.request.levels.get(c, 0),
            asked=asked[c],
            measurable=c in measurable,
        )
        for c, target in targets.items()
    )
    without, with_it = _whole_path(situation, before), _whole_path(situation, after)
    modules = situation.modules
    return Result(
        findings=findings,
        minutes_before=without.minutes,
        minutes_after=with_it.minutes,
        leaving=tuple(modules[code] for code in without.ids if code not in with_it.ids),
        entering=tuple(modules[code] for code in with_it.ids if code not in without.ids),
    )


def _whole_path(situation: Situation, levels: Mapping[str, Estimate]) -> Plan:
    """Return the shortest path to all targets from these levels."""
    held = held_levels(levels, catalogue.safety_steps(situation.modules.values()))
    return plan_once(replace(situation.request, levels=held, minutes=None, pinned=frozenset(), obligations=()))


def known_now(situation: Situation, module: LiveModule) -> bool:
    """Tell whether every step of a module counts as held."""
    held = situation.request.levels
    return all(held.get(c, 0) > n for c, n in steps_of(situation, module))


def is_contested(sitting_id: int) -> bool:
    """Tell whether the person has contested a series."""
    return db.session.get_one(Sitting, sitting_id).contested_at is not None
