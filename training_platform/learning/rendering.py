"""Markdown of a lesson to blocks of a page: prose, exercises, figures, and the notes with their sources."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape
from mdit_py_plugins.container import container_plugin

from training_platform.catalogue.pictures import ATTRIBUTES, TAGS, is_drawing, size_of
from training_platform.framework.rules import Fact
from training_platform.text import Text, typeset

BOXES = {
    "scene": Text("Situation fictive", "Fictional scene"),
    "example": Text("Exemple calculé", "Worked example"),
    "tomorrow": Text("Demain matin", "Tomorrow morning"),
    "keep": Text("À retenir", "To keep"),
}
PLACED = re.compile(r"^::(exercise|lab)\{([\w.-]+)\}\s*$", re.MULTILINE)
NOTE = re.compile(r"\[\^([A-Z]{3}-\d{2,3})\]")


@dataclass(frozen=True, kw_only=True)
class Prose:
    """A run of rendered text."""

    html: Markup
    source: str = ""
    """Its Markdown, where the lesson was rendered paragraph by paragraph."""


@dataclass(frozen=True, kw_only=True)
class ExercisePlace:
    """The place of an exercise in the lesson."""

    exercise_id: str


@dataclass(frozen=True, kw_only=True)
class LabPlace:
    """The place of a lab in the lesson."""

    lab_id: str


@dataclass(frozen=True, kw_only=True)
class Note:
    """A numbered source note of the lesson."""

    number: int
    fact: Fact


Block = Prose | ExercisePlace | LabPlace


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A heading of the lesson, to resume at."""

    anchor: str
    text: str


@dataclass(frozen=True, kw_only=True)
class RenderedLesson:
    """A lesson ready for its page."""

    title: str
    blocks: tuple[Block, ...]
    notes: tuple[Note, ...]
    headings: tuple[Heading, ...]

    @property
    def labs(self) -> list[str]:
        """The labs that the lesson places."""
        return [block.lab_id for block in self.blocks if isinstance(block, LabPlace)]


class _Work:
    """What one rendering gathers on its way."""

    def __init__(
        self,
        images: Mapping[str, str],
        facts: Mapping[str, Fact],
        language: str,
        link: Callable[[str], str],
        picture: Callable[[str], str] | None,
        prefix: str,
    ) -> None:
        self.images, self.facts, self.language, self.link, self.prefix = images, facts, language, link, prefix
        self.picture = picture or self._inside
        self.notes: dict[str, int] = {}
        self.uses: dict[str, int] = {}
        self.headings: list[Heading] = []
        self.title = ""
        self.figures = 0

    def _inside(self, name: str) -> str:
        return f"data:image/webp;base64,{self.images[name]}"


def render(
    markdown: str,
    *,
    images: Mapping[str, str],
    facts: Mapping[str, Fact],
    language: str,
    link: Callable[[str], str] = lambda code: f"#{code}",
    picture: Callable[[str], str] | None = None,
    prefix: str = "",
    by_paragraph: bool = False,
) -> RenderedLesson:
    """Render one lesson; ``link`` gives another module's address, ``picture`` a photograph's (else it stands in the page).

    ``prefix`` keeps ids apart on a shared page. ``by_paragraph`` gives each paragraph, box, list and table as a block of
    its own: the same page, in more pieces.
    """
    work = _Work(images, facts, language, link, picture, prefix)
    blocks: list[Block] = []
    parts = PLACED.split(markdown)
    for prose, kind, placed in zip(parts[::3], [*parts[1::3], ""], [*parts[2::3], ""], strict=True):
        if prose.strip():
            blocks.extend(_paragraphs(prose, work) if by_paragraph else (Prose(html=_prose(prose, work)),))
        if kind:
            blocks.append(LabPlace(lab_id=placed) if kind == "lab" else ExercisePlace(exercise_id=placed))
    notes = tuple(Note(number=n, fact=facts[key]) for key, n in work.notes.items())
    return RenderedLesson(title=work.title, blocks=tuple(blocks), notes=notes, headings=tuple(work.headings))


class Pieces:
    """Renders short texts that share a page, its numbering of notes and its one list of sources."""

    def __init__(self, facts: Mapping[str, Fact], language: str) -> None:
        self._work = _Work({}, facts, language, lambda code: f"#{code}", None, "")

    def html(self, markdown: str) -> Markup:
        """Render one text; its notes go on from those before it."""
        return _prose(markdown, self._work)

    @property
    def notes(self) -> tuple[Note, ...]:
        """Return the notes of all that was rendered so far."""
        return tuple(Note(number=n, fact=self._work.facts[key]) for key, n in self._work.notes.items())


def _prose(markdown: str, work: _Work) -> Markup:
    env: dict[str, object] = {"work": work}
    return Markup(_markdown.renderer.render(_tokens(markdown, work, env), _markdown.options, env))


def _paragraphs(markdown: str, work: _Work) -> Iterator[Prose]:
    env: dict[str, object] = {"work": work}
    lines, run, depth = markdown.split("\n"), list[Token](), 0
    for token in _tokens(markdown, work, env):
        run.append(token)
        depth += token.nesting
        if depth == 0:
            first, last = run[0].map or (0, 0)
            html = Markup(_markdown.renderer.render(run, _markdown.options, env))
            yield Prose(html=html, source="\n".join(lines[first:last]).strip())
            run = []


