"""What comes from a word processor's clipboard, as the Markdown of lessons: structure kept, dress and tricks dropped."""

from __future__ import annotations

import re

import nh3
from bs4 import BeautifulSoup, Tag
from bs4.exceptions import ParserRejectedMarkup
from markdownify import ATX, markdownify

from training_platform.errors import RefusedError
from training_platform.text import Text

MOST_HTML = 1_000_000
TAGS = {
    "p", "div", "br", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "strong", "b", "em", "i", "a", "table",
    "thead", "tbody", "tr", "th", "td", "blockquote", "hr", "span", "sup", "sub",
}  # fmt: skip
BULLET = re.compile(r"^\s*(?:[·•▪◦–§o-]|\uf0b7)\s+")
NUMBERED = re.compile(r"^\s*\(?\d{1,2}[.)]\s+")
BOLD = re.compile(r"font-weight:\s*(?:bold|[6-9]00)")
PLAIN = re.compile(r"font-weight:\s*(?:normal|400)")
ITALIC = re.compile(r"font-style:\s*italic")


class PasteError(RefusedError):
    """What was pasted is too much at once, or too tangled."""


def markdown_of(html: str) -> str:
    """Return the clipboard's HTML as Markdown; raise PasteError where it is too long or too deep."""
    if len(html) > MOST_HTML:
        raise PasteError(
            Text(
                "Ce que vous collez est trop long d'un seul coup. Collez-le en plusieurs fois, leçon par leçon.",
                "What you paste is too long at once. Paste it in several parts, lesson by lesson.",
            )
        )
    try:
        return _markdown(html)
    except RecursionError as error:
        raise PasteError(
            Text(
                "Ce que vous collez a trop de niveaux l'un dans l'autre. Collez-le sans mise en forme (Ctrl+Maj+V).",
                "What you paste has too many levels inside each other. Paste it without formatting (Ctrl+Shift+V).",
            )
        ) from error


def _markdown(html: str) -> str:
    soup = _read(re.sub(r"<!\[.*?\]>|<!--.*?-->", "", html, flags=re.DOTALL))
    for gone in soup.find_all(["style", "script", "title", "head", "xml", "o:p", "img", "svg", "iframe", "object"]):
        gone.decompose()
    _lists(soup)
    _emphasis(soup)
    _structure(soup)
    clean = nh3.clean(
        str(soup), tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}, link_rel=None
    )
    text = str(
        markdownify(clean, heading_style=ATX, bullets="-", strip=["span", "div"], escape_underscores=False)
    ).replace("\N{NO-BREAK SPACE}", " ")
    text = re.sub(r"[ \t]+\n", "\n", text)
    text = re.sub(r"(?m)^(#+ )\*\*(.+)\*\*$", r"\1\2", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _read(html: str) -> BeautifulSoup:
    """Parse HTML as it comes; what the parser refuses outright is read as a browser would mend it."""
    try:
        return BeautifulSoup(html, "html.parser")
    except ParserRejectedMarkup:
        return BeautifulSoup(nh3.clean(html, tags=TAGS), "html.parser")


def _lists(soup: BeautifulSoup) -> None:
    """Word writes lists as paragraphs with a painted bullet: make them lists again."""
    for paragraph in soup.find_all("p"):
        names = str(paragraph.get("class", ""))
        if "MsoListParagraph" not in names and "mso-list" not in str(paragraph.get("style", "")):
            continue
        text = paragraph.get_text(" ", strip=True)
        kind = "ol" if NUMBERED.match(text) else "ul"
        for mark in paragraph.find_all("span", style=re.compile("mso-list: *Ignore")):
            mark.decompose()
        before = paragraph.find_previous_sibling()
        home = before if isinstance(before, Tag) and before.name == kind and before.get("data-made") else None
        if home is None:
            home = soup.new_tag(kind)
            home["data-made"] = "1"
            paragraph.insert_before(home)
        paragraph.name = "li"
        _strip_bullet(paragraph)
        home.append(paragraph.extract())


def _strip_bullet(item: Tag) -> None:
    first = item.find(string=lambda text: bool(text and text.strip()))
    if first is not None:
        first.replace_with(NUMBERED.sub("", BULLET.sub("", str(first)), count=1))


def _emphasis(soup: BeautifulSoup) -> None:
    """Bold and italic that are written as styles become elements; Google's bold that is not bold goes."""
    for element in soup.find_all(["b", "strong"]):
        if PLAIN.search(str(element.get("style", ""))):
            element.unwrap()
    for element in soup.find_all("span"):
        style = str(element.get("style", ""))
        if BOLD.search(style):
            element.name = "strong"
        elif ITALIC.search(style):
            element.name = "em"


def _structure(soup: BeautifulSoup) -> None:
    """The page has its title already; a table without a head has its first row as head."""
    for heading in soup.find_all("h1"):
        heading.name = "h2"
    for table in soup.find_all("table"):
        if not table.find("th"):
            first = table.find("tr")
            for cell in first.find_all("td") if first else ():
                cell.name = "th"
