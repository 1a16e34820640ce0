"""Measure the paths, or plan the instances of a file: see README.md in this folder."""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from training_platform.recommendations.quality.instances import answers, random_request
from training_platform.recommendations.quality.learners import WEEKS, Policy, Score, compare, gap_closed, policies
from training_platform.recommendations.quality.population import (
    Learner,
    by_demand,
    people,
    read_framework,
    shipped_modules,
)
from training_platform.recommendations.rules import PlannedModule, Request, plan
from training_platform.recommendations.rules.planner import TIME_LIMIT

CONTENT = Path(__file__).parents[3] / "content"
SIZES = ((60, 200), (200, 200), (1000, 60), (5000, 20))
HORIZON = 12


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m training_platform.recommendations.quality", description=__doc__)
    parser.add_argument("--instances", type=Path, help="JSON lines to plan instead of the measurement")
    parser.add_argument("--out", type=Path, help="where to write (default: standard output)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--people", type=int, default=600)
    parser.add_argument("--time-limit", type=float, default=TIME_LIMIT, help="deterministic time per instance")
    parser.add_argument("--plot", type=Path, help="write the picture of the simulated learners there")
    options = parser.parse_args(arguments)
    if options.instances and not options.instances.is_file():
        parser.error(f"{options.instances}: no such file")
    _warm()
    out = options.out.open("w", encoding="utf-8") if options.out else sys.stdout
    try:
        if options.instances:
            return _answer(options.instances, options.time_limit, out)
        _measure(options.seed, options.people, options.plot, out)
        return 0
    finally:
        if options.out:
            out.close()


def _warm() -> None:
    """Import the solver once, so that the first figure is not the import's."""
    plan(
        Request(levels={}, targets={"A": 1}, minutes=9, modules=(PlannedModule(id="m", minutes=9, steps=(("A", 0),)),))
    )


def _answer(file: Path, time_limit: float, out: IO[str]) -> int:
    failed = False
    with file.open(encoding="utf-8") as lines:
        for number, one in enumerate(answers(lines, time_limit), 1):
            failed |= "error" in one
            print(json.dumps(one, ensure_ascii=False), file=out, flush=True)
            if out is not sys.stdout and number % 100 == 0:
                print(f"{number} planned", file=sys.stderr)
    return 1 if failed else 0


def _measure(seed: int, number: int, plot: Path | None, out: IO[str]) -> None:
    framework = read_framework(CONTENT)
    modules = shipped_modules(CONTENT, planned=True)
    drawn = people(framework, number, random.Random(seed))
    ways = policies(by_demand(framework, modules))
    print(f"{len(modules)} modules, {number} people, seed {seed}\n", file=out)
    sets = {f"the catalogue, {number} people": [_request(learner, modules) for learner in drawn]}
    for size, count in SIZES:
        source = random.Random(seed)
        sets[f"{size} modules, {count} requests"] = [random_request(size, source) for _ in range(count)]
    print("| requests | proven | largest gap | p50 ms | p95 ms |\n|---|--:|--:|--:|--:|", file=out)
    tables: dict[str, dict[str, Score]] = {}
    for name, requests in sets.items():
        print(f"planning: {name}…", file=sys.stderr)
        tables[name] = compare(requests, {k: w for k, w in ways.items() if k != "popularity" or not tables})
        print(_exact_row(name, tables[name]["exact plan"]), file=out, flush=True)
    for name, scores in tables.items():
        print(
            f"\n| {name} | best plan found | mean gain | worst gain | gain an hour |\n|---|--:|--:|--:|--:|", file=out
        )
        for policy, score in scores.items():
            print(_policy_row(policy, score), file=out)
    _learners(drawn, modules, ways, seed, plot, out)


def _request(learner: Learner, modules: tuple[PlannedModule, ...]) -> Request:
    return Request(
        levels=learner.believed, targets=learner.targets, minutes=learner.minutes_per_week * HORIZON, modules=modules
    )


def _exact_row(name: str, score: Score) -> str:
    times = sorted(score.milliseconds)
    p95 = times[min(int(0.95 * len(times)), len(times) - 1)]
    return f"| {name} | {score.proven} of {len(times)} | {max(score.gaps):.1%} | {statistics.median(times):.1f} | {p95:.1f} |"


def _policy_row(policy: str, score: Score) -> str:
    return (
        f"| {policy} | {score.best:.0%} | {statistics.fmean(score.share):.1%} | {min(score.share):.0%} "
        f"| {statistics.fmean(score.per_hour):.2f} |"
    )


def _learners(
    drawn: Sequence[Learner],
    modules: tuple[PlannedModule, ...],
    ways: Mapping[str, Policy],
    seed: int,
    plot: Path | None,
    out: IO[str],
) -> None:
    """Print the share of the true gap closed after 4, 8 and 12 weeks; draw it where asked."""
    learning = [x for x in drawn if any(target > x.truth[c] for c, target in x.targets.items())]
    weeks = " | ".join(f"{week} weeks" for week in WEEKS)
    print(f"\n| {len(learning)} simulated learners, true gap closed | {weeks} |\n|---|--:|--:|--:|", file=out)
    curves = {}
    for name, choose in ways.items():
        print(f"learning: {name}…", file=sys.stderr)
        source = random.Random(seed)
        shares = [gap_closed(learner, modules, choose, source) for learner in learning]
        curves[name] = [statistics.fmean(column) for column in zip(*shares, strict=True)]
        print(f"| {name} | " + " | ".join(f"{share:.1%}" for share in curves[name]) + " |", file=out, flush=True)
    if plot:
        _draw(curves, plot)


def _draw(curves: Mapping[str, Sequence[float]], file: Path) -> None:
    try:
        import matplotlib as mpl
    except ImportError:
        print("No picture: matplotlib is missing (script/setup research).", file=sys.stderr)
        return
    mpl.use("Agg")
    from matplotlib import pyplot

    mpl.rcParams["svg.hashsalt"] = "sillage"
    figure, axes = pyplot.subplots(figsize=(7, 4))
    for (name, shares), style in zip(curves.items(), ("o-", "s-", "^-", "v--", "x--", "d:"), strict=False):
        axes.plot((0, *WEEKS), (0, *(100 * share for share in shares)), style, label=name)
    axes.set(xlabel="weeks", ylabel="true gap closed, %", xticks=(0, *WEEKS))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


if __name__ == "__main__":
    sys.exit(main())
