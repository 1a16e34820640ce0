"""Small files of each kind, honest and hostile."""

from __future__ import annotations

import io
import zipfile
import zlib

from PIL import Image
from PIL.Image import Exif

ODT = "application/vnd.oasis.opendocument.text"


def pdf(more: bytes = b"") -> bytes:
    """Return the smallest PDF, with something more in its body."""
    return b"%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\n" + more + b"\ntrailer <</Root 1 0 R>>\n%%EOF\n"


def packed_pdf(hidden: bytes) -> bytes:
    """Return a PDF that hides objects in a packed stream."""
    body = zlib.compress(hidden)
    return pdf(b"2 0 obj <</Type /ObjStm /Filter /FlateDecode>> stream\n" + body + b"\nendstream endobj")


def picture(kind: str = "PNG", size: tuple[int, int] = (20, 10), comment: str = "") -> bytes:
    """Return a picture; with a comment, one whose metadata say so."""
    exif = Exif()
    if comment:
        exif[0x010E] = comment
    kept = io.BytesIO()
    Image.new("RGB", size, "teal").save(kept, format=kind, exif=exif)
    return kept.getvalue()


def packed(members: dict[str, bytes], deflated: bool = True) -> bytes:
    """Return a zip of these members."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED) as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return kept.getvalue()


def docx(**more: bytes) -> bytes:
    """Return a Word document, with members more (``__`` stands for ``/``)."""
    extra = {name.replace("__", "/"): content for name, content in more.items()}
    return packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<document/>", **extra})


def odt(**more: bytes) -> bytes:
    """Return an OpenDocument text, with members more."""
    extra = {name.replace("__", "/"): content for name, content in more.items()}
    return packed({"mimetype": ODT.encode(), "content.xml": b"<content/>", **extra})
