"""What each policy does with one person, and what it takes until every target is reached and known to be.

(a) everybody takes everything required, (b) self-rating, (c) each competency tested apart to a standard error of 0.35,
(ours) self-rating, placement, and a short test before each module where one is worth it, (d) an oracle; (skip) skips
everything and verifies in the end, to show that this does not pay.

All policies end with the same assurance: a target counts once its module was passed, or once answers of one's own make it
as sure as the site's rule asks. What was skipped on a self-rating alone is therefore tested in the end, with the same
questions and rules as a placement, and trained where it is not found. A module followed without its ground teaches
nothing; its final questions say so, and what is missing is planned again.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from training_platform.assessment.rules import Observation, State, prior, probability_correct
from training_platform.assessment.rules.estimate import Estimate, Item, result_of
from training_platform.assessment.rules.selection import QUESTION_MINUTES, Candidate, Decision, choose
from training_platform.placement.service import MOST_IN_A_TEST, MOST_QUESTIONS
from training_platform.placement.simulation.people import Person, World
from training_platform.recommendations.rules import Plan, Request, Step, plan
from training_platform.recommendations.rules.doubt import decisions_of, doubted, needs
from training_platform.recommendations.situation import held_levels

POLICIES = ("a", "b", "c", "ours", "d", "skip")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SEPARATE_SE = 0.35
CURVE = (0, 5, 10, 15, 20)
INTERVALS = {0.5: 0.6745, 0.8: 1.2816, 0.95: 1.96}
ROUNDS = 6
"""Times that a path may be planned again before a simulation gives up."""
FOUND_OUT_MINUTES = 2.0
"""What finding out a wrongly skipped competency would take if somebody knew which."""


def path(world: World, person: Person, levels: Mapping[str, int]) -> Plan:
    """Return the path of the site from these levels to all targets."""
    key = tuple(levels.get(c, 0) for c in sorted(world.framework.competencies))
    if key not in person.paths:
        person.paths[key] = plan(request_of(world, person, levels))
    return person.paths[key]


def request_of(world: World, person: Person, levels: Mapping[str, int]) -> Request:
    """Return the request of the site from these levels to all targets."""
    return Request(levels=levels, targets=person.targets, minutes=None, modules=world.modules, waives_known=True)


@dataclass(kw_only=True)
class Tally:
    """What one policy did over all people; times in minutes, one entry for each person where nothing else is said."""

    minutes: list[float] = field(default_factory=list)
    """Training and questions together."""
    trained: list[float] = field(default_factory=list)
    needless: list[float] = field(default_factory=list)
    """Spent on modules of which everything asked for was held."""
    in_vain: list[float] = field(default_factory=list)
    """Spent on modules whose ground was missing."""
    told: list[float] = field(default_factory=list)
    """What it would take if somebody who knows said, for two minutes each, which competencies were skipped wrongly."""
    questions: list[int] = field(default_factory=list)
    """Put before setting out."""
    late: list[int] = field(default_factory=list)
    """Put in the end, to verify what was skipped on a self-rating."""
    vital: int = 0
    skipped: int = 0
    """Safety-relevant steps up to the targets, and those that the policy set out to skip though they were not held."""
    left: list[float] = field(default_factory=list)
    """Share of steps not held in the end."""
    errors: list[float] = field(default_factory=list)
    truths: list[float] = field(default_factory=list)
    inside: dict[float, list[bool]] = field(default_factory=lambda: {share: [] for share in INTERVALS})
    """For each competency of each role: estimate less truth, truth, and whether each interval holds it."""
    right: dict[int, list[float]] = field(default_factory=lambda: {k: [] for k in CURVE})
    """Share of right (competency, step) decisions after so many questions."""
    seen: Counter[int] = field(default_factory=Counter)
    choosing: list[float] = field(default_factory=list)
    planning: list[float] = field(default_factory=list)
    """Milliseconds of computing for each question, and for the path that it is about."""

    def add(self, other: Tally) -> None:
        """Take in what the same policy did over other people."""
        self.vital += other.vital
        self.skipped += other.skipped
        self.seen += other.seen
        for kept, more in zip(self._lists(), other._lists(), strict=True):
            kept += more

    def _lists(self) -> list[list[Any]]:
        one_by_one = (value for value in vars(self).values() if isinstance(value, list))
        return [*one_by_one, *self.inside.values(), *self.right.values()]


class Learner:
    """What the site knows of a person, and how it asks."""

    def __init__(self, world: World, person: Person, tally: Tally, seed: int) -> None:
        self.world, self.person, self.tally = world, person, tally
        self.chance = random.Random(seed)
        self.state: State = prior(sorted(world.framework.competencies))
        self.counts: Counter[str] = Counter()
        self.asked: list[Candidate] = []

    def rate(self) -> None:
        """Take the self-ratings in."""
        for competency, level in self.person.rated.items():
            self._take(Observation(competency=competency, kind="self_rating", at=NOW, level=float(level)))

    def put(self, question: Candidate) -> None:
        """Put a question and take the answer in."""
        correct = self.person.answer(question)
        self._take(
            Observation(competency=question.competency, kind="answer", at=NOW, item=question.item, correct=correct)
        )
        self.asked.append(question)
        self.tally.seen[question.id] += 1

    def _take(self, observation: Observation) -> None:
        self.state = self.state.with_evidence(observation, NOW)
        self.counts[observation.competency] += 1

    def estimates(self) -> dict[str, Estimate]:
        """Return what is known of each competency."""
        variance = np.diag(self.state.covariance)
        return {
            c: result_of(self.state.mean[k], variance[k], self.counts[c]) for k, c in enumerate(self.state.competencies)
        }

    def held(self) -> dict[str, int]:
        """Return the levels that count as held, by the rule of the site."""
        return held_levels(self.estimates(), self.world.safety)

    def measured(self) -> set[str]:
        """Return the competencies with answers of their own."""
        return {question.competency for question in self.asked}

    def ask(self, decisions: Sequence[Decision]) -> bool:
        """Put one question if one is worth it."""
        seen = {c.id for c in self.asked}
        free = [c for c in self.world.bank if c.id not in seen]
        begun = time.process_time()
        chosen = choose(self.state, free, decisions, [c.competency for c in self.asked], self.chance)
        self.tally.choosing.append(1000 * (time.process_time() - begun))
        if chosen is None:
            return False
        self.put(self.world.bank[chosen.id])
        return True

    def place(self) -> None:
        """Ask the placement's questions; note how many decisions are right on the way."""
        for number in range(MOST_QUESTIONS + 1):
            if number in self.tally.right:
                self.tally.right[number].append(self.share_right())
            if number == MOST_QUESTIONS or not self.ask(self.decisions()):
                break
        for number in CURVE:
            if len(self.tally.right[number]) < len(self.tally.questions) + 1:
                self.tally.right[number].append(self.share_right())

    def decisions(self) -> list[Decision]:
        """Return the modules that questions may be about."""
        begun = time.process_time()
        beyond_doubt = doubted(request_of(self.world, self.person, self.held()), self.estimates())
        found = path(self.world, self.person, beyond_doubt.levels)
        self.tally.planning.append(1000 * (time.process_time() - begun))
        return decisions_of(found, self.world.safety)

    def just_in_time(self) -> None:
        """Test each module of the path that is worth it, when its turn comes."""
        tested: set[str] = set()
        while next_one := self._next_of_path(tested):
            tested.add(next_one.module)
            for _ in range(MOST_IN_A_TEST):
                if not self.ask([next_one]):
                    break

    def _next_of_path(self, tested: set[str]) -> Decision | None:
        decisions = {decision.module: decision for decision in self.decisions()}
        ahead = path(self.world, self.person, self.held()).ids
        return next((decisions[key] for key in ahead if key in decisions and key not in tested), None)

    def verify(self, competency: str, level: int, minutes: float) -> bool:
        """Test what was skipped on a self-rating; tell whether it is found to be held."""
        steps = [(competency, n) for n in range(level)]
        decision = Decision(module=competency, minutes=minutes, needs=needs(steps, self.world.safety))
        for _ in range(MOST_IN_A_TEST):
            if not self.ask([decision]):
                break
        return competency in self.measured() and self.held()[competency] >= level

    def share_right(self) -> float:
        """Return the share of right (competency, step) decisions."""
        levels = self.held()
        steps = [(c, n) for c, target in self.person.targets.items() for n in range(target)]
        return float(np.mean([(levels[c] > n) == (self.person.levels[c] > n) for c, n in steps]))

    def note_honesty(self) -> None:
        """Note how far the estimates of the role's competencies are off, and whether their intervals hold the truth."""
        sd = self.state.sd()
        for place, competency in enumerate(self.state.competencies):
            if competency in self.person.targets:
                error = float(self.state.mean[place]) - self.person.theta[competency]
                self.tally.errors.append(error)
                self.tally.truths.append(self.person.theta[competency])
                for share, z in INTERVALS.items():
                    self.tally.inside[share].append(abs(error) <= z * sd[place])


