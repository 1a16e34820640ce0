"""Pictures of a module: drawings checked against the figure rules, photographs made small and rid of all that they carry."""

from __future__ import annotations

import base64
import binascii
import io
import re
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from PIL import Image, ImageOps, UnidentifiedImageError

from training_platform.errors import RefusedError
from training_platform.text import Text

MOST_UPLOADED = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000
WIDEST = 1600
MOST_KEPT = 400 * 1024
"""Bytes of one picture as kept; a lesson read on a ward's phone must not wait for it."""
MOST_SVG = 200 * 1024
TAGS = {
    "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "title", "desc",
    "defs", "marker",
}  # fmt: skip
CLASSES = {
    "fig-line", "fig-accent", "fig-accent-line", "fig-soft", "fig-muted", "fig-good", "fig-bad", "fig-warn", "fig-text",
    "fig-text-small", "fig-text-on",
}  # fmt: skip
ATTRIBUTES = {
    "viewBox", "role", "class", "d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "ry", "width", "height",
    "points", "transform", "text-anchor", "dominant-baseline", "id", "dx", "dy", "markerWidth", "markerHeight", "refX",
    "refY", "orient", "marker-end", "marker-start", "preserveAspectRatio", "stroke-dasharray", "aria-label",
    "aria-labelledby", "font-weight", "stroke-width", "opacity", "rotate",
}  # fmt: skip
HARMLESS = {"version", "{http://www.w3.org/XML/1998/namespace}space", "{http://www.w3.org/XML/1998/namespace}lang"}
"""What drawing programs write and the reader leaves out."""
SVG = "{http://www.w3.org/2000/svg}"


class PictureError(RefusedError):
    """A picture cannot be kept; says why and what to do."""


def is_drawing(name: str) -> bool:
    """Tell whether a picture of this name is a drawing (SVG text) rather than a photograph (WebP in base64)."""
    return name.endswith(".svg")


def photograph(data: bytes) -> str:
    """Return an uploaded picture as WebP in base64, upright, small, without metadata; raise PictureError."""
    if len(data) > MOST_UPLOADED:
        raise _refuse(
            f"Cette image pèse {len(data) / 2**20:.0f} Mo ; 10 Mo au plus sont acceptés. Réduisez-la ou enregistrez-la en JPEG, puis recommencez.",
            f"This picture weighs {len(data) / 2**20:.0f} MB; at most 10 MB are taken. Make it smaller or save it as JPEG, then try again.",
        )
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP", "GIF")) as found:
            if found.width * found.height > MOST_PIXELS:
                raise _refuse(
                    f"Cette image fait {found.width} × {found.height} points : c'est trop. Réduisez-la à 5 000 points de côté au plus.",
                    f"This picture has {found.width} × {found.height} pixels: too many. Make it 5,000 pixels wide at most.",
                )
            upright = ImageOps.exif_transpose(found)
            bare = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except PictureError:
        raise
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _refuse(
            "Ce fichier n'est pas une image lisible. Choisissez un fichier PNG, JPEG, WebP, GIF ou SVG.",
            "This file is not a readable picture. Choose a PNG, JPEG, WebP, GIF or SVG file.",
        ) from error
    return base64.b64encode(_smallest(bare)).decode()


def _smallest(picture: Image.Image) -> bytes:
    """Encode within the limit: first at full width, then coarser, then narrower."""
    for width, quality in ((WIDEST, 82), (WIDEST, 60), (1200, 60), (800, 50), (600, 40)):
        shown = picture.copy()
        shown.thumbnail((width, width))
        out = io.BytesIO()
        shown.save(out, "WEBP", quality=quality, method=4)
        if out.tell() <= MOST_KEPT:
            break
    return out.getvalue()


def webp(data: bytes) -> str:
    """Return a package's WebP file in base64; raise PictureError where it is anything else."""
    try:
        with Image.open(io.BytesIO(data), formats=("WEBP",)) as found:
            size = found.size
            found.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _refuse(
            "Ce fichier n'est pas une image WebP lisible.", "This file is not a readable WebP picture."
        ) from error
    if len(data) > MOST_KEPT or max(size) > WIDEST:
        raise _refuse(
            "Cette image dépasse 400 Ko ou 1 600 points de côté.", "This picture exceeds 400 KB or 1,600 pixels a side."
        )
    return base64.b64encode(data).decode()


def data_of(name: str, kept: str) -> tuple[bytes, str]:
    """Return the bytes of a picture of a package, and their media type."""
    if is_drawing(name):
        return kept.encode(), "image/svg+xml"
    return base64.b64decode(kept), "image/webp"


def size_of(kept: str) -> tuple[int, int]:
    """Return width and height of a photograph, (0, 0) where it cannot be read."""
    try:
        with Image.open(io.BytesIO(base64.b64decode(kept)), formats=("WEBP",)) as found:
            return found.size
    except (UnidentifiedImageError, OSError, ValueError, binascii.Error):
        return 0, 0


def drawing(data: bytes) -> str:
    """Return an uploaded SVG that follows the figure rules; raise PictureError naming what does not."""
    if len(data) > MOST_SVG:
        raise _refuse(
            "Ce dessin dépasse 200 Ko. Simplifiez-le, ou exportez-le en PNG.",
            "This drawing exceeds 200 KB. Simplify it, or export it as PNG.",
        )
    if faults := drawing_faults(data):
        fr, en = " ; ".join(f.fr for f in faults[:4]), "; ".join(f.en for f in faults[:4])
        raise _refuse(
            f"Ce dessin ne suit pas les règles des figures : {fr}. Corrigez-le, ou exportez-le en PNG.",
            f"This drawing does not follow the rules for figures: {en}. Correct it, or export it as PNG.",
        )
    return data.decode("utf-8")


def drawing_faults(data: bytes) -> list[Text]:
    """Return what in an SVG breaks the figure rules of content/README.md, each once."""
    try:
        data.decode("utf-8")
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, UnicodeDecodeError, ValueError):
        return [Text("ce n'est pas un SVG lisible", "it is not a readable SVG")]
    faults = []
    if root.tag != f"{SVG}svg" or not root.get("viewBox"):
        faults.append(Text("la racine doit être « svg » avec « viewBox »", "the root must be “svg” with “viewBox”"))
    if root.get("width") or root.get("height"):
        faults.append(Text("la racine ne porte ni largeur ni hauteur", "the root has neither width nor height"))
    for element in root.iter():
        faults += _element_faults(element)
    return list(dict.fromkeys(faults))


def _element_faults(element: Element) -> list[Text]:
    name = str(element.tag).removeprefix(SVG)
    if name not in TAGS:
        return [Text(f"l'élément « {name} » n'est pas admis", f"the element “{name}” is not allowed")]
    faults = [
        Text(f"l'attribut « {key} » n'est pas admis", f"the attribute “{key}” is not allowed")
        for key, value in element.attrib.items()
        if key not in ATTRIBUTES | HARMLESS and (key, value) not in (("fill", "none"), ("stroke", "none"))
    ]
    faults += [
        Text(f"la classe « {one} » n'existe pas", f"there is no class “{one}”")
        for one in element.get("class", "").split()
        if one not in CLASSES
    ]
    if any(
        re.search(r"javascript:|data:|url\(\s*['\"]?(?!#)", value, re.IGNORECASE) for value in element.attrib.values()
    ):
        faults.append(Text("une adresse sort du dessin", "an address leads out of the drawing"))
    return faults


def _refuse(fr: str, en: str) -> PictureError:
    return PictureError(Text(fr, en))
