"""The bias lab: who gets a place, recomputed by hand; mending closes the gap and has a price."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.labs.shipped import lab
from training_platform.catalogue.lab_format import BiasLab
from training_platform.labs.kinds.bias import Bias
from training_platform.labs.rules import bias
from training_platform.labs.rules.bias import Member

LAB = lab(BiasLab)
PEOPLE = bias.members(LAB)
member = st.builds(
    Member, group=st.sampled_from(["near", "far"]), conditions=st.integers(0, 12), spending=st.integers(1, 20000)
)


def test_needs_are_alike_in_both_groups_and_spending_is_not() -> None:
    assert bias.members(LAB) == PEOPLE
    near, far = ([p for p in PEOPLE if p.group == group.id] for group in LAB.groups)
    assert (len(near), len(far)) == tuple(group.people for group in LAB.groups)
    needs = [sum(p.conditions for p in group) / len(group) for group in (near, far)]
    assert abs(needs[0] - needs[1]) < 0.4
    per_need = [sum(p.spending for p in group) / sum(p.conditions for p in group) for group in (near, far)]
    assert per_need[1] < 0.8 * per_need[0]


@given(st.lists(member, min_size=2, max_size=40), st.integers(0, 100))
def test_every_place_is_given_once_and_to_the_highest_scores(people: list[Member], weight: int) -> None:
    rank = bias.ranks(people, weight)
    assert sorted(rank) == list(range(len(people)))
    score = bias.scores(people, weight)
    in_order = [score[rank.index(place)] for place in range(len(people))]
    assert in_order == sorted(in_order, reverse=True)


@given(st.integers(0, 20).map(lambda n: 5 * n))
def test_what_a_group_gets_is_what_a_count_by_hand_gives(weight: int) -> None:
    mean_cost = sum(p.spending for p in PEOPLE) / len(PEOPLE)
    mean_need = sum(p.conditions for p in PEOPLE) / len(PEOPLE)
    scored = [
        (-((100 - weight) * p.spending / mean_cost + weight * p.conditions / mean_need), n)
        for n, p in enumerate(PEOPLE)
    ]
    inside = {n for _, n in sorted(scored)[: LAB.places]}
    got = bias.served(LAB, PEOPLE, weight)
    assert sum(group.places for group in got.values()) == LAB.places
    for group in LAB.groups:
        high = {n for n, p in enumerate(PEOPLE) if p.group == group.id and p.conditions >= LAB.high_need}
        assert (got[group.id].high, got[group.id].high_served) == (len(high), len(high & inside))
    spent = sum(PEOPLE[n].spending for n in inside) / sum(p.spending for p in PEOPLE)
    assert bias.covered(LAB, PEOPLE, weight) == round(100 * spent)


def test_cost_alone_forgets_those_far_away_and_need_mends_it_at_a_price() -> None:
    kind = Bias(LAB)
    first = bias.served(LAB, PEOPLE, 0)
    assert bias.least_served(first) == "far"
    assert bias.gap(first) >= 20
    holding = []
    for weight in range(0, 101, 5):
        lost = bias.covered(LAB, PEOPLE, 0) - bias.covered(LAB, PEOPLE, weight)
        findings = kind.judge({"weight": str(weight)}, {"group": "far", "lost": float(lost)})
        assert [finding.right for finding in findings[1:]] == [True, True]
        if findings[0].right:
            holding.append((weight, lost))
    assert holding
    assert holding[0][0] >= 50
    assert all(lost > 0 for _, lost in holding)


def test_wrong_readings_are_told_apart() -> None:
    findings = Bias(LAB).judge({"weight": "0"}, {"group": "near", "lost": 9.0})
    assert [finding.right for finding in findings] == [False, False, False]
    assert "Donnez plus de poids au besoin" in findings[0].said.fr
    assert "0\N{NO-BREAK SPACE}point de moins" in findings[2].said.fr


def test_one_sign_for_each_person_with_a_high_need() -> None:
    picture = Bias(LAB).show({"weight": "40"}).pictures[0]
    signs = [s for s in picture.shapes if dict(s.attributes)["class"] in ("lab-found", "lab-missed")]
    assert len(signs) == sum(p.conditions >= LAB.high_need for p in PEOPLE)