def separately(learner: Learner) -> None:
    """Test each competency apart, by maximum information, until its standard error is 0.35 or its bank is empty."""
    for competency in sorted(learner.person.targets):
        state = prior([competency])
        free = [c for c in learner.world.bank if c.competency == competency]
        while free and state.sd()[0] > SEPARATE_SE:
            mean = float(state.mean[0])
            best = max(free, key=lambda c: information(c.item, mean))
            free.remove(best)
            correct = learner.person.answer(best)
            seen = Observation(competency=competency, kind="answer", at=NOW, item=best.item, correct=correct)
            state = state.with_evidence(seen, NOW)
            learner.asked.append(best)
        place = learner.state.competencies.index(competency)
        learner.counts[competency] = 1
        learner.state.joint_mean[place] = state.mean[0]
        learner.state.joint_covariance[place, place] = state.covariance[0, 0]


def information(item: Item, level: float) -> float:
    """Return the Fisher information of a question at a level (three-parameter logistic model; Birnbaum 1968)."""
    p = float(probability_correct(item, level))
    inner = (p - item.guessing) / (1 - item.guessing)
    return item.discrimination**2 * inner**2 * (1 - p) / p


def believed(policy: str, learner: Learner) -> dict[str, int]:
    """Return the levels that a policy sets out from."""
    person = learner.person
    if policy == "a":
        return {}
    if policy == "b":
        learner.rate()
        return dict(person.rated)
    if policy == "c":
        separately(learner)
        return learner.held()
    if policy == "d":
        return dict(person.levels)
    if policy == "skip":
        learner.rate()
        return dict(person.targets)
    learner.rate()
    learner.place()
    learner.just_in_time()
    learner.note_honesty()
    return learner.held()


