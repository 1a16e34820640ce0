"""Reading and writing Moodle XML (docs.moodle.org: "Moodle XML format"); both languages travel in multilang spans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from html import escape
from xml.etree.ElementTree import Element, ParseError, SubElement, indent, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from training_platform.exchange.questions import (
    MOST_CHARACTERS,
    MOST_QUESTIONS,
    PARTIAL,
    ForeignOption,
    ForeignQuestion,
    NotUnderstood,
    Reading,
    Said,
    UnreadableFileError,
    plain,
)
from training_platform.text import LANGUAGES, Text

Make = Callable[..., ForeignQuestion]
"""Makes a question whose place, text and explanation are read already."""
KINDS = {
    "essay": Text("question à réponse libre", "essay"),
    "shortanswer": Text("réponse courte à écrire", "short answer to type"),
    "cloze": Text("texte à trous", "cloze"),
    "multianswer": Text("texte à trous", "cloze"),
    "description": Text("texte sans question", "description without a question"),
    "calculated": Text("question calculée", "calculated question"),
    "ddwtos": Text("glisser-déposer", "drag and drop"),
    "gapselect": Text("texte à trous", "gaps to select"),
}


def read(data: bytes, language: str) -> Reading:
    """Read a Moodle XML file; texts that tell no language are in ``language``. Raise UnreadableFileError."""
    if len(data) > 8 * MOST_CHARACTERS:
        raise UnreadableFileError(
            Text("Ce fichier est trop lourd (16 Mo au plus).", "This file is too heavy (16 MB at most).")
        )
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise UnreadableFileError(
            Text(f"Ce n'est pas un fichier XML lisible ({error}).", f"This is no readable XML file ({error}).")
        ) from error
    if root.tag != "quiz":
        raise UnreadableFileError(
            Text(
                "Ce fichier XML n'est pas une banque de questions Moodle (élément « quiz » attendu).",
                "This XML file is no Moodle question bank (element “quiz” expected).",
            )
        )
    asked = [element for element in root.iter("question") if element.get("type") != "category"]
    if len(asked) > MOST_QUESTIONS:
        raise UnreadableFileError(
            Text(
                f"Plus de {MOST_QUESTIONS} questions : découpez le fichier.",
                f"Over {MOST_QUESTIONS} questions: split the file.",
            )
        )
    found = [_question(element, number, language) for number, element in enumerate(asked, 1)]
    return Reading(
        understood=tuple(one for one in found if isinstance(one, ForeignQuestion)),
        left_out=tuple(one for one in found if isinstance(one, NotUnderstood)),
    )


def _question(element: Element, number: int, language: str) -> ForeignQuestion | NotUnderstood:
    place = _text(element.find("name")) or f"{number}"
    kind = element.get("type", "")
    ask, losses = plain(_text(element.find("questiontext")), language)
    explanation, _ = plain(_text(element.find("generalfeedback")), language)
    readers = {
        "multichoice": _multichoice,
        "truefalse": _true_false,
        "matching": _matching,
        "ordering": _ordering,
        "numerical": _numerical,
    }
    if kind not in readers:
        name = KINDS.get(kind, Text(f"type « {kind} »", f"type “{kind}”"))
        return NotUnderstood(
            place=place,
            reason=Text(
                f"La banque ne connaît pas ce type : {name.fr}.", f"The bank does not know this kind: {name.en}."
            ),
        )
    if not any(ask.values()):
        return NotUnderstood(place=place, reason=Text("La question n'a pas de texte.", "The question has no text."))
    made = partial(ForeignQuestion, place=place, ask=ask, explanation=explanation)
    read_one = readers[kind](element, made, language)
    if isinstance(read_one, Text):
        return NotUnderstood(place=place, reason=read_one)
    return replace(read_one, losses=tuple(dict.fromkeys((*losses, *read_one.losses))))


def _text(element: Element | None) -> str:
    """Return the ``text`` child of an element, empty where there is none."""
    return ((element.findtext("text") if element is not None else None) or "").strip()


def _said(element: Element | None, language: str) -> Said:
    return plain(_text(element), language)[0]


def _fraction(answer: Element) -> float:
    try:
        return float(answer.get("fraction", "0"))
    except ValueError:
        return 0.0


def _multichoice(element: Element, made: Make, language: str) -> ForeignQuestion | Text:
    answers = element.findall("answer")
    whole = [a for a in answers if _fraction(a) >= 100]
    right = whole or [a for a in answers if _fraction(a) > 0]
    if not right or len(answers) < 2:
        return Text("Aucune réponse n'est juste.", "No answer is right.")
    options = tuple(
        ForeignOption(
            text=plain((a.findtext("text") or "").strip(), language)[0],
            correct=a in right,
            why=_said(a.find("feedback"), language),
        )
        for a in answers
    )
    single = (element.findtext("single") or "").strip().lower() in ("true", "1", "") and len(right) == 1
    partial = bool(whole) and any(0 < _fraction(a) < 100 for a in answers)
    return made(
        kind="single" if single else "multiple",
        options=options,
        losses=(PARTIAL,) if partial else (),
    )


def _true_false(element: Element, made: Make, language: str) -> ForeignQuestion | Text:
    by_text = {(a.findtext("text") or "").strip().lower(): a for a in element.findall("answer")}
    if set(by_text) != {"true", "false"}:
        return Text("« Vrai » ou « faux » manque.", "“True” or “false” is missing.")
    options = tuple(
        ForeignOption(
            text=text, correct=_fraction(by_text[key]) > 0, why=_said(by_text[key].find("feedback"), language)
        )
        for key, text in (("true", {"fr": "Vrai", "en": "True"}), ("false", {"fr": "Faux", "en": "False"}))
    )
    return made(kind="single", options=options)


def _matching(element: Element, made: Make, language: str) -> ForeignQuestion | Text:
    pairs = [
        (plain((s.findtext("text") or "").strip(), language)[0], _said(s.find("answer"), language))
        for s in element.findall("subquestion")
    ]
    kept = tuple((left, right) for left, right in pairs if any(left.values()) and any(right.values()))
    if len(kept) < 2:
        return Text("Il faut au moins deux paires.", "At least two pairs are needed.")
    extra = (
        ()
        if len(kept) == len(pairs)
        else (Text("Les réponses en trop ont été retirées.", "Answers without a question were taken out."),)
    )
    return made(kind="match", pairs=kept, losses=extra)


def _ordering(element: Element, made: Make, language: str) -> ForeignQuestion | Text:
    items = tuple(plain((a.findtext("text") or "").strip(), language)[0] for a in element.findall("answer"))
    if len(items) < 3:
        return Text("Il faut au moins trois éléments.", "At least three elements are needed.")
    return made(kind="order", items=items)


def _numerical(element: Element, made: Make, language: str) -> ForeignQuestion | Text:
    answers = element.findall("answer")
    whole = [a for a in answers if _fraction(a) >= 100]
    try:
        answer = float((whole[0].findtext("text") or "").replace(",", "."))
        tolerance = float((whole[0].findtext("tolerance") or "0").replace(",", "."))
    except (IndexError, ValueError):
        return Text("Aucun nombre attendu n'a été trouvé.", "No expected number was found.")
    return made(
        kind="number",
        answer=answer,
        tolerance=abs(tolerance),
        losses=(PARTIAL,) if len(answers) > 1 else (),
    )


def write(questions: Sequence[ForeignQuestion]) -> bytes:
    """Write questions as Moodle XML with both languages."""
    root = Element("quiz")
    for question in questions:
        _write_one(root, question)
    indent(root)
    return str(tostring(root, encoding="unicode")).encode()


def _write_one(root: Element, question: ForeignQuestion) -> None:
    types = {
        "single": "multichoice",
        "multiple": "multichoice",
        "match": "matching",
        "order": "ordering",
        "number": "numerical",
    }
    element = SubElement(root, "question", type=types[question.kind])
    SubElement(SubElement(element, "name"), "text").text = question.place
    _write_text(element, "questiontext", question.ask)
    _write_text(element, "generalfeedback", question.explanation)
    SubElement(element, "defaultgrade").text = "1"
    if question.kind in ("single", "multiple"):
        SubElement(element, "single").text = "true" if question.kind == "single" else "false"
        SubElement(element, "shuffleanswers").text = "true"
        right = sum(option.correct for option in question.options)
        for option in question.options:
            wrong = "0" if question.kind == "single" else "-100"
            answer = _write_text(
                element, "answer", option.text, fraction=f"{100 / right:.5f}" if option.correct else wrong
            )
            _write_text(answer, "feedback", option.why)
    for left, right_side in question.pairs:
        sub = _write_text(element, "subquestion", left)
        SubElement(SubElement(sub, "answer"), "text").text = _marked(right_side)
    for rank, item in enumerate(question.items, 1):
        _write_text(element, "answer", item, fraction=f"{rank}")
    if question.kind == "number":
        answer = SubElement(element, "answer", fraction="100")
        SubElement(answer, "text").text = f"{question.answer:g}"
        SubElement(answer, "tolerance").text = f"{question.tolerance:g}"


def _write_text(parent: Element, tag: str, said: Said, **attributes: str) -> Element:
    element = SubElement(parent, tag, {"format": "html", **attributes})
    SubElement(element, "text").text = _marked(said)
    return element


def _marked(said: Said) -> str:
    """Return a text as HTML, each language in its span where both are told."""
    marked = {told: escape(said[told]).replace("\n", "<br>") for told in LANGUAGES if said.get(told)}
    if len(marked) == 1:
        return next(iter(marked.values()))
    return "".join(f'<span lang="{told}" class="multilang">{text}</span>' for told, text in marked.items())
