"""What the placement spares, with the truth known: ``python -m training_platform.placement.simulation``.

People are drawn over the role profiles, their levels from the prior of the estimate or from one that it does not expect.
Policies: (a) everybody takes everything required, (b) self-rating, (c) each competency tested apart to a standard error
of 0.35, (ours) self-rating, placement, and a short test before each module that may be known, (d) an oracle. Time is
training and questions together until every target is reached; what was skipped wrongly is found out later and trained.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from training_platform.assessment.rules import Estimate, Item, Observation, State, prior, probability_correct
from training_platform.assessment.rules.estimate import CORRELATION, PRIOR_MEAN, PRIOR_SD, result_of
from training_platform.assessment.rules.selection import (
    QUESTION_MINUTES,
    SURE_FOR_SAFETY,
    Candidate,
    Decision,
    choose,
)
from training_platform.assessment.service import item_of
from training_platform.catalogue.package import read_folder
from training_platform.framework.files import read_framework
from training_platform.framework.rules import Framework
from training_platform.placement.service import MOST_QUESTIONS
from training_platform.recommendations.rules import PlannedModule, Request, Step, plan
from training_platform.recommendations.service import LIKELY, TEST_MINUTES

CONTENT = Path(__file__).parents[2] / "content"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SELF_RATING_ERROR, OPTIMISM = 1.0, 0.3
CHECK_MINUTES = 2.0
"""What finding out a wrongly skipped competency costs."""
JUST_IN_TIME = 4
SEPARATE_SE = 0.35
PEOPLE_KINDS = ("prior", "guessing", "wrong parameters", "wrong correlations", "fatigue")
CURVE = (0, 5, 10, 15, 20)


@dataclass(frozen=True, kw_only=True)
class World:
    """What stays the same for all people: catalogue, bank, safety-relevant steps."""

    framework: Framework
    modules: tuple[PlannedModule, ...]
    bank: tuple[Candidate, ...]
    levels: Mapping[int, int]
    """The level that each question's step starts from."""
    safety: frozenset[Step]


@dataclass(kw_only=True)
class Tally:
    """What one policy did over all people."""

    minutes: list[float] = field(default_factory=list)
    questions: list[int] = field(default_factory=list)
    vital: int = 0
    skipped: int = 0
    errors: list[float] = field(default_factory=list)
    truths: list[float] = field(default_factory=list)
    inside: dict[float, list[bool]] = field(default_factory=lambda: {0.5: [], 0.8: [], 0.95: []})
    right: dict[int, list[float]] = field(default_factory=lambda: {k: [] for k in CURVE})
    seen: Counter[int] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)


class Person:
    """Somebody whose levels are known, and how they answer."""

    def __init__(self, world: World, kind: str, source: np.random.Generator) -> None:
        role = world.framework.roles[source.choice(sorted(world.framework.roles))]
        taught = {step for module in world.modules for step in module.steps}
        self.targets = {
            c: max((n + 1 for n in range(level) if (c, n) in taught), default=0) for c, level in role.targets.items()
        }
        self.targets = {c: level for c, level in self.targets.items() if level}
        self.names = sorted(self.targets)
        correlation = {"wrong correlations": 0.7}.get(kind, CORRELATION)
        covariance = PRIOR_SD**2 * (correlation + (1 - correlation) * np.eye(len(self.names)))
        self.theta = dict(
            zip(self.names, source.multivariate_normal([PRIOR_MEAN] * len(self.names), covariance), strict=True)
        )
        self.levels = {c: min(max(int(np.floor(theta + 0.5)), 0), 5) for c, theta in self.theta.items()}
        noise = source.normal(OPTIMISM, SELF_RATING_ERROR, len(self.names))
        self.rated = {c: int(np.clip(round(self.theta[c] + e), 0, 5)) for c, e in zip(self.names, noise, strict=True)}
        self.kind, self.source, self.answers = kind, source, 0

    def answer(self, competency: str, item: Item) -> bool:
        """Answer one question, as this kind of person does."""
        true = item
        if self.kind == "guessing":
            true = replace(item, guessing=max(item.guessing, 0.35))
        elif self.kind == "wrong parameters":
            shift, stretch = self.source.normal(0, 0.4), self.source.lognormal(0, 0.25)
            true = replace(item, difficulty=item.difficulty + shift, discrimination=item.discrimination * stretch)
        chance = float(probability_correct(true, self.theta[competency]))
        self.answers += 1
        if self.kind == "fatigue" and self.answers > 10:
            chance *= 0.85
        return bool(self.source.random() < chance)


