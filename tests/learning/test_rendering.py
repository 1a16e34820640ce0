"""Lessons to pages: notes with their sources, boxes, figures without anything that acts, typeset French."""

from __future__ import annotations

from pathlib import Path

import pytest

from training_platform.framework.files import read_framework
from training_platform.learning.rendering import ExercisePlace, Prose, RenderedLesson, render
from training_platform.text import NARROW

FACTS = read_framework(Path(__file__).parents[2] / "content").facts
SVG = (
    '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="alert(1)" role="img">'
    '<title>t</title><script>alert(1)</script><circle id="c" r="4" class="fig-accent" style="fill:red"/>'
    '<a href="javascript:alert(1)"><text>mot</text></a></svg>'
)


def lesson(text: str, language: str = "fr", prefix: str = "") -> RenderedLesson:
    return render(
        f"# Titre\n\n{text}",
        images={"x.fr.svg": SVG},
        facts=FACTS,
        language=language,
        link=lambda code: f"/modules/{code}",
        prefix=prefix,
    )


def html(rendered: RenderedLesson) -> str:
    return "".join(block.html for block in rendered.blocks if isinstance(block, Prose))


def test_a_fact_cited_twice_is_one_note_with_two_marks() -> None:
    rendered = lesson("Un[^AIA-01] et deux[^CYB-15] et encore[^AIA-01].", prefix="l2-")
    assert [note.fact.id for note in rendered.notes] == ["AIA-01", "CYB-15"]
    assert 'id="l2-note-1-2" href="#l2-note-1"' in html(rendered)


def test_an_unknown_fact_or_figure_shows_instead_of_vanishing() -> None:
    page = html(lesson("Un[^XXX-01].\n\n![alternative](../img/none.svg)"))
    assert '<mark class="missing-note">XXX-01</mark>' in page
    assert '<mark class="missing-note">none.svg</mark>' in page


def test_a_drawing_keeps_shapes_and_loses_all_that_acts() -> None:
    page = html(lesson('![Un rond & un mot](../img/x.fr.svg "Légende <b>")'))
    for bad in ("script", "onload", "javascript", "style=", "<b>"):
        assert bad not in page
    assert 'aria-label="Un rond &amp; un mot"' in page
    assert 'id="figure-1-c"' in page
    assert "<figcaption>Légende &lt;b&gt;</figcaption>" in page


@pytest.mark.parametrize(
    "attack", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))"]
)
def test_html_in_a_lesson_is_text(attack: str) -> None:
    page = html(lesson(attack))
    assert "<script" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page


def test_boxes_exercises_tables_links_and_headings() -> None:
    rendered = lesson(
        "::: keep\n- un\n- deux\n:::\n\n## Un titre[^AIA-01]\n\n::exercise{tri}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[voir](module:M03)"
    )
    assert rendered.title == "Titre"
    assert [h.text for h in rendered.headings] == ["Un titre"]
    assert [b.exercise_id for b in rendered.blocks if isinstance(b, ExercisePlace)] == ["tri"]
    page = html(rendered)
    assert "À retenir" in page
    assert 'href="/modules/M03"' in page
    assert '<div class="table-scroll" tabindex="0"><table>' in page


def test_french_is_typeset_and_english_is_not() -> None:
    assert f"Qui{NARROW}?" in html(lesson("Qui ?"))
    assert "Who ?" in html(lesson("Who ?", language="en"))


def test_aligned_columns_carry_a_class_and_no_style() -> None:
    table = html(lesson("| a | b | c |\n|---|--:|:-:|\n| 1 | 2 | 3 |\n"))
    assert "style" not in table
    assert table.count('class="number"') == 2


def test_the_empty_corner_of_a_table_is_no_heading() -> None:
    page = html(lesson("|  | Alerte |\n|---|---|\n| Malade | 8 |\n"))
    assert "<td></td>\n<th>Alerte</th>" in page
    assert "<th></th>" not in page
