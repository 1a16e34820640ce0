"""The drift lab: a band of ordinary weeks, a sure sign, nothing shown of what comes after today."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.labs.shipped import lab
from training_platform.catalogue.lab_format import DriftLab
from training_platform.labs.kinds.drift import Drift
from training_platform.labs.rules import drift
from training_platform.labs.rules.drift import CURVES, Week

LAB = lab(DriftLab)
WEEKS = drift.weeks(LAB)


def test_the_method_reads_higher_from_its_first_week_until_it_is_everywhere() -> None:
    assert drift.weeks(LAB) == WEEKS
    factors = [drift.factor_of(LAB, week) for week in range(1, LAB.weeks + 1)]
    assert factors[: LAB.change - 1] == [0] * (LAB.change - 1)
    assert factors == sorted(factors)
    assert factors[LAB.change + LAB.ramp - 2 :] == [LAB.shift] * (LAB.weeks - LAB.change - LAB.ramp + 2)
    before, after = WEEKS[: LAB.change - 1], WEEKS[LAB.change + LAB.ramp - 2 :]
    means = [sum(week.mean for week in part) / len(part) for part in (before, after)]
    assert means[1] / means[0] == pytest.approx(1 + LAB.shift / 100, abs=0.02)


@given(st.lists(st.integers(0, 60), min_size=LAB.weeks, max_size=LAB.weeks))
def test_the_first_sign_is_the_second_week_in_a_row_on_one_side(alerts: list[int]) -> None:
    series = [Week(number=n, mean=0, alerts=count, true=0, missed=0) for n, count in enumerate(alerts, 1)]
    low, high = min(alerts[: LAB.baseline]), max(alerts[: LAB.baseline])
    sides = [(count > high) - (count < low) for count in alerts]
    pairs = [n + 1 for n in range(LAB.baseline + 1, LAB.weeks) if sides[n] and sides[n] == sides[n - 1]]
    assert drift.first_sign(LAB, series, "alerts") == (pairs[0] if pairs else None)


def test_what_goes_in_tells_first_and_single_weeks_tempt_before() -> None:
    signs = {curve: drift.first_sign(LAB, WEEKS, curve) for curve in CURVES}
    week, curve = drift.earliest(LAB, WEEKS)
    assert curve == "input"
    assert LAB.change < week < (signs["alerts"] or 99) < (signs["right"] or 99)
    tempting = [n for c in CURVES for n in range(LAB.baseline + 1, LAB.change) if drift.outside(LAB, WEEKS, c, n)]
    assert len(tempting) >= 2


def test_stopping_is_judged_by_its_week() -> None:
    kind = Drift(LAB)
    week, curve = drift.earliest(LAB, WEEKS)
    answers = {"first": curve, "cause": str(LAB.cause)}
    right = [
        n
        for n in range(LAB.baseline, LAB.weeks + 1)
        if all(finding.right for finding in kind.judge({"week": str(n)}, answers))
    ]
    assert right == list(range(week, week + LAB.patience + 1))
    early = kind.judge({"week": str(LAB.baseline)}, {"first": "right", "cause": "0"})
    assert "aucun signe sûr" in early[0].said.fr
    assert [finding.right for finding in early] == [False, False, False]
    late = kind.judge({"week": str(LAB.weeks)}, answers)[0].said
    extra = drift.excess(LAB, WEEKS, LAB.weeks) - drift.excess(LAB, WEEKS, week)
    assert f"{extra}\N{NO-BREAK SPACE}alertes de trop" in late.fr


def test_nothing_of_the_future_is_shown() -> None:
    kind = Drift(LAB)
    for today in (LAB.baseline, 15, LAB.weeks):
        view = kind.show({"week": str(today)})
        points = [s for s in view.pictures[0].shapes if dict(s.attributes)["class"] in ("lab-in", "lab-out")]
        assert len(points) == 2 * today + today - LAB.delay
        assert len(view.tables[0].rows) == sum(entry.week <= today for entry in LAB.journal)
        assert "pas encore connu" in view.tables[1].rows[-1][3].text.fr
