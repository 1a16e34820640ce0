"""Moodle XML: both languages there and back, Moodle's own files, and hostile ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from training_platform.catalogue import package
from training_platform.exchange import conversion, moodle
from training_platform.exchange.questions import UnreadableFileError

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "moodle-xml"
needs_samples = pytest.mark.skipif(not SAMPLES.exists(), reason="no ../shared/samples here")
MODULES = Path(__file__).parents[2] / "content" / "modules"


def test_every_shipped_question_goes_out_and_comes_back_in_both_languages() -> None:
    for folder in sorted(MODULES.iterdir())[::4]:
        questions = [conversion.to_foreign(q) for q in package.read_folder(folder).questions]
        reading = moodle.read(moodle.write(questions), "fr")
        assert reading.left_out == ()
        for before, after in zip(questions, reading.understood, strict=True):
            assert _flat(after.ask) == _flat(before.ask), before.place
            assert after.kind == before.kind
            assert [(_flat(o.text), o.correct, _flat(o.why)) for o in after.options] == [
                (_flat(o.text), o.correct, _flat(o.why)) for o in before.options
            ]
            assert [tuple(map(_flat, pair)) for pair in after.pairs] == [tuple(map(_flat, p)) for p in before.pairs]
            assert list(map(_flat, after.items)) == list(map(_flat, before.items))
            assert (after.answer, after.tolerance) == (before.answer, before.tolerance)


def _flat(said: object) -> dict[str, str]:
    assert isinstance(said, dict)
    return {language: " ".join(text.split()) for language, text in said.items()}


@needs_samples
def test_moodles_own_files_are_read_with_a_report() -> None:
    heard = moodle.read((SAMPLES / "multichoice.xml").read_bytes(), "en")
    (question,) = heard.understood
    assert question.losses != ()
    assert [o.correct for o in question.options].count(True) == 1
    truth = moodle.read((SAMPLES / "truefalse.xml").read_bytes(), "en")
    assert len(truth.understood) == 2
    broken = moodle.read((SAMPLES / "broken_cloze_questions.xml").read_bytes(), "en")
    assert broken.understood == ()
    assert all("cloze" in one.reason.en for one in broken.left_out)
    assert len(moodle.read((SAMPLES / "nested_categories.xml").read_bytes(), "en").understood) == 1


QUESTION = '<question type="{kind}"><name><text>Q</text></name><questiontext format="html"><text>{text}</text></questiontext>{rest}</question>'


@pytest.mark.parametrize(
    ("kind", "rest", "reason"),
    [
        ("essay", "", "essay"),
        ("coderunner", "", "coderunner"),
        (
            "multichoice",
            "<answer fraction='0'><text>a</text></answer><answer fraction='x'><text>b</text></answer>",
            "No answer",
        ),
        ("truefalse", "<answer fraction='100'><text>true</text></answer>", "missing"),
        ("matching", "<subquestion><text>a</text><answer><text>b</text></answer></subquestion>", "two pairs"),
        ("ordering", "<answer><text>a</text></answer>", "three elements"),
        ("numerical", "<answer fraction='100'><text>many</text></answer>", "No expected number"),
    ],
)
def test_what_the_bank_cannot_hold_is_left_out_with_its_reason(kind: str, rest: str, reason: str) -> None:
    reading = moodle.read(f"<quiz>{QUESTION.format(kind=kind, text='Why?', rest=rest)}</quiz>".encode(), "en")
    assert reading.understood == ()
    assert reason in reading.left_out[0].reason.en


def test_hostile_markup_ends_as_plain_text() -> None:
    text = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;b onclick='x()'&gt;Why&lt;/b&gt; &amp;amp; how?"
    rest = "<answer fraction='100'><text>a</text></answer><answer fraction='0'><text>b</text></answer>"
    (question,) = moodle.read(
        f"<quiz>{QUESTION.format(kind='multichoice', text=text, rest=rest)}</quiz>".encode(), "en"
    ).understood
    assert question.ask == {"en": "Why & how?"}


BOMB = '<!DOCTYPE q [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><quiz>&b;</quiz>'


@pytest.mark.parametrize("data", [b"", b"<quiz>", b"<html></html>", BOMB.encode(), b"\xff\xfe<quiz/>x"])
def test_what_is_no_question_bank_is_refused_whole(data: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        moodle.read(data, "fr")
