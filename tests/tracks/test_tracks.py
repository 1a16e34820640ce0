"""The tracks as data: their format, what changes between versions, and versions kept for good."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import func, select

from tests.factories import NOW, Factory
from training_platform.db import db
from training_platform.tracks import check, service
from training_platform.tracks.format import Track, TrackFile, read_tracks
from training_platform.tracks.models import TrackVersion
from training_platform.tracks.rules import differences, renewal_parts

CONTENT = Path(__file__).parents[2] / "content"
DOCUMENT: dict[str, Any] = yaml.safe_load((CONTENT / "tracks.yaml").read_text(encoding="utf-8"))
SHIPPED = read_tracks(CONTENT / "tracks.yaml")


def changed(track_id: str, **changes: Any) -> Track:
    """Return a shipped track with some fields of its document replaced."""
    found = next(track for track in DOCUMENT["tracks"] if track["id"] == track_id)
    return Track.model_validate({**deepcopy(found), **changes})


def exam(**changes: Any) -> dict[str, Any]:
    """Return the exam of T6 with some fields replaced."""
    found: dict[str, Any] = next(track for track in DOCUMENT["tracks"] if track["id"] == "T6")["exam"]
    return {**deepcopy(found), **changes}


def test_the_six_shipped_tracks_are_complete() -> None:
    assert sorted(SHIPPED) == ["T1", "T2", "T3", "T4", "T5", "T6"]
    for track in SHIPPED.values():
        assert track.version >= 2
        assert track.modules
        assert track.evidence
        assert any(part.kind == "quiz" for part in track.exam.parts)


@pytest.mark.parametrize(
    "wrong",
    [
        {"exam": exam(blueprint={"DAT": 50})},
        {"exam": exam(parts=exam()["parts"][:2])},
        {"exam": exam(**{"pass": {"overall": 70, "parts": {"nowhere": 50}}})},
        {"exam": exam(parts=[{**exam()["parts"][0], "weight": 100, "items": 0}])},
        {"exam": exam(parts=[{**exam()["parts"][1], "weight": 100, "rubric": []}])},
        {"electives": {"choose": 3, "among": ["M14"]}},
        {"renewal": {"from_months": 6, "parts": [{"part": "nowhere"}]}},
        {"min_levels": {"GOV1": 6}},
        {"surprise": 1},
    ],
)
def test_a_track_that_does_not_add_up_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        changed("T6", **wrong)


def test_two_tracks_of_one_id_are_refused() -> None:
    with pytest.raises(ValidationError):
        TrackFile.model_validate({"tracks": [DOCUMENT["tracks"][0]] * 2})


@pytest.mark.parametrize("track_id", sorted(SHIPPED))
def test_a_track_does_not_differ_from_itself(track_id: str) -> None:
    assert differences(SHIPPED[track_id], SHIPPED[track_id]) == []


def test_each_difference_is_told_with_both_values() -> None:
    newer = changed(
        "T6",
        version=3,
        modules=[code for code in SHIPPED["T6"].modules if code != "M06"] + ["M01"],
        min_levels={**SHIPPED["T6"].min_levels, "GOV1": 3},
        validity_months=24,
        exam=exam(**{"pass": {"overall": 75, "parts": {"executive_case": 60, "board_simulation": 50}}}),
    )
    found = {(c.what, c.subject): (c.before, c.after) for c in differences(SHIPPED["T6"], newer)}
    assert found == {
        ("module", "M06"): (1, None),
        ("module", "M01"): (None, 1),
        ("level", "GOV1"): (4, 3),
        ("validity", ""): (36, 24),
        ("overall", ""): (70, 75),
        ("least", "board_simulation"): (60, 50),
    }
    harder = {c.subject for c in differences(SHIPPED["T6"], newer) if c.harder}
    assert harder == {"M01", ""}


levels = st.dictionaries(st.sampled_from(["GOV1", "GOV2", "DAT1", "EVA1"]), st.integers(1, 5))


@given(levels, levels)
def test_differences_lead_from_one_version_to_the_other(before: dict[str, int], after: dict[str, int]) -> None:
    older, newer = (SHIPPED["T6"].model_copy(update={"min_levels": x}) for x in (before, after))
    rebuilt = dict(before)
    for change in differences(older, newer):
        if change.after is None:
            del rebuilt[change.subject]
        else:
            rebuilt[change.subject] = change.after
    assert rebuilt == after


def test_a_renewal_is_as_short_as_it_says() -> None:
    (quiz,) = renewal_parts(SHIPPED["T1"])
    assert (quiz.items, quiz.minutes) == (10, 10)
    assert [part.id for part in renewal_parts(SHIPPED["T6"])] == ["quiz", "board_simulation"]


def test_a_version_is_stored_once_and_for_good(make: Factory) -> None:
    assert service.store(SHIPPED.values(), NOW).added == tuple(SHIPPED)
    again = service.store(SHIPPED.values(), NOW)
    assert (again.added, again.changed) == ((), ())
    edited = changed("T6", validity_months=12)
    assert service.store([edited], NOW).changed == ("T6",)
    assert service.version(service.version_id(edited, NOW)).validity_months == 36
    assert service.store([changed("T6", version=3)], NOW).added == ("T6",)
    assert db.session.scalar(select(func.count()).select_from(TrackVersion)) == 7


def test_an_unknown_version_is_not_found(make: Factory) -> None:
    with pytest.raises(service.UnknownTrackError):
        service.version(1)
    with pytest.raises(service.UnknownTrackError):
        service.track(CONTENT, "T9")


def test_a_track_that_names_what_does_not_exist_is_told() -> None:
    from training_platform.framework.files import read_framework

    framework = read_framework(CONTENT)
    written = dict.fromkeys([*SHIPPED["T6"].modules, *SHIPPED["T6"].electives.among], True)
    assert check.check_tracks({"T6": SHIPPED["T6"]}, written, framework) == []
    wrong = changed("T6", min_levels={"XYZ9": 2, "GOV1": 2}, **{"for": ["R99"]})
    told = " ".join(str(problem) for problem in check.check_tracks({"T6": wrong}, {**written, "M06": False}, framework))
    for said in ("M06 is not written", "unknown competency: XYZ9", "profile: R99", "asks about EVA"):
        assert said in told
