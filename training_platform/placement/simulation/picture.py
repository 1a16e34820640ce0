"""The picture of the simulation: hours by policy, and right decisions by number of questions; a small SVG of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from training_platform.assessment.rules.selection import QUESTION_MINUTES
from training_platform.placement.simulation.policies import CURVE, Tally

NAMES = {
    "a": "everybody, everything",
    "b": "self-rating",
    "c": "tests apart",
    "ours": "ours",
    "d": "oracle",
    "skip": "skip, then verify",
}
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1c2733 }
.small { font-size: 11px; fill: #52606d }
.needed { fill: #2f6f8f } .needless { fill: #c9822b } .asked { fill: #7a4fa3 }
.line { fill: none; stroke: #52606d; stroke-width: 1.5 } .first { stroke: #2f6f8f; stroke-width: 3 }
.grid { stroke: #d5dbe1 }
@media (prefers-color-scheme: dark) {
  text { fill: #e8edf2 } .small { fill: #a9b5c0 }
  .needed { fill: #6cb1d3 } .needless { fill: #e2a85c } .asked { fill: #b892dc }
  .line { stroke: #a9b5c0 } .first { stroke: #6cb1d3 } .grid { stroke: #3a4651 }
}
"""
LEFT, WIDE = 160, 430
LOWEST, HIGHEST = 0.55, 0.85


def draw(found: Mapping[str, Mapping[str, Tally]]) -> str:
    """Return the picture: the first kind's hours, and each kind's right decisions."""
    kind, tallies = next(iter(found.items()))
    top = 46 + 30 * len(tallies)
    parts = [*_bars(kind, tallies), *_curves({k: t["ours"] for k, t in found.items() if "ours" in t}, top + 40)]
    size = f'viewBox="0 0 720 {top + 300}" width="720" height="{top + 300}"'
    label = "Hours until all targets are reached by policy, and share of right decisions by number of questions"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{label}">'
        f"<style>{STYLE}</style>{''.join(parts)}</svg>\n"
    )


def _bars(kind: str, tallies: Mapping[str, Tally]) -> list[str]:
    longest = max(np.mean(tally.minutes) for tally in tallies.values())
    parts = [_text(0, 16, f"Hours until all targets are reached ({kind})")]
    for row, (policy, tally) in enumerate(tallies.items()):
        y = 32 + 30 * row
        asked = QUESTION_MINUTES * (np.mean(tally.questions) + np.mean(tally.late))
        wasted = np.mean(tally.needless) + np.mean(tally.in_vain)
        x = float(LEFT)
        parts.append(_text(0, y + 15, NAMES[policy]))
        for minutes, name in ((np.mean(tally.trained) - wasted, "needed"), (wasted, "needless"), (asked, "asked")):
            width = float(minutes / longest * WIDE)
            parts.append(f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="20" class="{name}"/>')
            x += width
        parts.append(_text(x + 8, y + 15, f"{np.mean(tally.minutes) / 60:.1f} h"))
    y = 42 + 30 * len(tallies)
    for n, (name, words) in enumerate(
        (("needed", "training needed"), ("needless", "known already, or without ground"), ("asked", "questions"))
    ):
        x = LEFT + (0, 130, 350)[n]
        parts.append(f'<rect x="{x}" y="{y}" width="12" height="12" class="{name}"/>')
        parts.append(_text(x + 18, y + 10, words, "small"))
    return parts


def _curves(tallies: Mapping[str, Tally], top: int) -> list[str]:
    parts = [_text(0, top + 16, "Right decisions (competency, step) by number of questions")]
    for share in np.arange(LOWEST, HIGHEST + 0.01, 0.1):
        y = _height(float(share), top)
        parts.append(f'<path d="M{LEFT} {y:.1f}h{WIDE}" class="grid"/>')
        parts.append(_text(LEFT - 44, y + 4, f"{share:.0%}", "small"))
    parts += [_text(_across(k) - 6, top + 236, str(k), "small") for k in CURVE]
    ends = []
    for n, (kind, tally) in enumerate(tallies.items()):
        points = [(_across(k), _height(float(np.mean(tally.right[k])), top)) for k in CURVE if tally.right[k]]
        line = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        parts.append(f'<path d="M{line}" class="line{"" if n else " first"}"/>')
        ends.append((points[-1][1], kind))
    parts += [_text(LEFT + WIDE + 8, y + 4, kind, "small") for y, kind in _apart(sorted(ends))]
    return parts


def _apart(ends: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """Move labels down so that none covers another."""
    placed: list[tuple[float, str]] = []
    for y, kind in ends:
        placed.append((max(y, placed[-1][0] + 13) if placed else y, kind))
    return placed


def _across(questions: int) -> float:
    return LEFT + questions / CURVE[-1] * WIDE


def _height(share: float, top: int) -> float:
    return top + 220 - (share - LOWEST) / (HIGHEST - LOWEST) * 180


def _text(x: float, y: float, words: str, style: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}"{f" class={chr(34)}{style}{chr(34)}" if style else ""}>{words}</text>'
