"""Pasting: structure comes through as Markdown, dress and tricks do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training_platform.studio.pasting import MOST_HTML, PasteError, markdown_of

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal {color: red}</style></head><body>
<!--StartFragment--><h1>Titre <span style='color:red'>Word</span></h1>
<p class=MsoNormal>Un <b>gras</b> et <i>italique</i><o:p></o:p></p>
<p class=MsoListParagraphCxSpFirst style='mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>·<span>&nbsp;&nbsp;</span></span><![endif]>premier point</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·</span>second</p>
<p class=MsoListParagraph style='mso-list:l1'>1. un pas</p><p class=MsoListParagraph style='mso-list:l1'>2. un autre</p>
<table><tr><td>a</td><td>b</td></tr><tr><td>1</td><td>2</td></tr></table></body></html>"""


def test_a_word_document_keeps_headings_lists_tables_and_emphasis() -> None:
    text = markdown_of(WORD)
    assert text.startswith(
        "## Titre Word\n\nUn **gras** et *italique*\n\n- premier point\n- second\n\n1. un pas\n2. un autre"
    )
    assert "| a | b |\n| --- | --- |\n| 1 | 2 |" in text
    assert "color" not in text
    assert "supportLists" not in text


def test_google_documents_bold_by_style_only_what_is_bold() -> None:
    html = '<b style="font-weight:normal;" id="docs-internal-guid-1"><p><span style="font-weight:400">texte </span><span style="font-weight:700">fort</span><span style="font-style:italic"> penché</span></p></b>'
    assert markdown_of(html) == "texte **fort** *penché*"


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script><p>x</p>",
        '<img src=x onerror="alert(1)"><p>x</p>',
        '<p onclick="alert(1)">x</p>',
        '<iframe src="https://evil.example"></iframe><p>x</p>',
        "<svg onload=alert(1)><p>x</p></svg><p>x</p>",
        "<![<p>x</p>",
        "<style>*{}</style><object data=x></object><p>x</p>",
    ],
)
def test_hostile_html_leaves_only_its_words(html: str) -> None:
    assert markdown_of(html) == "x"


def test_links_to_scripts_lose_their_address() -> None:
    assert (
        markdown_of('<a href="javascript:alert(1)">clic</a> <a href="https://has-sante.fr">HAS</a>')
        == "clic [HAS](https://has-sante.fr)"
    )


def test_a_paste_too_long_is_refused_with_the_remedy() -> None:
    with pytest.raises(PasteError) as refused:
        markdown_of("x" * (MOST_HTML + 1))
    assert "plusieurs fois" in refused.value.message.fr


def test_markup_nested_without_end_is_refused() -> None:
    with pytest.raises(PasteError, match="too many levels"):
        markdown_of("<blockquote>" * 5000 + "x")


@given(st.text(alphabet="<>ab/='\" \n&;!-[]p", max_size=80))
def test_any_text_gives_text_without_tags_that_run(html: str) -> None:
    assert "<script" not in markdown_of(html)