def world_of(content: Path, items: int | None, seed: int) -> World:
    """Return the shipped catalogue with its bank, or with a made bank of so many questions."""
    packages = [
        package for folder in sorted((content / "modules").iterdir()) if not (package := read_folder(folder)).planned
    ]
    modules = tuple(
        PlannedModule(
            id=p.head.code,
            minutes=p.head.minutes,
            requires=tuple(p.head.requires),
            steps=tuple((s.c, n) for s in p.head.steps for n in range(s.from_level, s.to)),
        )
        for p in packages
    )
    asked = [(q.step.c, q.step.from_level, item_of(q)) for p in packages for q in p.questions if not q.reserved]
    if items:
        source = random.Random(seed)
        steps = sorted({step for module in modules for step in module.steps})
        asked = [
            (
                c,
                n,
                Item(
                    difficulty=n + 0.5 + source.choice((-0.3, 0, 0.3)),
                    discrimination=1.8,
                    guessing=source.choice((0.02, 0.25, 0.33)),
                ),
            )
            for c, n in (steps[k % len(steps)] for k in range(items))
        ]
    safety = frozenset((q.step.c, q.step.from_level) for p in packages for q in p.questions if q.safety)
    return World(
        framework=read_framework(content),
        modules=modules,
        bank=tuple(Candidate(id=k, competency=c, item=item) for k, (c, _, item) in enumerate(asked)),
        levels={k: n for k, (_, n, _) in enumerate(asked)},
        safety=safety,
    )


def decisions_of(world: World, targets: Mapping[str, int], steps: set[Step] | None = None) -> list[Decision]:
    """Return the decisions up to the targets, or on some steps only."""
    minutes: dict[Step, float] = {}
    for module in world.modules:
        for step in module.steps:
            share = module.minutes / len(module.steps)
            minutes[step] = min(share, minutes.get(step, share))
    wanted = {(c, n) for c, level in targets.items() for n in range(level)} if steps is None else steps
    return [
        Decision(competency=c, level=n + 1, minutes=minutes.get((c, n), 10.0), safety=(c, n) in world.safety)
        for c, n in sorted(wanted)
    ]


def held(world: World, state: State, rated: bool = True) -> dict[str, int]:
    """Return the levels that count as held, by the rule of the site."""
    levels = {}
    for place, competency in enumerate(state.competencies):
        found: Estimate = result_of(state.mean[place], state.covariance[place, place], int(rated))
        level = found.held
        for n in range(level):
            if (competency, n) in world.safety and found.probability_of(n + 1) < SURE_FOR_SAFETY:
                level = n
                break
        levels[competency] = level
    return levels


def minutes_to_targets(world: World, person: Person, believed: Mapping[str, int]) -> float:
    """Return the minutes of training until every target is reached.

    A module followed without its ground teaches nothing; once that is found out, what is missing is planned again.
    """
    request = Request(levels=believed, targets=person.targets, minutes=None, modules=world.modules)
    first = plan(request)
    truth = dict(person.levels)
    for stop in first.stops:
        for competency, start in stop.module.steps:
            if truth.get(competency, 0) == start:
                truth[competency] = start + 1
    missed = [c for c, target in person.targets.items() if truth[c] < target]
    again = plan(replace(request, levels=truth))
    return first.minutes + again.minutes + CHECK_MINUTES * len(missed)


