"""One competency tested alone, beside catsim's maximum information at the same stopping rule."""

from __future__ import annotations

import sys

import numpy as np

from training_platform.assessment.rules import Item, Observation, prior, probability_correct
from training_platform.assessment.rules.estimate import PRIOR_MEAN, PRIOR_SD, Vector
from training_platform.placement.simulation.policies import NOW, SEPARATE_SE, information

QUESTIONS = 300


def against_catsim(people: int, seed: int) -> None:
    """Print questions and RMSE for one competency at a standard error of 0.35, ours and catsim's."""
    try:
        import catsim  # noqa: F401
    except ImportError:
        print("left out: catsim (script/setup research)", file=sys.stderr)
        return
    source = np.random.default_rng(seed)
    a, b = source.lognormal(0.4, 0.25, QUESTIONS), source.normal(PRIOR_MEAN, 1.3, QUESTIONS)
    theta = source.normal(PRIOR_MEAN, PRIOR_SD, people)
    items = [Item(difficulty=float(y), discrimination=float(x), guessing=0.0) for x, y in zip(a, b, strict=True)]
    found = {"ours": _ours(items, theta, source), "catsim": _catsim(a, b, theta)}
    print(f"\n| one competency, {people} people, standard error {SEPARATE_SE} | questions | RMSE |\n|---|--:|--:|")
    for name, (counts, errors) in found.items():
        print(f"| {name} | {np.mean(counts):.1f} | {np.sqrt(np.mean(np.square(errors))):.3f} |")


def _ours(items: list[Item], theta: Vector, source: np.random.Generator) -> tuple[list[int], list[float]]:
    counts, errors = [], []
    for truth in theta:
        state, free = prior(["A"]), list(items)
        while free and state.sd()[0] > SEPARATE_SE:
            mean = float(state.mean[0])
            best = max(free, key=lambda item: information(item, mean))
            free.remove(best)
            correct = bool(source.random() < probability_correct(best, float(truth)))
            answer = Observation(competency="A", kind="answer", at=NOW, item=best, correct=correct)
            state = state.with_evidence(answer, NOW)
        counts.append(len(items) - len(free))
        errors.append(float(state.mean[0] - truth))
    return counts, errors


def _catsim(a: Vector, b: Vector, theta: Vector) -> tuple[list[int], list[float]]:
    from catsim.estimation import NumericalSearchEstimator
    from catsim.initialization import FixedPointInitializer
    from catsim.selection import MaxInfoSelector
    from catsim.simulation import Simulator
    from catsim.stopping import MinErrorStopper

    simulator = Simulator(
        np.column_stack([a, b, np.zeros(len(a)), np.ones(len(a))]),
        theta,
        FixedPointInitializer(PRIOR_MEAN),
        MaxInfoSelector(),
        NumericalSearchEstimator(),
        MinErrorStopper(SEPARATE_SE),
    )
    simulator.simulate(verbose=False)
    ends = np.array([one[-1] for one in simulator.estimations])
    return [len(one) for one in simulator.administered_items], list(ends - theta)