def _tokens(markdown: str, work: _Work, env: dict[str, object]) -> list[Token]:
    tokens = _markdown.parse(markdown, env)
    for opening, inside, closing in zip(tokens, tokens[1:], tokens[2:], strict=False):
        # The empty corner of a table heads nothing: a screen reader would announce a heading without words.
        if opening.type == "th_open" and not inside.content:
            opening.tag = closing.tag = "td"
    for token in tokens:
        # The strict Content-Security-Policy allows no style attribute: a right-aligned column gets a class.
        if token.attrs.pop("style", "") == "text-align:right":
            token.attrSet("class", "number")
        for child in token.children or ():
            if child.type == "text":
                child.content = typeset(child.content, work.language)
    return tokens


def _note_rule(state: StateInline, silent: bool) -> bool:
    """Parse ``[^AIA-05]``."""
    match = NOTE.match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        token = state.push("note", "", 0)
        token.content = match.group(1)
    state.pos = match.end()
    return True


def _render_note(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    work: _Work = env["work"]
    key = tokens[index].content
    if key not in work.facts:
        return f'<mark class="missing-note">{escape(key)}</mark>'
    number = work.notes.setdefault(key, len(work.notes) + 1)
    use = work.uses[key] = work.uses.get(key, 0) + 1
    label = Text("note", "note")[work.language]
    return f'<sup class="note-mark"><a id="{work.prefix}note-{number}-{use}" href="#{work.prefix}note-{number}" aria-label="{label} {number}">{number}</a></sup>'


def _render_image(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    work: _Work = env["work"]
    token = tokens[index]
    name = str(token.attrs.get("src", "")).rsplit("/", 1)[-1]
    alternative = escape(self.renderInlineAsText(token.children or [], options, env))
    svg = work.images.get(name)
    if svg is None:
        return f'<mark class="missing-note">{escape(name)}</mark>'
    work.figures += 1
    caption = token.attrs.get("title")
    described = f"<figcaption>{escape(str(caption))}</figcaption>" if caption else ""
    if not is_drawing(name):
        width, height = size_of(svg)
        shown = f'<img src="{escape(work.picture(name))}" alt="{alternative}" width="{width}" height="{height}" loading="lazy">'
        return f'<figure class="figure">{shown}{described}</figure>'
    return (
        f'<figure class="figure"><div class="figure-scroll" tabindex="0">'
        f"{_figure(svg, str(alternative), f'{work.prefix}{work.figures}')}</div>{described}</figure>"
    )


def _figure(svg: str, alternative: str, number: str) -> str:
    """Return the drawing with nothing in it but shapes and text, its ids made unique on the page."""
    svg = svg[svg.find("<svg") :] if "<svg" in svg else ""
    clean = nh3.clean(svg, tags=TAGS, attributes=dict.fromkeys(TAGS, ATTRIBUTES), link_rel=None)
    clean = re.sub(r"<title>.*?</title>", "", clean, count=1, flags=re.DOTALL)
    clean = re.sub(r'\b(id="|url\(#)', rf"\g<1>figure-{number}-", clean)
    clean = re.sub(r'\saria-label(ledby)?="[^"]*"|\srole="img"', "", clean)
    return clean.replace("<svg", f'<svg role="img" aria-label="{alternative}"', 1)


def _render_box(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[index]
    if token.nesting == -1:
        return "</div></div>\n"
    kind = token.info.strip()
    label = BOXES[kind][env["work"].language]
    return f'<div class="box box-{kind}" role="note" aria-label="{label}"><p class="box-label">{label}</p><div>\n'


def _heading_open(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    work: _Work = env["work"]
    inline = tokens[index + 1]
    text = NOTE.sub("", self.renderInlineAsText(inline.children or [], options, env)).strip()
    if tokens[index].tag == "h1":
        work.title = text
        inline.children, inline.content = [], ""
        return '<div hidden="hidden">'
    anchor = f"{work.prefix}h-{len(work.headings) + 1}"
    work.headings.append(Heading(anchor=anchor, text=text))
    return f'<{tokens[index].tag} id="{anchor}" tabindex="-1">'


def _heading_close(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    return "</div>\n" if tokens[index].tag == "h1" else f"</{tokens[index].tag}>\n"


def _link_open(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    address = str(tokens[index].attrs.get("href", ""))
    if address.startswith("module:"):
        tokens[index].attrs["href"] = env["work"].link(address.removeprefix("module:"))
    return self.renderToken(tokens, index, options, env)


def _paragraph_open(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    """A figure alone on its line is not inside a paragraph."""
    return "" if _only_image(tokens[index + 1]) else self.renderToken(tokens, index, options, env)


def _paragraph_close(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return "\n" if _only_image(tokens[index - 1]) else self.renderToken(tokens, index, options, env)


def _only_image(inline: Token) -> bool:
    return len(inline.children or []) == 1 and (inline.children or [])[0].type == "image"


def _table(opening: bool) -> Callable[..., str]:
    return lambda *_: '<div class="table-scroll" tabindex="0"><table>\n' if opening else "</table></div>\n"


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable("table")
    parser.inline.ruler.before("link", "note", _note_rule)
    for kind in BOXES:
        container_plugin(parser, kind, render=_render_box)
    rules: dict[str, Callable[..., str]] = {
        "note": _render_note,
        "image": _render_image,
        "heading_open": _heading_open,
        "heading_close": _heading_close,
        "link_open": _link_open,
        "paragraph_open": _paragraph_open,
        "paragraph_close": _paragraph_close,
    }
    for name, rule in rules.items():
        parser.add_render_rule(name, rule)
    parser.add_render_rule("table_open", _table(opening=True))
    parser.add_render_rule("table_close", _table(opening=False))
    return parser


_markdown = _parser()
