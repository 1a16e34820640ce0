"""The threshold lab: boxes that add up, figures recomputed the long way, a threshold that holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.labs.shipped import lab
from training_platform.catalogue.lab_format import ThresholdLab
from training_platform.labs.kinds.threshold import Threshold
from training_platform.labs.rules import threshold
from training_platform.labs.rules.threshold import Patient

LAB = lab(ThresholdLab)
PATIENTS = threshold.patients(LAB)
people = st.lists(
    st.builds(Patient, group=st.sampled_from(["a", "b"]), score=st.integers(0, 100), septic=st.booleans())
)


def test_the_seed_gives_the_patients_that_the_content_announces() -> None:
    assert threshold.patients(LAB) == PATIENTS
    for group in LAB.groups:
        own = [p for p in PATIENTS if p.group == group.id]
        assert (len(own), sum(p.septic for p in own)) == (group.patients, group.septic)
        assert all(0 <= p.score <= 100 for p in own)
    assert [p.score for p in PATIENTS[:5]] == [54, 69, 81, 72, 66]


@given(people, st.integers(0, 100), st.integers(0, 100))
def test_a_higher_threshold_never_finds_more_nor_alerts_more(group: list[Patient], one: int, other: int) -> None:
    low, high = (threshold.counts(group, at) for at in sorted((one, other)))
    assert high.found <= low.found
    assert high.alerts <= low.alerts
    assert low.found + low.missed + low.false + low.quiet == len(group)
    assert 0 <= high.sensitivity <= low.sensitivity <= 1
    assert 0 <= low.predictive <= 1


def test_figures_are_those_of_a_count_by_hand() -> None:
    for at in range(10, 92, 2):
        total = threshold.counts(PATIENTS, at)
        flagged = [p for p in PATIENTS if p.score >= at]
        septic = [p for p in PATIENTS if p.septic]
        caught = [p for p in septic if p in flagged]
        assert total.alerts == len(flagged)
        assert total.sensitivity == len(caught) / len(septic)
        assert threshold.burden(LAB, total.alerts) == len(flagged) / (LAB.shifts * LAB.nurses)


def test_some_thresholds_hold_but_neither_the_first_nor_most_and_the_oldest_are_missed() -> None:
    kind = Threshold(LAB)
    holding = []
    for at in range(10, 92, 2):
        groups = threshold.by_group(LAB, PATIENTS, at)
        worst = threshold.most_missed(groups)
        alerts = threshold.burden(LAB, threshold.counts(PATIENTS, at).alerts)
        findings = kind.judge({"threshold": str(at)}, {"alerts": round(alerts, 1), "group": worst})
        assert [finding.right for finding in findings[1:]] == [True, groups[worst].missed > 0]
        if findings[0].right:
            holding.append(at)
            assert worst == "oldest"
    assert kind.read({})["threshold"] not in map(str, holding)
    assert 2 <= len(holding) <= 5


def test_a_wrong_reading_is_said_with_its_arithmetic() -> None:
    findings = Threshold(LAB).judge({"threshold": "30"}, {"alerts": 1.0, "group": "adults"})
    assert [finding.name for finding in findings if not finding.right] == ["setting", "alerts", "group"]
    assert "aucun sepsis n'est manqué" in findings[2].said.fr
    low = Threshold(LAB).judge({"threshold": "60"}, {"alerts": 0.4, "group": "adults"})
    assert [finding.right for finding in low] == [False, True, False]
    assert "÷ (28 postes × 3 infirmières)" in findings[1].said.fr


def test_the_picture_has_one_sign_for_each_patient_inside_its_frame() -> None:
    kind = Threshold(LAB)
    for at in ("10", "50", "90"):
        picture = kind.show({"threshold": at}).pictures[0]
        signs = [s for s in picture.shapes if dict(s.attributes)["class"] in SIGNS]
        assert len(signs) == len(PATIENTS)
        heights = [float(dict(s.attributes)["cy"]) for s in signs if s.element == "circle"]
        assert 0 < min(heights) < max(heights) < picture.height


SIGNS = {"lab-found", "lab-missed", "lab-false", "lab-quiet"}
