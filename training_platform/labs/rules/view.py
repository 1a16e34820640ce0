"""What a lab shows at one setting: controls, a summary, figures, pictures, tables, and the questions to conclude."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup, escape

from training_platform.text import Text

Setting = Mapping[str, str]
Given = Mapping[str, float | str]
Tone = Literal["", "good", "warn", "bad", "accent", "soft"]
EMPTY = Text("", "")


@dataclass(frozen=True, kw_only=True)
class Option:
    """One value of a control or an answer."""

    value: str
    label: Text


@dataclass(frozen=True, kw_only=True)
class Control:
    """Something to move. A range has bounds, a choice has options, a mark is on (``1``) or off, a hidden one follows."""

    name: str
    kind: Literal["range", "choice", "mark", "hidden"]
    label: Text = EMPTY
    value: str = ""
    """The value at the start."""
    low: int = 0
    high: int = 100
    step: int = 1
    unit: Text = EMPTY
    options: tuple[Option, ...] = ()
    pattern: str = ""
    """What a hidden value looks like."""
    inside: bool = False
    """True where a table holds the control."""

    def read(self, fields: Mapping[str, str]) -> str:
        """Return the field where it is a value of this control, else the value at the start."""
        given = fields.get(self.name, self.value)
        if self.kind == "range":
            whole = given.isascii() and given.isdecimal() and len(given) < 6
            return given if whole and int(given) in range(self.low, self.high + 1, self.step) else self.value
        if self.kind == "choice":
            return given if given in {option.value for option in self.options} else self.value
        if self.kind == "hidden":
            return given if re.fullmatch(self.pattern, given) else self.value
        return given if given in ("", "1") else self.value


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A number that counts, with what it is and whether it is within what the team wants."""

    label: Text
    value: Text
    tone: Tone = ""
    note: Text = EMPTY


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell of a table: its text, a mark and a tone that say the same thing, a control that may stand in it."""

    text: Text
    tone: Tone = ""
    mark: str = ""
    said: Text = EMPTY
    """What the mark means, for whoever does not see it."""
    was: Text = EMPTY
    """What stood here before it was corrected."""
    number: bool = False
    control: Control | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table: the same content as the picture, or the thing itself to work on."""

    caption: Text
    head: tuple[Text, ...]
    rows: tuple[tuple[Cell, ...], ...]
    folded: bool = False
    style: Literal["", "sheet", "roster", "clauses"] = ""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A shape of a drawing: its element, its attributes, its words."""

    element: Literal["circle", "rect", "path", "line", "text"]
    attributes: tuple[tuple[str, str], ...]
    words: Text = EMPTY

    def drawn(self, words: str = "") -> Markup:
        """Return the element with its words, escaped: a template that loops over hundreds of signs is slow."""
        attributes = "".join(f' {name}="{escape(value)}"' for name, value in self.attributes)
        return Markup(f"<{self.element}{attributes}>{escape(words)}</{self.element}>")


@dataclass(frozen=True, kw_only=True)
class Legend:
    """A sign of the drawing and what it means."""

    shape: Shape
    words: Text


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A drawing that a sentence describes whole; the table beside it says the same."""

    width: int
    height: int
    label: Text
    shapes: tuple[Shape, ...]
    legends: tuple[Legend, ...] = ()
    sticky: bool = False
    """True where it stays in sight while one works down a long table."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A question to conclude: a number with its unit, or one of several answers."""

    name: str
    options: tuple[Option, ...] = ()
    unit: Text = EMPTY


@dataclass(frozen=True, kw_only=True)
class View:
    """A lab at one setting."""

    controls: tuple[Control, ...]
    setting: Setting
    summary: Text
    figures: tuple[Figure, ...]
    pictures: tuple[Picture, ...]
    tables: tuple[Table, ...]
    asks: tuple[Ask, ...]
    action: Text = EMPTY
    """The button of a lab that goes by turns; its name is ``turn``."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What the check of a conclusion says of one point: the setting, or an answer by its name."""

    name: str
    right: bool
    said: Text


def number(text: str, tone: Tone = "") -> Cell:
    """Return a cell with a bare number that reads the same in both languages."""
    return Cell(text=Text(text, text), number=True, tone=tone)