def run(world: World, policy: str, person: Person, tally: Tally, seed: int) -> None:
    """Let one person reach all targets under one policy; note what it took."""
    learner = Learner(world, person, tally, seed)
    levels = believed(policy, learner)
    tally.questions.append(len(learner.asked))
    vital = [(c, n) for c, target in person.targets.items() for n in range(target) if (c, n) in world.safety]
    tally.vital += len(vital)
    tally.skipped += sum(levels.get(c, 0) > n >= person.levels[c] for c, n in vital)
    tally.told.append(_if_told(world, person, levels) + QUESTION_MINUTES * len(learner.asked))
    _reach(learner, levels, tally, sure=policy == "d")


def _if_told(world: World, person: Person, levels: Mapping[str, int]) -> float:
    """Return the minutes if somebody who knows said what was skipped wrongly, two minutes for each competency."""
    first = path(world, person, levels)
    truth, _, _ = follow(first, person.levels)
    missed = sum(truth[c] < target for c, target in person.targets.items())
    return first.minutes + path(world, person, truth).minutes + FOUND_OUT_MINUTES * missed


def _reach(learner: Learner, levels: dict[str, int], tally: Tally, *, sure: bool) -> None:
    """Follow paths until nothing is missing as far as anybody can tell; verify after the first what rests on no answer."""
    person, before = learner.person, len(learner.asked)
    truth = dict(person.levels)
    trained = needless = in_vain = 0.0
    for number in range(ROUNDS):
        found = path(learner.world, person, levels)
        if number and not found.stops:
            break
        trained += found.minutes
        needless += sum(s.module.minutes for s in found.stops if s.climbs and _holds(truth, s.climbs))
        truth, passed, failed = follow(found, truth)
        in_vain += sum(s.module.minutes for s in found.stops if not _holds(truth, s.climbs))
        if not number and not sure:
            _verify(learner, levels, truth, passed | failed)
        levels |= {c: truth[c] for c in passed | failed}
    tally.late.append(len(learner.asked) - before)
    tally.trained.append(trained)
    tally.needless.append(needless)
    tally.in_vain.append(in_vain)
    tally.minutes.append(trained + QUESTION_MINUTES * len(learner.asked))
    tally.left.append(float(np.mean([truth[c] <= n for c, target in person.targets.items() for n in range(target)])))


def _holds(levels: Mapping[str, int], steps: Sequence[Step]) -> bool:
    return all(levels[c] > n for c, n in steps)


def _verify(learner: Learner, levels: dict[str, int], truth: Mapping[str, int], settled: set[str]) -> None:
    """Test the competencies that were skipped without an answer; what is not found to be held counts as not held."""
    person = learner.person
    for competency, target in person.targets.items():
        level = min(levels.get(competency, 0), target)
        if level and competency not in settled | learner.measured():
            lacking = path(learner.world, person, {**truth, competency: 0}).minutes
            having = path(learner.world, person, {**truth, competency: max(truth[competency], level)}).minutes
            if not learner.verify(competency, level, lacking - having):
                levels[competency] = learner.held()[competency] if competency in learner.measured() else 0


def follow(found: Plan, levels: Mapping[str, int]) -> tuple[dict[str, int], set[str], set[str]]:
    """Return the levels after a path, the competencies passed in its modules, and those where the ground was missing."""
    truth, passed, failed = dict(levels), set[str](), set[str]()
    for stop in found.stops:
        for competency, start in stop.module.steps:
            if truth.get(competency, 0) == start:
                truth[competency] = start + 1
            (passed if truth[competency] > start else failed).add(competency)
    return truth, passed - failed, failed
