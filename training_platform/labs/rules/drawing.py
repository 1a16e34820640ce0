"""Shapes of the drawings: signs that differ by form and tone, lines, bars, words."""

from __future__ import annotations

from training_platform.labs.rules.view import Shape
from training_platform.text import Text

WIDTH = 480


def circle(x: float, y: float, r: float, tone: str) -> Shape:
    """Draw a disc."""
    return _shape("circle", tone, cx=x, cy=y, r=r)


def square(x: float, y: float, r: float, tone: str) -> Shape:
    """Draw a square around its centre."""
    return _shape("rect", tone, x=x - r, y=y - r, width=2 * r, height=2 * r)


def diamond(x: float, y: float, r: float, tone: str) -> Shape:
    """Draw a diamond around its centre."""
    return _path(f"M{_n(x)} {_n(y - r)}l{_n(r)} {_n(r)}l{_n(-r)} {_n(r)}l{_n(-r)} {_n(-r)}z", tone)


def cross(x: float, y: float, r: float, tone: str) -> Shape:
    """Draw a cross around its centre."""
    return _path(f"M{_n(x - r)} {_n(y - r)}l{_n(2 * r)} {_n(2 * r)}m0 {_n(-2 * r)}l{_n(-2 * r)} {_n(2 * r)}", tone)


def bar(x: float, y: float, width: float, height: float, tone: str) -> Shape:
    """Draw a bar from its upper left corner."""
    return _shape("rect", tone, x=x, y=y, width=max(width, 0), height=max(height, 0))


def line(x1: float, y1: float, x2: float, y2: float, tone: str) -> Shape:
    """Draw a straight line."""
    return _shape("line", tone, x1=x1, y1=y1, x2=x2, y2=y2)


def curve(points: list[tuple[float, float]], tone: str) -> Shape:
    """Draw a broken line through points."""
    return _path("M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points), tone)


def words(x: float, y: float, text: Text, tone: str = "text", anchor: str = "start") -> Shape:
    """Write words at a point."""
    attributes = (("x", _n(x)), ("y", _n(y)), ("class", f"lab-{tone}"), ("text-anchor", anchor))
    return Shape(element="text", attributes=attributes, words=text)


def _path(d: str, tone: str) -> Shape:
    return Shape(element="path", attributes=(("d", d), ("class", f"lab-{tone}")))


def _shape(element: str, tone: str, **numbers: float) -> Shape:
    attributes = tuple((key, _n(value)) for key, value in numbers.items())
    return Shape(element=element, attributes=(*attributes, ("class", f"lab-{tone}")))  # type: ignore[arg-type]


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