class Ours:
    """Self-rating, placement, and short tests just in time: as the site does it."""

    def __init__(self, world: World, person: Person, tally: Tally, seed: int) -> None:
        self.world, self.person, self.tally = world, person, tally
        self.chance = random.Random(seed)
        self.state = prior(person.names)
        for competency, level in person.rated.items():
            rating = Observation(competency=competency, kind="self_rating", at=NOW, level=float(level))
            self.state = self.state.with_evidence(rating, NOW)
        self.asked: list[Candidate] = []

    def place(self) -> None:
        """Ask the placement's questions; note how many decisions are right on the way."""
        decisions = decisions_of(self.world, self.person.targets)
        for number in range(MOST_QUESTIONS + 1):
            if number in self.tally.right:
                self.tally.right[number].append(self.share_right())
            if number == MOST_QUESTIONS or not self.ask(decisions):
                break
        for number in CURVE:
            if len(self.tally.right[number]) < len(self.tally.questions) + 1:
                self.tally.right[number].append(self.share_right())

    def ask(self, decisions: Sequence[Decision]) -> bool:
        """Put one question if one is worth it."""
        wanted = {(d.competency, d.level - 1) for d in decisions}
        seen = {c.id for c in self.asked}
        free = [c for c in self.world.bank if (c.competency, self.world.levels[c.id]) in wanted and c.id not in seen]
        begun = time.perf_counter()
        chosen = choose(self.state, free, decisions, [c.competency for c in self.asked], self.chance)
        self.tally.milliseconds.append(1000 * (time.perf_counter() - begun))
        if chosen is None:
            return False
        question = self.world.bank[chosen.id]
        correct = self.person.answer(question.competency, question.item)
        item = question.item
        seen_answer = Observation(competency=question.competency, kind="answer", at=NOW, item=item, correct=correct)
        self.state = self.state.with_evidence(seen_answer, NOW)
        self.asked.append(question)
        self.tally.seen[question.id] += 1
        return True

    def just_in_time(self) -> None:
        """Test each module of the path that may be known, before it would be followed."""
        tested: set[str] = set()
        while True:
            levels = held(self.world, self.state)
            found = plan(Request(levels=levels, targets=self.person.targets, minutes=None, modules=self.world.modules))
            doubtful = [
                s for s in found.stops if s.module.id not in tested and self.worth_a_test(s.climbs, s.module.minutes)
            ]
            if not doubtful:
                return
            tested.add(doubtful[0].module.id)
            decisions = decisions_of(self.world, self.person.targets, set(doubtful[0].climbs))
            for _ in range(JUST_IN_TIME):
                if not self.ask(decisions):
                    break

    def worth_a_test(self, climbs: Sequence[Step], minutes: int) -> bool:
        sd = self.state.sd()
        known = 1.0
        for competency, start in climbs:
            place = self.state.competencies.index(competency)
            draft = Estimate(
                mean=float(self.state.mean[place]), sd=float(sd[place]), held=0, granted=0, evidence_count=1
            )
            known = min(known, draft.probability_of(start + 1))
        return bool(climbs) and known >= LIKELY and known * minutes > TEST_MINUTES

    def share_right(self) -> float:
        levels = held(self.world, self.state)
        steps = [(c, n) for c, target in self.person.targets.items() for n in range(target)]
        return statistics.fmean((levels[c] > n) == (self.person.levels[c] > n) for c, n in steps)

    def close(self) -> Mapping[str, int]:
        """Note how honest the estimate is; return the levels that count."""
        sd = self.state.sd()
        for place, competency in enumerate(self.state.competencies):
            mean, truth = float(self.state.mean[place]), float(np.clip(self.person.theta[competency], 0, 5))
            self.tally.errors.append(float(np.clip(mean, 0, 5)) - truth)
            self.tally.truths.append(truth)
            for share, z in ((0.5, 0.6745), (0.8, 1.2816), (0.95, 1.96)):
                low, high = np.clip((mean - z * sd[place], mean + z * sd[place]), 0, 5)
                self.tally.inside[share].append(bool(low <= truth <= high))
        self.tally.questions.append(len(self.asked))
        return held(self.world, self.state)


