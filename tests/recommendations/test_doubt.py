"""What a path hangs on: the decisions that questions are about, and what is in vain where one of them is wrong."""

from __future__ import annotations

from dataclasses import replace

from training_platform.assessment.rules.estimate import HELD_WITH, Estimate, result_of
from training_platform.assessment.rules.selection import SURE_FOR_SAFETY
from training_platform.recommendations.rules import PlannedModule, Request, plan
from training_platform.recommendations.rules.doubt import built_on, decisions_of, doubted

BASE = PlannedModule(id="base", minutes=20, steps=(("A", 0), ("B", 0)))
NEXT = PlannedModule(id="next", minutes=40, steps=(("A", 1), ("C", 0)), requires=("base",))
REQUEST = Request(levels={}, targets={"A": 2, "C": 1}, minutes=None, modules=(BASE, NEXT), waives_known=True)


def believed(mean: float, sd: float = 0.4) -> Estimate:
    return result_of(mean, sd**2, 1)


def test_a_module_is_spared_only_where_all_that_others_build_on_is_held() -> None:
    base, following = decisions_of(plan(REQUEST), {("A", 1)})
    assert [(n.competency, n.level) for n in base.needs] == [("A", 1), ("B", 1)]
    assert [n.sure for n in following.needs] == [SURE_FOR_SAFETY, HELD_WITH]


def test_what_builds_on_a_level_is_in_vain_without_it() -> None:
    found = plan(REQUEST)
    assert built_on(found) == {("A", 0): 10, ("B", 0): 10, ("A", 1): 20, ("C", 0): 20}
    base, following = decisions_of(found, frozenset())
    assert {n.competency: n.lost for n in base.needs} == {"A": 20, "B": 0}
    assert {n.lost for n in following.needs} == {0}


def test_what_is_chosen_or_due_is_no_decision_but_still_builds_on_others() -> None:
    (base,) = decisions_of(plan(REQUEST), frozenset(), {"next"})
    assert base.module == "base"
    assert max(n.lost for n in base.needs) == 20


def test_a_belief_that_is_not_beyond_doubt_is_asked_about_again() -> None:
    """Held at 0.89: the path does without the first module, a question may still bring it back."""
    estimates = {"A": believed(1.0), "B": believed(1.0), "C": believed(0.0)}
    held = replace(REQUEST, levels={"A": 1, "B": 1})
    assert plan(held).ids == ("next",)
    assert set(plan(doubted(held, estimates)).ids) == {"base", "next"}


def test_what_is_sure_or_was_completed_is_not_asked_about() -> None:
    estimates = {"A": believed(1.0), "B": believed(1.0), "C": believed(0.0)}
    held = replace(REQUEST, levels={"A": 1, "B": 1})
    sure = {**estimates, "A": believed(2.0), "B": believed(2.0)}
    assert doubted(held, sure).levels == held.levels
    completed = replace(held, completed=frozenset({"base"}))
    assert doubted(completed, estimates).levels == held.levels
