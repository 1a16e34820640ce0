"""In which order to take the chosen modules: obligations and most gain early, prerequisites and lower steps first.

The aim is the least sum of gain × minute at which it is there (weighted completion time under precedence). Chains by
ratio give a start, moves of single modules improve it; two long modules in a row are parted where the order allows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from training_platform.recommendations.rules.request import PlannedModule, Request, Step, Stop, bundle, weight

LONG = 40
"""Minutes from which a module is a long one."""
MOVES_UP_TO = 60
URGENT = 1000.0
"""An obligation outweighs every gain, the earlier its date the more."""


def order(
    request: Request,
    chosen: Mapping[str, PlannedModule],
    climbed: set[Step],
    duties: Sequence[tuple[str, set[str]]] = (),
) -> list[Stop]:
    """Return the stops in order; ``duties`` are obligations with their modules, the earliest date first."""
    teacher = _teachers(chosen, climbed)
    before = _before(chosen, climbed, teacher)
    worth = dict.fromkeys(chosen, 0.0)
    for step, key in teacher.items():
        worth[key] += weight(request, step)
    for rank, (_, keys) in enumerate(duties):
        for key in keys & set(chosen):
            worth[key] += URGENT / (1 + rank)
    line = _part_long(_improve(_chains(chosen, before, worth), chosen, before, worth), chosen, before)
    return [
        Stop(
            module=chosen[key],
            climbs=tuple(sorted(step for step, by in teacher.items() if by == key)),
            serves=tuple(sorted(k for k, m in chosen.items() if key in m.requires)),
            gain=sum(weight(request, step) for step, by in teacher.items() if by == key),
            obligations=tuple(name for name, keys in duties if key in keys),
        )
        for key in line
    ]


def _teachers(chosen: Mapping[str, PlannedModule], climbed: set[Step]) -> dict[Step, str]:
    """Return the module credited with each climbed step: the one that other chosen modules wait for, then the shortest."""
    waited = {r for m in chosen.values() for r in m.requires}
    return {
        step: min(
            (k for k, m in chosen.items() if step in m.steps), key=lambda k: (k not in waited, chosen[k].minutes, k)
        )
        for step in sorted(climbed)
    }


def _before(
    chosen: Mapping[str, PlannedModule], climbed: set[Step], teacher: Mapping[Step, str]
) -> dict[str, set[str]]:
    """Return, for each module, those that come first: required ones, and the teachers of the step below its own."""
    before = {key: {r for r in m.requires if r in chosen and r != key} for key, m in chosen.items()}
    for (competency, start), key in teacher.items():
        below = teacher.get((competency, start - 1))
        if below is not None and below != key and key not in bundle(chosen, below, set()):
            before[key].add(below)
    return before


def _chains(
    chosen: Mapping[str, PlannedModule], before: Mapping[str, set[str]], worth: Mapping[str, float]
) -> list[str]:
    """Place, again and again, the chain (a module with all that comes before it) of the best worth per minute."""
    line: list[str] = []
    left = set(chosen)
    while left:
        chains = [_chain(key, before, left) for key in sorted(left)]
        best = max(
            chains,
            key=lambda c: (
                sum(worth[k] for k in c) / max(sum(chosen[k].minutes for k in c), 1),
                chosen[c[-1]].closeness,
                c[-1],
            ),
        )
        line += best
        left -= set(best)
    return line


def _chain(key: str, before: Mapping[str, set[str]], left: set[str]) -> list[str]:
    """Return what comes before a module among those left, then the module; a circle is cut where it closes."""
    line: list[str] = []
    seen: set[str] = set()

    def visit(one: str) -> None:
        if one in seen or one not in left:
            return
        seen.add(one)
        for first in sorted(before[one]):
            visit(first)
        line.append(one)

    visit(key)
    return line


def _improve(
    line: list[str], chosen: Mapping[str, PlannedModule], before: Mapping[str, set[str]], worth: Mapping[str, float]
) -> list[str]:
    """Move single modules to earlier places as long as that lowers the sum of worth × completion time."""
    if len(line) > MOVES_UP_TO:
        return line
    better = True
    while better:
        better = False
        for place in range(1, len(line)):
            key, change, best, target = line[place], 0.0, -1e-9, place
            for earlier in range(place - 1, -1, -1):
                other = line[earlier]
                if other in before[key]:
                    break
                change += worth[other] * chosen[key].minutes - worth[key] * chosen[other].minutes
                if change < best:
                    best, target = change, earlier
            if target != place:
                line.insert(target, line.pop(place))
                better = True
    return line


def _part_long(line: list[str], chosen: Mapping[str, PlannedModule], before: Mapping[str, set[str]]) -> list[str]:
    """Between two long modules in a row, bring the next short one that may come there."""
    for place in range(1, len(line)):
        if all(chosen[key].minutes >= LONG for key in line[place - 1 : place + 1]):
            for later in range(place + 1, len(line)):
                short = chosen[line[later]].minutes < LONG
                if short and not before[line[later]] & set(line[place:later]):
                    line.insert(place, line.pop(later))
                    break
    return line