def separately(world: World, person: Person, tally: Tally) -> Mapping[str, int]:
    """Test each competency apart, by maximum information, until its standard error is 0.35 or its bank is empty."""
    levels: dict[str, int] = {}
    questions = 0
    for competency in person.names:
        state = prior([competency])
        free = [c for c in world.bank if c.competency == competency]
        while free and state.sd()[0] > SEPARATE_SE:
            best = max(free, key=lambda c: information(c.item, float(state.mean[0])))
            free.remove(best)
            correct = person.answer(competency, best.item)
            state = state.with_evidence(
                Observation(competency=competency, kind="answer", at=NOW, item=best.item, correct=correct), NOW
            )
            questions += 1
        levels |= held(world, state)
    tally.questions.append(questions)
    return levels


def information(item: Item, level: float) -> float:
    """Return the Fisher information of a question at a level (three-parameter logistic model; Birnbaum 1968)."""
    p = float(probability_correct(item, level))
    inner = (p - item.guessing) / (1 - item.guessing)
    return item.discrimination**2 * inner**2 * (1 - p) / p


def simulate(world: World, kind: str, people: int, seed: int, policies: Sequence[str]) -> dict[str, Tally]:
    """Return what each policy did for the same people."""
    tallies = {policy: Tally() for policy in policies}
    for number in range(people):
        for policy, tally in tallies.items():
            person = Person(world, kind, np.random.default_rng((seed, number)))
            believed = _believed(policy, world, person, tally, seed + number)
            asked = tally.questions[-1] if policy in ("c", "ours") else 0
            tally.minutes.append(minutes_to_targets(world, person, believed) + QUESTION_MINUTES * asked)
            vital = [(c, n) for c, target in person.targets.items() for n in range(target) if (c, n) in world.safety]
            tally.vital += len(vital)
            tally.skipped += sum(believed.get(c, 0) > n >= person.levels[c] for c, n in vital)
        if sys.stderr.isatty():
            print(f"\r{kind}: {number + 1} of {people}", end="", file=sys.stderr)
    return tallies


def _believed(policy: str, world: World, person: Person, tally: Tally, seed: int) -> Mapping[str, int]:
    if policy == "a":
        return {}
    if policy == "b":
        return person.rated
    if policy == "c":
        return separately(world, person, tally)
    if policy == "d":
        return person.levels
    ours = Ours(world, person, tally, seed)
    ours.place()
    ours.just_in_time()
    return ours.close()


def report(kind: str, tallies: Mapping[str, Tally]) -> None:
    """Print what a population showed."""
    print(f"\n| {kind} | hours | questions | safety steps wrongly skipped |\n|---|--:|--:|--:|")
    for policy, tally in tallies.items():
        hours = statistics.fmean(tally.minutes) / 60
        questions = f"{statistics.fmean(tally.questions):.1f}" if tally.questions else ""
        print(f"| {policy} | {hours:.2f} | {questions} | {tally.skipped / max(tally.vital, 1):.1%} |")
    if {"b", "d", "ours"} <= set(tallies):
        b, d, ours = (statistics.fmean(tallies[p].minutes) for p in ("b", "d", "ours"))
        print(f"\ndistance from (b) to (d) closed: {(b - ours) / (b - d):.0%}")
    if "ours" in tallies:
        _honesty(tallies["ours"])


