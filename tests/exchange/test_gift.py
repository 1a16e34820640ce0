"""GIFT: the format's own examples, each kind there and back, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training_platform.catalogue import package
from training_platform.catalogue.format import BankQuestion, Step
from training_platform.exchange import conversion, gift
from training_platform.exchange.questions import ForeignQuestion, UnreadableFileError
from training_platform.exchange.rules import arrivals
from training_platform.text import LANGUAGES

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "gift"
needs_samples = pytest.mark.skipif(not SAMPLES.exists(), reason="no ../shared/samples here")
STEP = Step(c="ALG2", from_level=1, to=2)
MODULES = Path(__file__).parents[2] / "content" / "modules"


def _one(text: str) -> ForeignQuestion:
    (question,) = gift.read(text, "en").understood
    return question


def test_one_best_answer_with_remarks_and_a_general_one() -> None:
    question = _one("::Night::What first?{\n~Wait#too late\n=Call\\: now#right\n####Minutes count.}")
    assert question.place == "Night"
    assert question.kind == "single"
    assert [(o.text["en"], o.correct, o.why["en"]) for o in question.options] == [
        ("Wait", False, "too late"),
        ("Call: now", True, "right"),
    ]
    assert question.explanation == {"en": "Minutes count."}


def test_true_and_false_become_two_options_with_the_remark_on_the_right_side() -> None:
    question = _one("The sun rises in the east.{T#No, it does.#Yes.}")
    assert [(o.text["fr"], o.correct, o.why["en"]) for o in question.options] == [
        ("Vrai", True, "Yes."),
        ("Faux", False, "No, it does."),
    ]


@pytest.mark.parametrize(
    ("body", "answer", "tolerance"),
    [
        ("#1822:1", 1822, 1),
        ("#3.141..3.143", 3.142, 0.001),
        ("#-2", -2, 0),
        ("#=1822:0 =%50%1822:2", 1822, 0),
        ("#2,5:0,5", 2.5, 0.5),
    ],
)
def test_numbers_with_tolerance_range_and_comma(body: str, answer: float, tolerance: float) -> None:
    question = _one(f"When? {{{body}}}")
    assert question.kind == "number"
    assert question.answer == pytest.approx(answer)
    assert question.tolerance == pytest.approx(tolerance)


def test_partial_marks_and_formatting_are_said_to_be_lost() -> None:
    question = _one("Which?{~%50%half =full ~none}")
    assert question.kind == "single"
    assert [loss.en for loss in question.losses] == ["There are no partial marks here: an answer is right or wrong."]
    marked = _one("[html]Which <b>one</b><img src='a.png'>?{=a ~b}")
    assert marked.ask == {"en": "Which one?"}
    assert len(marked.losses) == 2


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("How are you? {}", "An essay"),
        ("Two plus two {=four =4}", "short answer"),
        ("No braces at all", "braces"),
        ("{=a ~b}", "no text"),
        ("Which? {~a ~b}", "No answer is right"),
        ("Match {=a -> }", "two pairs"),
        ("Number? {#many}", "No expected number"),
    ],
)
def test_what_the_bank_cannot_hold_is_left_out_with_its_reason(text: str, reason: str) -> None:
    reading = gift.read(f"{text}\n\nFine?{{=yes ~no}}", "en")
    assert [one.kind for one in reading.understood] == ["single"]
    (left_out,) = reading.left_out
    assert reason in left_out.reason.en


def test_a_file_without_questions_or_too_long_is_refused_whole() -> None:
    for text in ("", "// only a comment\n\n$CATEGORY: x", "x" * 2_000_001, "Q{=a ~b}\n\n" * 501):
        with pytest.raises(UnreadableFileError):
            gift.read(text, "fr")


@needs_samples
def test_moodles_own_files_are_read_as_far_as_the_bank_goes() -> None:
    reading = gift.read((SAMPLES / "examples.txt").read_text(), "en")
    assert len(reading.understood) >= 20
    assert {question.kind for question in reading.understood} == {"single", "multiple", "match", "number"}
    assert all("short answer" in one.reason.en for one in reading.left_out)
    mixed = gift.read((SAMPLES / "questions.gift.txt").read_text(), "en")
    assert {one.place for one in mixed.left_out} == {"Q8", "Shortanswer"}
    old = arrivals((SAMPLES / "questions_encoding_windows-1252.gift.txt").read_bytes(), "fr", STEP, "x", ())
    assert "\ufffd" not in "".join(str(one) for one in (*old.brought, *old.left_out))


words = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x17F, exclude_characters="<>&\x7f\xa0\xad"), min_size=1, max_size=12
).filter(
    lambda text: (
        "->" not in text
        and "//" not in text
        and not text.startswith(("%", "[", "$"))
        and text.strip() == text
        and "\\n" not in text
    )
)


@given(st.lists(words, min_size=2, max_size=6, unique=True), st.integers(0, 5), words, words)
def test_any_text_survives_the_way_out_and_in(texts: list[str], right: int, ask: str, why: str) -> None:
    question = BankQuestion.model_validate(
        {
            "id": "q1",
            "kind": "single",
            "step": {"c": "ALG2", "from": 1, "to": 2},
            "ask": {"fr": f"Q {ask}", "en": "x"},
            "options": [
                {
                    "id": f"o{n}",
                    "text": {"fr": f"a{text}", "en": "x"},
                    "correct": n == right % len(texts),
                    "why": {"fr": f"b{why}", "en": "x"},
                }
                for n, text in enumerate(texts)
            ],
            "explanation": {"fr": f"c{why}", "en": "x"},
        }
    )
    (back,) = gift.read(gift.write([conversion.to_foreign(question)], "fr"), "fr").understood
    assert back.ask["fr"] == f"Q {ask}"
    assert [(o.text["fr"], o.correct, o.why["fr"]) for o in back.options] == [
        (o.text.fr, o.correct, o.why.fr) for o in question.options
    ]
    assert back.explanation["fr"] == f"c{why}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_question_goes_out_and_comes_back(language: str) -> None:
    count = 0
    for folder in sorted(MODULES.iterdir())[::6]:
        for question in package.read_folder(folder).questions:
            (back,) = gift.read(gift.write([conversion.to_foreign(question)], language), language).understood
            expected = conversion.to_foreign(question)
            assert back.kind == ("match" if question.kind == "order" else question.kind), question.id
            assert _flat(back.ask[language]) == _flat(expected.ask[language]), question.id
            assert [o.correct for o in back.options] == [o.correct for o in expected.options], question.id
            assert (back.answer, back.tolerance) == (expected.answer, expected.tolerance), question.id
            count += 1
    assert count > 150


def _flat(text: str) -> str:
    return " ".join(text.split())
