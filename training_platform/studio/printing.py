"""A module on paper: its lessons with figures that carry their own colours, since a PDF fetches nothing."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path

from markupsafe import Markup, escape

from training_platform.catalogue.format import ModulePackage
from training_platform.framework.rules import Fact
from training_platform.learning.rendering import Prose, RenderedLesson, render

FIGURE = re.compile(r"<svg\b.*?</svg>", re.S)
ALTERNATIVE = re.compile(r'aria-label="([^"]*)"')
INK = """
.fig-line { fill: none; stroke: #1b2530; stroke-width: 2 } .fig-accent { fill: #0b5f70 }
.fig-accent-line { fill: none; stroke: #0b5f70; stroke-width: 3 } .fig-soft { fill: #dcecef }
.fig-muted { fill: #f1efe9; stroke: #d9d5cb } .fig-good { fill: #1d6b3f } .fig-warn { fill: #855000 } .fig-bad { fill: #a3262a }
.fig-text { fill: #1b2530; font: 16px sans-serif } .fig-text-small { fill: #4d5966; font: 14px sans-serif }
.fig-text-on { fill: #ffffff; font: 16px sans-serif }
"""
"""The classes of figures (content/README.md) in the colours of paper: a picture apart knows no custom property."""
SHEETS = ("tokens", "lesson")


def lessons(package: ModulePackage, facts: Mapping[str, Fact], language: str) -> list[RenderedLesson]:
    """Return the module's lessons as a reader sees them, each figure a picture that stands alone."""
    return [
        _standing_alone(
            render(lesson.text[language], images=package.images, facts=facts, language=language, prefix=f"l{number}-")
        )
        for number, lesson in enumerate(package.lessons, 1)
    ]


def _standing_alone(lesson: RenderedLesson) -> RenderedLesson:
    blocks = tuple(
        Prose(html=Markup(FIGURE.sub(_picture, block.html))) if isinstance(block, Prose) else block
        for block in lesson.blocks
    )
    return RenderedLesson(title=lesson.title, blocks=blocks, notes=lesson.notes, headings=lesson.headings)


def _picture(found: re.Match[str]) -> str:
    figure = found[0]
    alternative = ALTERNATIVE.search(figure)
    opening, closing, rest = figure.partition(">")
    if "xmlns=" not in opening:
        opening += ' xmlns="http://www.w3.org/2000/svg"'
    drawn = f"{opening}{closing}<style>{INK}</style>{rest}"
    data = base64.b64encode(drawn.encode()).decode()
    alt = escape(unescape(alternative[1]) if alternative else "")
    return f'<img src="data:image/svg+xml;base64,{data}" alt="{alt}">'


def styles(root: str) -> Markup:
    """Return the site's own style sheets for lessons, to be carried inside the page."""
    return Markup("\n".join((Path(root) / "static" / "css" / f"{name}.css").read_text("utf-8") for name in SHEETS))
