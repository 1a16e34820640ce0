"""Reading and writing GIFT, Moodle's plain-text format of questions (docs.moodle.org: "GIFT format")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from training_platform.exchange.questions import (
    MOST_CHARACTERS,
    MOST_QUESTIONS,
    PARTIAL,
    ForeignOption,
    ForeignQuestion,
    Kind,
    NotUnderstood,
    Reading,
    UnreadableFileError,
    plain,
)
from training_platform.text import Text

ESCAPED = {"~": "\ue000", "=": "\ue001", "#": "\ue002", "{": "\ue003", "}": "\ue004", ":": "\ue005", "\\": "\ue006"}
"""Private-use characters that stand for escaped ones while a question is taken apart."""
TRUE_FALSE = re.compile(r"^(T|F|TRUE|FALSE)\s*(?:#(.*))?$", re.S | re.I)
ANSWER = re.compile(r"([=~])((?:[^=~])*)", re.S)
WEIGHT = re.compile(r"^%(-?\d+(?:\.\d+)?)%")
FORMAT = re.compile(r"^\s*\[(html|moodle|plain|markdown)\]", re.I)
NUMBER = re.compile(r"^\s*(-?\d+(?:[.,]\d+)?)\s*(?:(:|\.\.)\s*(-?\d+(?:[.,]\d+)?))?\s*$")
TRUTH = ({"fr": "Vrai", "en": "True"}, {"fr": "Faux", "en": "False"})


@dataclass(frozen=True, kw_only=True)
class _Answer:
    mark: str
    right: bool
    weight: float
    text: str
    why: str


def read(text: str, language: str) -> Reading:
    """Read GIFT text in one language; raise UnreadableFileError where it is too long or holds no question."""
    if len(text) > MOST_CHARACTERS:
        raise UnreadableFileError(
            Text("Ce fichier est trop long (2 Mo au plus).", "This file is too long (2 MB at most).")
        )
    read_ones = [_question(place, chunk, language) for place, chunk in _chunks(text)]
    if not read_ones:
        raise UnreadableFileError(
            Text("Aucune question GIFT dans ce fichier.", "There is no GIFT question in this file.")
        )
    if len(read_ones) > MOST_QUESTIONS:
        raise UnreadableFileError(
            Text(
                f"Plus de {MOST_QUESTIONS} questions : découpez le fichier.",
                f"Over {MOST_QUESTIONS} questions: split the file.",
            )
        )
    return Reading(
        understood=tuple(one for one in read_ones if isinstance(one, ForeignQuestion)),
        left_out=tuple(one for one in read_ones if isinstance(one, NotUnderstood)),
    )


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """Yield each question with the line that it begins on: blank lines part them, comments and categories go."""
    lines: list[str] = []
    start = 0
    for number, line in enumerate([*text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), ""], 1):
        if line.lstrip().startswith("//") or line.startswith("$CATEGORY"):
            continue
        if line.strip():
            start = start if lines else number
            lines.append(line)
        elif lines:
            yield start, "\n".join(lines)
            lines = []


def _question(line: int, chunk: str, language: str) -> ForeignQuestion | NotUnderstood:
    hidden = re.sub(r"\\([~=#{}:\\])", lambda found: ESCAPED[found[1]], chunk.strip())
    name, hidden = _name(hidden)
    place = name or f"{Text('ligne', 'line')[language]} {line}"
    before, opening, rest = hidden.partition("{")
    body, closing, after = rest.rpartition("}")
    if not opening or not closing:
        return NotUnderstood(
            place=place,
            reason=Text("Il manque les accolades des réponses.", "The braces around the answers are missing."),
        )
    try:
        return _taken_apart(place, before, body, after, language)
    except _OtherKindError as error:
        return NotUnderstood(place=place, reason=error.reason)


class _OtherKindError(Exception):
    def __init__(self, fr: str, en: str) -> None:
        super().__init__(en)
        self.reason = Text(fr, en)


def _name(hidden: str) -> tuple[str, str]:
    if hidden.startswith("::"):
        name, found, rest = hidden[2:].partition("::")
        if found:
            return _shown(name).strip(), rest
    return "", hidden


def _taken_apart(place: str, before: str, body: str, after: str, language: str) -> ForeignQuestion:
    body, _, general = body.partition("####")
    explanation, _ = plain(_shown(general), language)
    stem = FORMAT.sub("", before)
    # What follows the answers continues the sentence: a gap stands for them.
    tail = "" if not re.search(r"\w", after) else f" _____ {after.strip()}"
    ask, losses = plain(_shown(stem.rstrip() + tail), language)
    if not "".join(ask.values()).strip():
        raise _OtherKindError("La question n'a pas de texte.", "The question has no text.")
    body = body.strip()
    if not body:
        raise _OtherKindError(
            "Question à réponse libre : la banque ne connaît que des réponses qui se corrigent seules.",
            "An essay: the bank knows only answers that mark themselves.",
        )
    made = partial(ForeignQuestion, place=place, ask=ask, explanation=explanation)
    if truth := TRUE_FALSE.match(body):
        return made(kind="single", options=_true_false(truth, language), losses=losses)
    if body.startswith("#"):
        answer, tolerance, shares = _numeric(body[1:])
        more = (PARTIAL,) if shares else ()
        return made(kind="number", answer=answer, tolerance=tolerance, losses=losses + more)
    answers = [_answer(mark, rest) for mark, rest in ANSWER.findall(body)]
    if answers and all("->" in one.text for one in answers):
        pairs = (one.text.split("->", 1) for one in answers)
        sides = tuple((_one(left, language), _one(right, language)) for left, right in pairs)
        kept = tuple((left, right) for left, right in sides if any(left.values()) and any(right.values()))
        if len(kept) < 2:
            raise _OtherKindError("Il faut au moins deux paires.", "At least two pairs are needed.")
        return made(kind="match", pairs=kept, losses=losses)
    kind, options, shares = _choices(answers, language)
    return made(kind=kind, options=options, losses=losses + ((PARTIAL,) if shares else ()))


def _true_false(truth: re.Match[str], language: str) -> tuple[ForeignOption, ...]:
    says_true = truth[1].upper().startswith("T")
    wrong, _, right = (truth[2] or "").partition("#")
    return tuple(
        ForeignOption(
            text=TRUTH[number],
            correct=(number == 0) == says_true,
            why=_one(right if (number == 0) == says_true else wrong, language),
        )
        for number in (0, 1)
    )


def _numeric(body: str) -> tuple[float, float, bool]:
    """Return answer, tolerance, and whether partial marks were lost."""
    body = body.strip()
    answers = [_answer(mark, rest) for mark, rest in ANSWER.findall(body if body[:1] in "=~" else f"={body}")]
    full = [one for one in answers if one.right and one.weight == 100]
    found = NUMBER.match(full[0].text) if full else None
    if found is None:
        raise _OtherKindError("Aucun nombre attendu n'a été trouvé.", "No expected number was found.")
    first = float(found[1].replace(",", "."))
    second = float((found[3] or "0").replace(",", "."))
    partial = len(answers) > 1 and any(one.right and one is not full[0] for one in answers)
    if found[2] == "..":
        return (first + second) / 2, abs(second - first) / 2, partial
    return first, abs(second), partial


def _answer(mark: str, rest: str) -> _Answer:
    rest = rest.strip()
    found = WEIGHT.match(rest)
    weight = float(found[1]) if found else (100.0 if mark == "=" else 0.0)
    text, _, why = (rest[found.end() :] if found else rest).partition("#")
    return _Answer(mark=mark, right=weight > 0, weight=weight, text=text.strip(), why=why.strip())


def _choices(answers: Sequence[_Answer], language: str) -> tuple[Kind, tuple[ForeignOption, ...], bool]:
    if not answers:
        raise _OtherKindError("Les réponses ne se lisent pas.", "The answers cannot be read.")
    if all(one.mark == "=" for one in answers):
        raise _OtherKindError(
            "Réponse courte à écrire : la banque ne corrige pas de texte libre.",
            "A short answer to type: the bank does not mark free text.",
        )
    whole = [one for one in answers if one.weight == 100]
    shares = [one for one in answers if 0 < one.weight < 100]
    right = whole or shares
    kind: Kind = "single" if len(right) == 1 else "multiple"
    if not right or len(answers) < 2:
        raise _OtherKindError("Aucune réponse n'est juste.", "No answer is right.")
    options = tuple(
        ForeignOption(text=_one(one.text, language), correct=one in right, why=_one(one.why, language))
        for one in answers
    )
    return kind, options, bool(whole and shares)


def _one(hidden: str, language: str) -> dict[str, str]:
    said, _ = plain(_shown(FORMAT.sub("", hidden)), language)
    return dict(said)


def _shown(hidden: str) -> str:
    for character, stand_in in ESCAPED.items():
        hidden = hidden.replace(stand_in, character)
    return hidden.replace("\\n", "\n")


def write(questions: Sequence[ForeignQuestion], language: str) -> str:
    """Write questions as GIFT in one language; an order becomes pairs of element and rank."""
    return "\n\n".join(_written(question, language) for question in questions) + "\n"


def _written(question: ForeignQuestion, language: str) -> str:
    def say(said: dict[str, str]) -> str:
        text = said.get(language) or next(iter(said.values()), "")
        return re.sub(r"([~=#{}:\\])", r"\\\1", text).replace("\n", "\\n")

    general = say(dict(question.explanation))
    lines = []
    if question.kind in ("single", "multiple"):
        right = sum(option.correct for option in question.options)
        for option in question.options:
            if question.kind == "single":
                mark = "=" if option.correct else "~"
            else:
                mark = f"~%{100 / right:.5f}%" if option.correct else "~%-100%"
            why = say(dict(option.why))
            lines.append(f"{mark}{say(dict(option.text))}" + (f"#{why}" if why else ""))
    elif question.kind == "match":
        lines = [f"={say(dict(left))} -> {say(dict(right))}" for left, right in question.pairs]
    elif question.kind == "order":
        lines = [f"={say(dict(item))} -> {rank}" for rank, item in enumerate(question.items, 1)]
    else:
        lines = [f"#{question.answer:g}:{question.tolerance:g}"]
    body = "\n".join([*lines, *([f"####{general}"] if general else [])])
    return f"::{re.sub(r'[~=#{}:]', ' ', question.place)}::{say(dict(question.ask))}{{\n{body}\n}}"
