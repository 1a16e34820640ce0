"""Measure what the placement spares, with the truth known: ``python -m training_platform.placement.simulation``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from training_platform.assessment.rules.estimate import RATING_CORRELATION
from training_platform.assessment.rules.selection import QUESTION_MINUTES
from training_platform.placement.simulation.one_competency import against_catsim
from training_platform.placement.simulation.people import CONTENT, KINDS, Person, World, world_of
from training_platform.placement.simulation.picture import draw
from training_platform.placement.simulation.policies import POLICIES, Tally, run

AT_A_TIME = 10
"""People that one core simulates before it reports."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulation; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m training_platform.placement.simulation", description=__doc__)
    parser.add_argument("--people", type=int, default=300, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--policy", action="append", choices=POLICIES, help="several times; all but skip without")
    parser.add_argument("--kind", action="append", choices=KINDS, help="kinds of people, several times; all without")
    parser.add_argument("--items", type=int, help="a made bank of so many questions instead of the shipped one")
    parser.add_argument(
        "--sharper",
        type=float,
        default=1.0,
        help="questions that discriminate so many times as well, guessed so much less",
    )
    parser.add_argument(
        "--self-rating",
        type=float,
        default=RATING_CORRELATION,
        help="how self-ratings correlate with levels; the estimate expects %(default)s whatever is true",
    )
    parser.add_argument("--catsim", action="store_true", help="compare with catsim on one competency")
    parser.add_argument("--plot", type=Path, help="draw the first kind's hours and all kinds' decisions there (SVG)")
    options = parser.parse_args(arguments)
    world = world_of(CONTENT, options.items, options.seed, options.sharper)
    sharpened = f" {options.sharper:g} times as telling" if options.sharper != 1 else ""
    print(
        f"{len(world.modules)} modules, {len(world.bank)} questions{sharpened}, "
        f"{options.people} people of each kind, "
        f"self-ratings at r = {options.self_rating}, seed {options.seed}"
    )
    policies = options.policy or [policy for policy in POLICIES if policy != "skip"]
    found = {}
    with ProcessPoolExecutor() as pool:
        for kind in options.kind or KINDS:
            found[kind] = _together(pool, world, kind, options.people, options.seed, policies, options.self_rating)
            report(kind, found[kind])
    if options.plot:
        options.plot.write_text(draw(found), encoding="utf-8")
    if options.catsim:
        against_catsim(options.people, options.seed)
    return 0


def _together(
    pool: ProcessPoolExecutor,
    world: World,
    kind: str,
    people: int,
    seed: int,
    policies: Sequence[str],
    rating_correlation: float,
) -> dict[str, Tally]:
    """Simulate on all cores; show how far it is."""
    some = [range(start, min(start + AT_A_TIME, people)) for start in range(0, people, AT_A_TIME)]
    tallies = {policy: Tally() for policy in policies}
    parts = pool.map(
        partial(simulate, world, kind, seed=seed, policies=policies, rating_correlation=rating_correlation), some
    )
    for numbers, part in zip(some, parts, strict=True):
        for policy, tally in part.items():
            tallies[policy].add(tally)
        if sys.stderr.isatty():
            print(f"\r{kind}: {numbers[-1] + 1} of {people}", end="", file=sys.stderr)
    return tallies


def simulate(
    world: World,
    kind: str,
    people: Iterable[int],
    seed: int,
    policies: Sequence[str],
    rating_correlation: float = RATING_CORRELATION,
) -> dict[str, Tally]:
    """Return what each policy did for the same people, each known by a number."""
    tallies = {policy: Tally() for policy in policies}
    for number in people:
        for policy, tally in tallies.items():
            person = Person(world, kind, np.random.default_rng((seed, number)), rating_correlation)
            run(world, policy, person, tally, seed + number)
    return tallies


def report(kind: str, tallies: Mapping[str, Tally]) -> None:
    """Print what a population showed."""
    print(
        f"\n| {kind} | hours | training | needless | in vain | questions | later | safety steps wrongly skipped "
        "| steps missing in the end | hours if told |\n|---|" + "--:|" * 9
    )
    for policy, tally in tallies.items():
        print(
            f"| {policy} | {_hours(tally.minutes)} | {_hours(tally.trained)} | {_hours(tally.needless)} "
            f"| {_hours(tally.in_vain)} | {np.mean(tally.questions):.1f} | {np.mean(tally.late):.1f} "
            f"| {tally.skipped / max(tally.vital, 1):.1%} | {np.mean(tally.left):.1%} | {_hours(tally.told)} |"
        )
    if {"b", "d", "ours"} <= set(tallies):
        _distance(tallies)
    if "ours" in tallies:
        _honesty(tallies["ours"])


def _hours(minutes: Sequence[float]) -> str:
    return f"{np.mean(minutes) / 60:.2f}"


def _distance(tallies: Mapping[str, Tally]) -> None:
    """Print how much of the way from (b) to (d) is closed, with a bootstrap interval, and what is left of it."""
    b, d, ours = (np.array(tallies[policy].minutes) for policy in ("b", "d", "ours"))
    draws = np.random.default_rng(0).integers(0, len(b), (2000, len(b)))
    shares = (b[draws] - ours[draws]).mean(axis=1) / (b[draws] - d[draws]).mean(axis=1)
    low, high = np.quantile(shares, (0.025, 0.975))
    told = [np.mean(tallies[policy].told) for policy in ("b", "d", "ours")]
    print(
        f"\ndistance from (b) to (d) closed: {(b - ours).mean() / (b - d).mean():.0%} (95 % {low:.0%} to {high:.0%}); "
        f"{(told[0] - told[2]) / (told[0] - told[1]):.0%} if wrong skips were told"
    )
    tally = tallies["ours"]
    asking = QUESTION_MINUTES * (np.mean(tally.questions) + np.mean(tally.late))
    print(
        f"what is left of it, in minutes: {(ours - d).mean():.0f}, of which {np.mean(tally.needless):.0f} on modules "
        f"that were known, {asking:.0f} on questions, {np.mean(tally.in_vain):.0f} on modules without their ground"
    )


def _honesty(tally: Tally) -> None:
    errors, truths = np.array(tally.errors), np.array(tally.truths)
    curve = ", ".join(f"{k}: {np.mean(values):.1%}" for k, values in tally.right.items() if values)
    cover = ", ".join(f"{share:.0%}: {np.mean(inside):.1%}" for share, inside in tally.inside.items())
    low, high = truths <= np.quantile(truths, 0.1), truths >= np.quantile(truths, 0.9)
    print(f"right (competency, step) decisions by number of questions: {curve}")
    print(
        f"intervals cover: {cover}; RMSE {np.sqrt(np.mean(errors**2)):.3f}, bias of the lowest tenth "
        f"{errors[low].mean():+.2f}, of the highest {errors[high].mean():+.2f}"
    )
    most = tally.seen.most_common(1)[0][1] / max(len(tally.questions), 1) if tally.seen else 0
    print(
        f"most exposed question: seen by {most:.1%}; {len(tally.seen)} questions seen by somebody; "
        f"choosing takes p95 {np.quantile(tally.choosing, 0.95):.1f} ms, planning "
        f"{np.quantile(tally.planning, 0.95):.1f} ms"
    )


if __name__ == "__main__":
    sys.exit(main())
