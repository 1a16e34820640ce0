"""Files handed in: the honest ones are kept, the hostile ones refused with a remedy."""

from __future__ import annotations

import io
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.Image import Exif

from tests.portfolio.files import docx, odt, packed, packed_pdf, pdf, picture
from training_platform.portfolio.files import LARGEST, TEST_VIRUS, TYPES, CleanFile, FileRefusedError, clean
from training_platform.text import Text


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("Fiche réflexe.pdf", pdf(), "pdf"),
        ("photo.PNG", picture(), "png"),
        ("photo.jpeg", picture("JPEG"), "jpg"),
        ("compte rendu.v2.docx", docx(), "docx"),
        ("note.odt", odt(), "odt"),
    ],
)
def test_each_kind_is_known_by_its_content(name: str, content: bytes, kind: str) -> None:
    found = clean(name, content)
    assert found.media_type == TYPES[kind]
    assert found.name.lower() == name.lower()


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.pdf",
        "C:\\temp\\a.pdf",
        "facture.exe.pdf",
        "page.html.pdf",
        "\u202efdp.exe",
        "a\x00.pdf",
        ".pdf",
        "ligne\nnouvelle.pdf",
    ],
)
def test_a_name_that_hides_something_is_refused(name: str) -> None:
    with pytest.raises(FileRefusedError) as refused:
        clean(name, pdf())
    assert "Renommez" in refused.value.reason.fr


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", picture()),
        ("a.png", pdf()),
        ("a.docx", odt()),
        ("a.odt", docx()),
        ("a.zip", packed({"x": b"y"})),
        ("a.docx", packed({"x": b"y"})),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("a", pdf()),
        ("a.pdf", b""),
        ("a.pdf", b"MZ\x90\x00"),
    ],
)
def test_a_content_that_is_not_what_the_name_says_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(FileRefusedError):
        clean(name, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", pdf(b"2 0 obj <</S /JavaScript /JS (app.alert(1))>> endobj")),
        ("a.pdf", pdf(b"2 0 obj <</S /J#61vaScript>> endobj")),
        ("a.pdf", pdf(b"2 0 obj <</S /Launch /F (cmd.exe)>> endobj")),
        ("a.pdf", packed_pdf(b"<</S /JavaScript>>")),
        ("a.pdf", b"%PDF-1.4\n%/ObjStm" + b" " * 500 + packed_pdf(b"<</S /JavaScript>>")),
        ("a.pdf", pdf(TEST_VIRUS)),
        ("a.docx", docx(word__vbaProject_bin=b"macro", **{"word/vbaProject.bin": b"macro"})),
        ("a.docx", docx(**{"word/embeddings/oleObject1.bin": b"ole"})),
        (
            "a.docx",
            docx(**{"word/_rels/settings.xml.rels": b'<R Type="attachedTemplate" TargetMode="External" Target="x"/>'}),
        ),
        ("a.docx", docx(**{"../evil.xml": b"x"})),
        ("a.odt", odt(**{"Basic/Standard/Module1.xml": b"macro"})),
        ("a.odt", odt(**{"content2.xml": TEST_VIRUS})),
    ],
)
def test_what_could_act_is_refused_with_a_remedy(name: str, content: bytes) -> None:
    with pytest.raises(FileRefusedError) as refused:
        clean(name, content)
    assert "PDF" in refused.value.reason.fr


@pytest.mark.parametrize("name", [b"/Encrypt", b"/Encr#79pt"])
def test_a_protected_pdf_is_refused_as_nobody_can_look_into_it(name: bytes) -> None:
    with pytest.raises(FileRefusedError) as refused:
        clean("a.pdf", pdf(b"2 0 obj <<" + name + b" 3 0 R>> endobj"))
    assert "sans mot de passe" in refused.value.reason.fr


def test_bombs_and_huge_files_are_refused() -> None:
    bomb = docx(**{"word/big.xml": b"0" * (61 * 1024 * 1024)})
    assert len(bomb) < 200_000
    for name, content in (
        ("a.docx", bomb),
        ("a.pdf", pdf(b"0" * LARGEST)),
        ("a.pdf", packed_pdf(b"0" * (70 * 1024 * 1024))),
        ("a.png", picture(size=(8000, 6000))),
    ):
        with pytest.raises(FileRefusedError):
            clean(name, content)


def test_a_file_made_to_keep_the_server_busy_is_read_once() -> None:
    """Thousands of packed objects, nested, without end, or each a bomb: time and memory stay those of one reading."""
    bomb = zlib.compress(b"0" * 20_000_000)
    hostile = [
        b"/ObjStm stream\n" * 300_000,
        (b"/ObjStm stream\n" + bomb + b"endstream\n") * 100,
        b"/ObjStm stream\n" * 150_000 + b"endstream\n" + b"/ObjStm" * 300_000,
    ]
    begun = time.monotonic()
    for body in hostile:
        tried("a.pdf", pdf(body))
    assert time.monotonic() - begun < 20
    with pytest.raises(FileRefusedError):
        clean("a.pdf", pdf(hostile[1]))


def test_a_picture_taken_sideways_is_turned_upright() -> None:
    exif = Exif()
    exif[0x0112] = 6
    kept = io.BytesIO()
    Image.new("RGB", (20, 10), "teal").save(kept, format="JPEG", exif=exif)
    with Image.open(io.BytesIO(clean("a.jpg", kept.getvalue()).content)) as image:
        assert image.size == (10, 20)


def test_a_picture_is_redrawn_without_what_was_hidden_in_it() -> None:
    hostile = picture("JPEG", comment="nom du patient") + b"<script>alert(1)</script>"
    kept = clean("a.jpg", hostile).content
    assert b"patient" in hostile
    assert b"patient" not in kept
    assert b"script" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert (image.format, image.size) == ("JPEG", (20, 10))
        assert not image.getexif()
    wide = clean("a.png", picture(size=(4000, 100))).content
    with Image.open(io.BytesIO(wide)) as image:
        assert image.width == 2400


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["a.pdf", "a.png", "a.jpg", "a.docx", "a.odt"]), st.binary(max_size=300), st.integers(0, 400))
def test_damaged_files_are_refused_or_cleaned_and_nothing_else_happens(name: str, noise: bytes, cut: int) -> None:
    whole = {"a.pdf": pdf(), "a.png": picture(), "a.jpg": picture("JPEG"), "a.docx": docx(), "a.odt": odt()}[name]
    for content in (whole[:cut] + noise, whole[:cut] + noise + whole[cut:]):
        assert isinstance(tried(name, content), CleanFile | Text)


def tried(name: str, content: bytes) -> CleanFile | Text:
    """Return the file kept, or the reason why it was not."""
    try:
        return clean(name, content)
    except FileRefusedError as refused:
        return refused.reason