def _honesty(tally: Tally) -> None:
    errors, truths = np.array(tally.errors), np.array(tally.truths)
    curve = ", ".join(f"{k}: {statistics.fmean(values):.1%}" for k, values in tally.right.items() if values)
    cover = ", ".join(f"{share:.0%}: {np.mean(inside):.1%}" for share, inside in tally.inside.items())
    low, high = truths <= np.quantile(truths, 0.1), truths >= np.quantile(truths, 0.9)
    print(f"right (competency, step) decisions by number of questions: {curve}")
    print(
        f"intervals cover: {cover}; RMSE {np.sqrt(np.mean(errors**2)):.3f}, bias of the lowest tenth {errors[low].mean():+.2f}, of the highest {errors[high].mean():+.2f}"
    )
    most = tally.seen.most_common(1)[0][1] / max(len(tally.questions), 1) if tally.seen else 0
    print(
        f"most exposed question: seen by {most:.1%}; choosing takes p95 {np.quantile(tally.milliseconds, 0.95):.1f} ms"
    )


def against_catsim(people: int, seed: int) -> None:
    """Print questions and RMSE for one competency at a standard error of 0.35, beside catsim's maximum information."""
    try:
        from catsim.estimation import NumericalSearchEstimator
        from catsim.initialization import FixedPointInitializer
        from catsim.selection import MaxInfoSelector
        from catsim.simulation import Simulator
        from catsim.stopping import MinErrorStopper
    except ImportError:
        print("\nleft out: catsim (script/setup research)")
        return
    source = np.random.default_rng(seed)
    a, b = source.lognormal(0.4, 0.25, 300), source.normal(PRIOR_MEAN, 1.3, 300)
    bank = np.column_stack([a, b, np.zeros(300), np.ones(300)])
    theta = source.normal(PRIOR_MEAN, PRIOR_SD, people)
    simulator = Simulator(
        bank,
        theta,
        FixedPointInitializer(PRIOR_MEAN),
        MaxInfoSelector(),
        NumericalSearchEstimator(),
        MinErrorStopper(SEPARATE_SE),
    )
    simulator.simulate(verbose=False)
    theirs = np.array([len(items) for items in simulator.administered_items])
    error = np.sqrt(np.mean((np.array([e[-1] for e in simulator.estimations]) - theta) ** 2))
    counts, errors = [], []
    items = [Item(difficulty=float(y), discrimination=float(x), guessing=0.0) for x, y in zip(a, b, strict=True)]
    for truth in theta:
        state, free = prior(["A"]), list(items)
        while free and state.sd()[0] > SEPARATE_SE:
            mean = float(state.mean[0])
            best = max(free, key=lambda item: information(item, mean))
            free.remove(best)
            correct = bool(source.random() < probability_correct(best, truth))
            state = state.with_evidence(
                Observation(competency="A", kind="answer", at=NOW, item=best, correct=correct), NOW
            )
        counts.append(len(items) - len(free))
        errors.append(float(state.mean[0]) - truth)
    print(f"\n| one competency, {people} people, standard error 0.35 | questions | RMSE |\n|---|--:|--:|")
    print(f"| ours | {np.mean(counts):.1f} | {np.sqrt(np.mean(np.square(errors))):.3f} |")
    print(f"| catsim, maximum information | {theirs.mean():.1f} | {error:.3f} |")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulation; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m training_platform.placement.simulation", description=__doc__)
    parser.add_argument("--people", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--policy", action="append", choices=["a", "b", "c", "ours", "d"], help="several times; all without"
    )
    parser.add_argument("--kind", action="append", choices=PEOPLE_KINDS, help="kinds of people; all without")
    parser.add_argument("--items", type=int, help="a made bank of so many questions instead of the shipped one")
    parser.add_argument("--catsim", action="store_true", help="compare with catsim on one competency")
    options = parser.parse_args(arguments)
    world = world_of(CONTENT, options.items, options.seed)
    print(
        f"{len(world.modules)} modules, {len(world.bank)} questions, {options.people} people of each kind, seed {options.seed}"
    )
    for kind in options.kind or PEOPLE_KINDS:
        report(
            kind, simulate(world, kind, options.people, options.seed, options.policy or ["a", "b", "c", "ours", "d"])
        )
    if options.catsim:
        against_catsim(options.people, options.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
