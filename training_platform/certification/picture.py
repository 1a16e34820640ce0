"""The distance to a certificate as a picture: a line with one stop per group of requirements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from training_platform.certification.rules import Station

TOP, GAP, LEFT, RADIUS = 28, 64, 28, 13
"""In units of the drawing: place of the first stop, space between two, place of the line, size of a stop."""


@dataclass(frozen=True, kw_only=True)
class DrawnStation:
    """A stop where it stands: its height, and the share of the way to the next one that is done."""

    station: Station
    y: int
    share: float
    """Share of the stop that is filled."""


@dataclass(frozen=True, kw_only=True)
class DrawnLine:
    """The whole picture."""

    stations: tuple[DrawnStation, ...]
    height: int
    reached: int
    """How far down the line is drawn as travelled."""

    left: int = LEFT
    radius: int = RADIUS


def line_of(stations: Sequence[Station]) -> DrawnLine:
    """Return the picture of a person's distance; the line is travelled down to the first stop that is not met."""
    drawn = tuple(
        DrawnStation(station=station, y=TOP + GAP * n, share=min(station.met / station.total, 1.0))
        for n, station in enumerate(stations)
    )
    open_ones = [one.y for one in drawn if not one.station.done]
    return DrawnLine(
        stations=drawn,
        height=2 * TOP + GAP * (len(drawn) - 1),
        reached=open_ones[0] if open_ones else drawn[-1].y,
    )
