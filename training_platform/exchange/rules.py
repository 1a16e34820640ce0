"""Which questions a file brings to a module: the one entry for every format; pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from training_platform.catalogue.format import BankQuestion, Step
from training_platform.exchange import conversion, gift, moodle
from training_platform.exchange.questions import NotUnderstood, Reading
from training_platform.organisation.staff_file import decode
from training_platform.text import Text


@dataclass(frozen=True, kw_only=True)
class Brought:
    """One question that was understood, with what it lost on the way."""

    place: str
    question: BankQuestion
    losses: tuple[Text, ...]


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """What a file brings: questions for the bank, and those left out with their reasons."""

    brought: tuple[Brought, ...]
    left_out: tuple[NotUnderstood, ...]


def arrivals(data: bytes, language: str, step: Step, prefix: str, taken: Collection[str]) -> Arrivals:
    """Read a file of questions, Moodle XML or GIFT in any usual encoding; raise UnreadableFileError."""
    reading = _read(data, language)
    questions = conversion.to_bank(reading.understood, step, prefix, taken)
    return Arrivals(
        brought=tuple(
            Brought(place=found.place, question=question, losses=found.losses)
            for found, question in zip(reading.understood, questions, strict=True)
        ),
        left_out=reading.left_out,
    )


def _read(data: bytes, language: str) -> Reading:
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return moodle.read(data, language)
    return gift.read(decode(data), language)
