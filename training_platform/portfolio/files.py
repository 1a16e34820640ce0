"""Files handed in as proof: known by what they contain, images redrawn, anything that could act refused."""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from PIL import Image, ImageOps

from training_platform.archives import DAMAGED
from training_platform.text import Text

LARGEST = 5 * 1024 * 1024
MOST_FILES = 3
MOST_PIXELS = 30_000_000
LONGEST_SIDE = 2400
UNPACKED = 60 * 1024 * 1024
"""Bytes that a compressed document may unpack to; more is a bomb, not a proof."""
MOST_MEMBERS = 2000
TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
}
"""Media type by ending; the only ones taken."""
ACCEPT = ".pdf,.png,.jpg,.jpeg,.docx,.odt"
RUNNABLE = frozenset(
    [
        "exe",
        "com",
        "scr",
        "bat",
        "cmd",
        "ps1",
        "vbs",
        "js",
        "jse",
        "wsf",
        "hta",
        "jar",
        "sh",
        "msi",
        "dll",
        "lnk",
        "html",
        "htm",
        "svg",
        "php",
        "docm",
    ]
)
ACTIVE_IN_PDF = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA)(?![A-Za-z])")
ACTIVE_IN_DOCUMENT = re.compile(r"vbaProject|activeX|embeddings/|^Basic/|^Scripts/|^Object", re.IGNORECASE)
TEST_VIRUS = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
"""What every antivirus is tested with (eicar.org): refusing it shows that the check is alive."""


class FileRefusedError(Exception):
    """The file cannot be taken; ``reason`` says why and what to do."""

    def __init__(self, fr: str, en: str) -> None:
        super().__init__(en)
        self.reason = Text(fr, en)


@dataclass(frozen=True, kw_only=True)
class CleanFile:
    """A file that was checked: a safe name, its true type, the bytes to keep."""

    name: str
    media_type: str
    content: bytes


def clean(name: str, content: bytes) -> CleanFile:
    """Return the file fit to keep, or raise FileRefusedError with the remedy."""
    if len(content) > LARGEST:
        raise FileRefusedError(
            "Ce fichier dépasse 5 Mo. Réduisez-le ou n'en gardez que l'extrait utile.",
            "This file is over 5 MB. Make it smaller or keep only the useful extract.",
        )
    ending = _ending(name)
    kind = _kind(content)
    if kind is None or kind != ending:
        raise FileRefusedError(
            "Le contenu n'est pas celui d'un fichier PDF, PNG, JPEG, Word (docx) ou OpenDocument (odt) de ce nom. "
            "Exportez-le en PDF, puis choisissez-le de nouveau.",
            "The content is not that of a PDF, PNG, JPEG, Word (docx) or OpenDocument (odt) file of this name. "
            "Export it as PDF, then choose it again.",
        )
    if TEST_VIRUS in content:
        raise _active()
    check = {"pdf": _pdf, "png": _image, "jpg": _image, "docx": _document, "odt": _document}[kind]
    return CleanFile(name=_short(name), media_type=TYPES[kind], content=check(content))


def _ending(name: str) -> str:
    """Return the ending of an honest name; refuse one that hides or leads elsewhere."""
    odd = any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Cn") for c in name)
    parts = [part.strip().lower() for part in name.split(".")]
    if odd or "/" in name or "\\" in name or not parts[0] or RUNNABLE & set(parts[1:]):
        raise FileRefusedError(
            "Le nom de ce fichier n'est pas sûr. Renommez-le avec des lettres et des chiffres, par exemple « preuve.pdf ».",
            "The name of this file is not safe. Rename it with letters and digits, for example “proof.pdf”.",
        )
    return "jpg" if parts[-1] == "jpeg" else parts[-1]


def _short(name: str) -> str:
    path = PurePath(name)
    return path.stem[:100] + path.suffix.lower()


def _kind(content: bytes) -> str | None:
    """Return the ending that the first bytes call for, None where they are none of ours."""
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith(b"PK\x03\x04"):
        return _packed_kind(content)
    return None


