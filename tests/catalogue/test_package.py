"""Packages on disk: one format for folder and zip, refused whole with file, line and reason."""

from __future__ import annotations

import contextlib
import io
import zipfile
from pathlib import Path

import pytest

from tests.packages import make_package
from training_platform.catalogue.format import ExerciseFile
from training_platform.catalogue.package import (
    MAX_BYTES,
    PackageError,
    fingerprint,
    read_files,
    read_folder,
    read_part,
    read_zip,
    to_files,
    write_folder,
    write_zip,
)


def test_folder_and_zip_give_the_same_package_back(tmp_path: Path) -> None:
    package = make_package()
    write_folder(package, tmp_path)
    assert read_folder(tmp_path / package.slug) == package
    assert read_zip(write_zip(package)) == package
    assert write_zip(package) == write_zip(read_zip(write_zip(package)))


def test_a_fingerprint_tells_every_change_of_a_folder(tmp_path: Path) -> None:
    write_folder(make_package(), tmp_path)
    folder = tmp_path / "essai-m90"
    prints = [fingerprint(folder)]
    (folder / ".DS_Store").write_bytes(b"of no meaning")
    assert fingerprint(folder) == prints[0]
    lesson = folder / "fr" / "01-essai.md"
    lesson.write_text(lesson.read_text() + "\n")
    prints.append(fingerprint(folder))
    lesson.rename(folder / "fr" / "01-autre.md")
    prints.append(fingerprint(folder))
    (folder / "en" / "02-more.md").write_bytes(b"")
    prints.append(fingerprint(folder))
    prints.append(fingerprint(folder.rename(tmp_path / "essai-m91")))
    assert len(set(prints)) == 5


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"not a zip", "not a readable zip"),
        (zipped({}), "empty"),
        (zipped({"m/../../etc/passwd": b"x"}), "leaves the module's folder"),
        (zipped({"/etc/passwd": b"x"}), "leaves the module's folder"),
        (zipped({"m/img/big.svg": b"0" * (MAX_BYTES + 1)}), "too large"),
        (zipped({f"m/img/{n}.svg": b"" for n in range(201)}), "too large"),
        (zipped({"a/module.yaml": b"", "b/module.yaml": b""}), "one folder"),
        (zipped({"module.yaml": b""}), "one folder"),
    ],
)
def test_a_hostile_or_odd_archive_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(PackageError, match=reason):
        read_zip(data)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"questions: " + b"[" * 300_000, "Too many levels"),
        (b"? " * 40, "Too many levels"),
        (b"questions: &all [{id: q}]\nmore: *all\n", "aliases"),
    ],
)
def test_yaml_that_would_stop_the_server_is_refused(text: bytes, reason: str) -> None:
    files = to_files(make_package()) | {"questions.yaml": text}
    with pytest.raises(PackageError, match=reason):
        read_files("essai", files)
    assert reason in read_part("exercises.yaml", text.decode(), ExerciseFile)[1][0].reason.en


def test_a_damaged_archive_is_refused_wherever_it_is_cut_or_changed() -> None:
    whole = write_zip(make_package())
    for place in range(40, len(whole), 97):
        changed = bytearray(whole)
        changed[place] ^= 0x55
        for data in (whole[:place], bytes(changed)):
            with contextlib.suppress(PackageError):
                read_zip(data)


def test_problems_name_file_line_and_reason() -> None:
    files = to_files(make_package())
    files["module.yaml"] = files["module.yaml"].replace(b"minutes: 15", b"minutes: soon")
    files["virus.exe"] = b""
    del files["en/01-trial.md"]
    with pytest.raises(PackageError) as caught:
        read_files("essai", files)
    found = {(p.file, p.line) for p in caught.value.problems}
    line = files["module.yaml"].decode().splitlines().index("minutes: soon") + 1
    assert ("module.yaml", line) in found
    assert ("virus.exe", 1) in found
    assert ("en/01-*.md", 1) in found


def test_unreadable_yaml_and_encoding_are_said_with_their_line() -> None:
    files = to_files(make_package())
    files["questions.yaml"] = b"questions:\n  - {id: [\n"
    files["fr/01-essai.md"] = b"# Titre\n\xe9t\xe9\n"
    with pytest.raises(PackageError) as caught:
        read_files("essai", files)
    assert {p.file for p in caught.value.problems} == {"questions.yaml", "fr/01-essai.md"}
    assert next(p for p in caught.value.problems if p.file.startswith("fr")).line == 2
