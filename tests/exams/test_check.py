"""The shipped reserved questions make up the exam of every shipped track, and the check says what is missing."""

from __future__ import annotations

from pathlib import Path

from training_platform.catalogue.package import read_folder
from training_platform.exams.check import check_banks
from training_platform.framework.files import read_framework
from training_platform.tracks.format import read_tracks

CONTENT = Path(__file__).parents[2] / "content"


def test_each_shipped_exam_can_be_made_up_and_what_lacks_is_told() -> None:
    framework, tracks = read_framework(CONTENT), read_tracks(CONTENT / "tracks.yaml")
    packages = [read_folder(folder) for folder in sorted((CONTENT / "modules").iterdir())]
    assert check_banks(tracks, packages, framework) == []
    without = [package for package in packages if package.head.code != "M34"]
    assert str(check_banks({"T1": tracks["T1"]}, without, framework)[0].reason.en) == (
        "T1: 3\xa0reserved questions missing in EVA."
    )
