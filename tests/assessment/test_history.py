"""The history of an estimate: it adds up to the estimate, and joins what belongs together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training_platform.assessment.rules import Item, Observation, estimate, state_of
from training_platform.assessment.rules.history import history

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NAMES = ["DAT1", "DAT2", "ALG1"]
ITEM = Item(difficulty=1.5, discrimination=1.8, guessing=0.25)


def seen(kind: str, days: float, level: float = 2.0, competency: str = "DAT1", correct: bool = True) -> Observation:
    return Observation(
        competency=competency,
        kind=kind,
        at=NOW - timedelta(days=days),
        level=level,
        item=ITEM if kind == "answer" else None,
        correct=correct,
    )


observations = st.lists(
    st.builds(
        seen,
        st.sampled_from(["self_rating", "answer", "completion", "workplace_proof", "validation"]),
        st.floats(0, 900),
        st.floats(0, 5),
        st.sampled_from(NAMES),
        st.booleans(),
    ),
    max_size=12,
)


@given(observations, st.sampled_from(NAMES))
def test_the_last_moment_is_the_estimate(evidence: list[Observation], competency: str) -> None:
    last = history(competency, NAMES, evidence, NOW)[-1]
    now = estimate(NAMES, evidence, NOW)[competency]
    assert last.mean == pytest.approx(now.mean)
    assert last.sd == pytest.approx(now.sd)
    assert (last.low, last.high) == pytest.approx((now.low, now.high))


def test_each_moment_is_the_estimate_of_the_evidence_up_to_it() -> None:
    evidence = [seen("self_rating", 90, 1), seen("answer", 60), seen("completion", 30), seen("validation", 1, 3)]
    moments = history("DAT1", NAMES, evidence, NOW)
    assert [m.kind for m in moments] == ["start", "self_rating", "answer", "completion", "validation"]
    for n, moment in enumerate(moments):
        assert moment.mean == pytest.approx(float(state_of(NAMES, evidence[:n], NOW).mean[0]))


def test_answers_of_one_day_are_one_moment_those_of_the_next_another() -> None:
    evidence = [seen("answer", 5, correct=n != 1) for n in range(3)] + [seen("answer", 3)]
    moments = history("DAT1", NAMES, evidence, NOW)
    assert [(m.kind, m.count, m.right) for m in moments[1:]] == [("answer", 3, 2), ("answer", 1, 1)]
    assert moments[1].level == pytest.approx(2.0)


def test_what_comes_between_the_answers_of_one_day_is_not_told_apart() -> None:
    evidence = [seen("answer", 5, competency=name) for name in ("DAT2", "DAT1", "ALG1", "DAT1", "DAT2")]
    moments = history("DAT1", NAMES, evidence, NOW)
    assert [(m.kind, m.count, m.right) for m in moments] == [("start", 1, 0), ("answer", 2, 2)]
    assert moments[-1].mean == pytest.approx(estimate(NAMES, evidence, NOW)["DAT1"].mean)


def test_other_competencies_are_told_where_they_move_this_one() -> None:
    strong = [seen("validation", 4, 5, "DAT2"), seen("validation", 3, 5, "ALG1"), seen("completion", 2)]
    kinds = [m.kind for m in history("DAT1", NAMES, strong, NOW)]
    assert kinds == ["start", "others", "completion"]
    slight = [seen("validation", 4, 0.7, "ALG1"), seen("completion", 2)]
    assert [m.kind for m in history("DAT1", NAMES, slight, NOW)] == ["start", "completion"]


def test_nothing_known_is_one_moment() -> None:
    assert [m.kind for m in history("DAT1", NAMES, [], NOW)] == ["start"]
