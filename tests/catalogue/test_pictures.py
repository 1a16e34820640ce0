"""Pictures: photographs small and bare, drawings by the rules, anything hostile refused with the remedy."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import pytest
from PIL import Image

from tests.factories import NOW, Factory
from tests.packages import make_package
from tests.pages import Reader
from training_platform.catalogue import package, pictures, service

GOOD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" role="img"><title>x</title><rect class="fig-soft" width="9" height="9"/></svg>'
FIGURES = Path(__file__).parents[2] / "content" / "modules"


def photo(width: int = 3000, height: int = 2000, kind: str = "JPEG") -> bytes:
    """Return a photograph with a place and a name in its metadata."""
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "patient Durand"
    Image.effect_noise((width // 20, height // 20), 60).resize((width, height)).convert("RGB").save(
        out, kind, exif=exif
    )
    return out.getvalue()


def test_a_photograph_becomes_small_and_loses_its_metadata() -> None:
    data = base64.b64decode(pictures.photograph(photo()))
    assert len(data) <= pictures.MOST_KEPT
    assert b"Durand" not in data
    with Image.open(io.BytesIO(data)) as kept:
        assert kept.format == "WEBP"
        assert kept.size == (1600, 1067)
        assert not kept.getexif()


def test_a_sideways_photograph_is_put_upright_and_transparency_stays() -> None:
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 20)).save(out, "JPEG", exif=exif)
    assert pictures.size_of(pictures.photograph(out.getvalue())) == (20, 40)
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(base64.b64decode(pictures.photograph(out.getvalue())))) as kept:
        assert kept.mode == "RGBA"


def bomb() -> bytes:
    out = io.BytesIO()
    Image.new("1", (9000, 9000)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"x" * (pictures.MOST_UPLOADED + 1), "pèse 10 Mo"),
        (bomb(), "9000 × 9000 points"),
        (b"<html>not a picture</html>", "n'est pas une image lisible"),
        (photo(60, 40)[:300], "n'est pas une image lisible"),
        (b"", "n'est pas une image lisible"),
    ],
    ids=["heavy", "bomb", "text", "cut", "empty"],
)
def test_what_is_no_picture_is_refused_with_the_remedy(data: bytes, said: str) -> None:
    with pytest.raises(pictures.PictureError) as refused:
        pictures.photograph(data)
    assert said in refused.value.message.fr


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("<script>alert(1)</script>", "« script »"),
        ("<foreignObject><p>x</p></foreignObject>", "« foreignObject »"),
        ('<image href="https://evil.example/x.png"/>', "« image »"),
        ('<rect onclick="alert(1)"/>', "« onclick »"),
        ('<rect style="fill:red"/>', "« style »"),
        ('<rect fill="#f00"/>', "« fill »"),
        ('<rect class="mine"/>', "classe « mine »"),
        ('<path marker-end="url(https://evil.example/#a)"/>', "adresse sort"),
    ],
)
def test_a_hostile_or_unruly_drawing_is_refused(inside: str, said: str) -> None:
    with pytest.raises(pictures.PictureError) as refused:
        pictures.drawing(GOOD.replace("<title>", f"{inside}<title>").encode())
    assert said in refused.value.message.fr


def test_entities_and_broken_xml_are_refused() -> None:
    bomb = (
        b'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + GOOD.replace("x</title>", "&b;</title>").encode()
    )
    for data in (bomb, b"<svg", b"\xff\xfe", b"x" * (pictures.MOST_SVG + 1), b"<html/>"):
        with pytest.raises(pictures.PictureError):
            pictures.drawing(data)


def test_every_shipped_figure_follows_the_rules() -> None:
    files = sorted(FIGURES.rglob("*.svg"))
    assert len(files) > 100
    assert {file.name: faults for file in files if (faults := pictures.drawing_faults(file.read_bytes()))} == {}


def test_a_photograph_travels_in_a_package_and_is_served_to_signed_in_people_only(
    make: Factory, reader: Reader
) -> None:
    kept = pictures.photograph(photo(60, 40))
    document = make_package("M90").model_dump(by_alias=True)
    lesson = document["lessons"][0]["text"]
    lesson["fr"] += "\n![Une salle de garde](../img/salle.webp)\n"
    whole = make_package("M90").model_validate(document | {"images": {"salle.webp": kept, "a.svg": GOOD}})
    assert package.read_zip(package.write_zip(whole)) == whole
    version = service.publish(whole, NOW)
    person = make.person()
    make.save()
    address = f"/modules/essai-m90/pictures/{version.id}/salle.webp"
    assert reader.raw("GET", address).status_code == 302
    reader.sign_in(person)
    answer = reader.raw("GET", address)
    assert (answer.mimetype, answer.data) == ("image/webp", base64.b64decode(kept))
    assert reader.raw("GET", address.replace("salle", "autre")).status_code == 404
    page = reader.get("/modules/essai-m90/lessons/1")
    assert f'src="{address}" alt="Une salle de garde" width="60" height="40"' in page.html


def test_a_package_with_a_false_photograph_is_refused() -> None:
    files = package.to_files(make_package("M90")) | {"img/x.webp": b"MZ not a picture"}
    with pytest.raises(package.PackageError) as refused:
        package.read_files("essai-m90", files)
    assert "WebP" in refused.value.message.fr