def _packed_kind(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = set(packed.namelist())
            if {"[Content_Types].xml", "word/document.xml"} <= names:
                return "docx"
            with packed.open("mimetype") as opened:
                return "odt" if opened.read(80).decode("ascii", "replace").strip() == TYPES["odt"] else None
    except DAMAGED:
        return None


def _active() -> FileRefusedError:
    return FileRefusedError(
        "Ce fichier contient un programme, une macro ou un fichier joint. Imprimez-le en PDF, puis choisissez ce PDF.",
        "This file contains a program, a macro or an attached file. Print it to PDF, then choose that PDF.",
    )


def _broken() -> FileRefusedError:
    return FileRefusedError(
        "Ce fichier est abîmé ou protégé. Enregistrez-le de nouveau, sans mot de passe, puis choisissez-le.",
        "This file is damaged or protected. Save it again, without a password, then choose it.",
    )


def _pdf(content: bytes) -> bytes:
    """Look for what acts in a PDF, in its packed objects too; names may be written with escapes (ISO 32000-1, 7.3.5)."""
    if b"%%EOF" not in content[-2048:]:
        raise _broken()
    for text in (content, *_object_streams(content)):
        plain = re.sub(rb"#([0-9A-Fa-f]{2})", lambda escaped: bytes([int(escaped.group(1), 16)]), text)
        if b"/Encrypt" in plain:
            raise _broken()
        if ACTIVE_IN_PDF.search(plain) or TEST_VIRUS in plain:
            raise _active()
    return content


def _object_streams(content: bytes) -> Iterator[bytes]:
    """Yield the packed objects of a PDF, read once from front to back, unpacked to no more than is allowed in all."""
    left, place = UNPACKED, content.find(b"/ObjStm")
    while place >= 0:
        start = content.find(b"stream", place, place + 400)
        if start < 0:
            place = content.find(b"/ObjStm", place + 1)
            continue
        end = content.find(b"endstream", start)
        if end < 0:
            return
        packed = content[start + len(b"stream") : end].lstrip(b"\r\n")
        try:
            text = zlib.decompressobj().decompress(packed, left + 1)
        except zlib.error:
            text = b""
        left -= len(text)
        if left < 0:
            raise _active()
        yield text
        place = content.find(b"/ObjStm", end)


def _image(content: bytes) -> bytes:
    """Draw the picture anew: upright, no larger than needed, without metadata or anything appended."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise _broken()
                kind = opened.format or "PNG"
                drawn = _drawn(opened, "RGB" if kind == "JPEG" else "RGBA")
    except (OSError, SyntaxError, ValueError, Warning, Image.DecompressionBombError) as error:
        raise _broken() from error
    fresh = Image.new(drawn.mode, drawn.size)
    fresh.paste(drawn)
    kept = io.BytesIO()
    fresh.save(kept, format=kind, quality=88)
    return kept.getvalue()


def _drawn(opened: Image.Image, mode: str) -> Image.Image:
    """Return the picture upright and small; made small first, so that a large one does not fill the memory."""
    opened.draft(mode, (LONGEST_SIDE, LONGEST_SIDE))
    small = opened if opened.mode in ("L", "RGB", "RGBA") else opened.convert(mode)
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return ImageOps.exif_transpose(small).convert(mode)


def _document(content: bytes) -> bytes:
    """Look into a Word or OpenDocument file: no macro, no embedded object, no template from elsewhere, no bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            members = packed.infolist()
            if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > UNPACKED:
                raise _broken()
            if any(member.flag_bits & 1 for member in members):
                raise _broken()
            for member in members:
                _member(packed, member)
    except DAMAGED as error:
        raise _broken() from error
    return content


def _member(packed: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    if ACTIVE_IN_DOCUMENT.search(member.filename) or ".." in member.filename or member.filename.startswith("/"):
        raise _active()
    with packed.open(member) as opened:
        text = opened.read(member.file_size + 1)
    elsewhere = member.filename.endswith(".rels") and b"attachedTemplate" in text and b"External" in text
    if elsewhere or TEST_VIRUS in text or b"macroEnabled" in text:
        raise _active()
