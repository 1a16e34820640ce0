"""Playing a case: state, branches, conditions, faults, score; and the shipped cases, every way through them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.cases.sample import sample, sample_case
from tests.conftest import ROOT
from training_platform.cases import drawing, rules
from training_platform.cases.format import Case
from training_platform.cases.package import read_cases
from training_platform.cases.rules import Taken

SHIPPED = read_cases(ROOT / "content")
CASE = sample_case()


def played(**choices: str) -> rules.Play:
    return rules.play(
        CASE, {decision: Taken(choice=choice, reason="parce que") for decision, choice in choices.items()}
    )


def test_nothing_decided_is_the_start() -> None:
    play = played()
    assert play.open is not None
    assert play.open.id == "d1"
    assert play.state == {"trust": 50, "weeks": 0}
    assert (play.score, play.max, play.faults, play.reasons) == (0, 0, (), {})


def test_the_sound_way_scores_everything() -> None:
    play = played(d1="a", d2="b", d4="b")
    assert play.finished
    assert (play.score, play.max) == (9, 9)
    assert play.state["trust"] == 60
    assert play.reasons == {"d2": "parce que"}


def test_consequences_carry_over() -> None:
    play = played(d1="b", d2="b")
    assert play.state["trust"] == 0, "a state stays within its bounds"
    assert play.open is not None
    assert play.open.id == "d3", "the detour leads elsewhere after the unsafe choice"
    assert [text.fr for text in play.steps[1].scene] == ["scène d2", "un ajout"]
    assert [document.id for document in rules.documents(play)] == ["count", "letter"]
    assert [document.id for document in rules.documents(played(d1="a"))] == ["count"]
    late = played(d1="c", d3="b", d4="b")
    assert late.state["weeks"] == 10
    assert [text.fr for text in late.steps[-1].consequence] == ["suite b", "trop tard"]


def test_a_choice_may_be_open_only_on_some_ways() -> None:
    assert [choice.id for choice in rules.offered(played(d1="a"))] == ["a", "b", "c"]
    assert [choice.id for choice in rules.offered(played(d1="b"))] == ["a", "b"]
    assert rules.offered(played(d1="a", d2="b", d4="b")) == ()


def test_an_answer_that_is_not_offered_stops_the_play_there() -> None:
    assert len(played(d1="b", d2="c").steps) == 1
    assert len(played(d1="z", d2="a").steps) == 0
    assert len(played(d2="a").steps) == 0


def test_eliminatory_faults_are_named() -> None:
    assert played(d1="b", d2="b", d3="a").faults == (("d1", "no_exit"), ("d3", "no_oversight"))


def test_choices_and_reasons_count_half_each() -> None:
    play = played(d1="c", d3="b", d4="b")
    assert rules.total(play, {}).reasons == 0
    whole = played(d1="a", d2="b", d4="b")
    assert rules.total(whole, {}).percent == 50
    assert rules.total(whole, {"d2": {"x", "y", "z"}}).percent == 100
    assert rules.total(whole, {"d2": {"x", "foreign"}, "d9": {"x"}}).percent == 67
    assert rules.total(played(), {}).percent == 0


def test_words_and_tone_follow_the_value() -> None:
    state = CASE.state[0]
    assert rules.band(state, 44)[0].fr == "basse"
    assert rules.band(state, 45)[1] == "good"


def test_figures_are_recomputed_and_written_in_each_language() -> None:
    figure = rules.figures(CASE)["share"]
    assert figure.calculation.fr == "12 / (12 + 48)"
    assert figure.result.en == "20%"
    assert rules.filled("Soit {share}.", rules.figures(CASE), "fr") == "Soit 20\N{NO-BREAK SPACE}%."
    assert rules.written(4200, "fr") == "4\N{NARROW NO-BREAK SPACE}200"
    assert rules.written(4200.5, "en") == "4,200.5"


def test_a_figure_is_shown_only_with_the_document_that_it_rests_on() -> None:
    assert set(rules.shown(played(d1="a"))) == {"share"}
    document = sample()
    document["documents"][0]["if"] = {"chose": ["d1.a"]}
    case = Case.model_validate(document)
    assert rules.shown(rules.play(case, {})) == {}
    assert set(rules.shown(rules.play(case, {"d1": Taken(choice="a")}))) == {"share"}


def test_the_length_is_that_of_the_shortest_and_the_longest_way() -> None:
    assert rules.length(CASE) == (3, 4)


@pytest.mark.parametrize(
    "break_it",
    [
        lambda d: d["decisions"][0]["choices"][0].update(next="nowhere"),
        lambda d: d["decisions"][3]["choices"][0].update(next="d1"),
        lambda d: d["decisions"].append({**d["decisions"][2], "id": "d9"}),
        lambda d: d["decisions"].append(d["decisions"][2]),
        lambda d: d["decisions"][0]["choices"].append(d["decisions"][0]["choices"][0]),
        lambda d: d["decisions"][1].update(rubric=[]),
        lambda d: d["decisions"][0].update(reason=True),
        lambda d: d["decisions"][2]["choices"][1].update(score=1),
        lambda d: d["decisions"][0]["choices"][0].update(score=2),
        lambda d: d["decisions"][0]["choices"][1].update(fault="bad_taste"),
        lambda d: d["documents"][0].update(table=None),
        lambda d: d["documents"][0]["table"]["rows"][0].update(cells=[1, 2]),
        lambda d: d["documents"][1].update({"if": {"state": "trust"}}),
        lambda d: d["documents"][1].update({"if": {"below": 3}}),
        lambda d: d["documents"][1].update({"if": {}}),
        lambda d: d["state"][0].update(start=101),
        lambda d: d["state"][0]["bands"].reverse(),
        lambda d: d.update(surprise=True),
        lambda d: d.update(title={"fr": "Seul", "en": ""}),
    ],
)
def test_a_faulty_case_is_refused(break_it: object) -> None:
    document = sample()
    break_it(document)  # type: ignore[operator]
    with pytest.raises(ValidationError):
        Case.model_validate(document)


@given(st.dictionaries(st.sampled_from(["d1", "d2", "d3", "d4"]), st.sampled_from(["a", "b", "c", "z"])))
def test_any_answers_give_a_play_within_bounds(choices: Mapping[str, str]) -> None:
    play = rules.play(CASE, {decision: Taken(choice=choice) for decision, choice in choices.items()})
    assert 0 <= play.score <= play.max
    assert 0 <= play.state["trust"] <= 100
    assert play.finished == (play.open is None)
    drawn = drawing.draw(play)
    assert sum(branch.taken for branch in drawn.branches) == len(play.steps)


def test_the_map_shows_every_choice_once_and_only_goes_down() -> None:
    drawn = drawing.draw(played(d1="b", d2="b", d3="b", d4="a"))
    assert len(drawn.branches) == sum(len(decision.choices) for decision in CASE.decisions)
    assert len({(branch.x, branch.y) for branch in drawn.branches}) == len(drawn.branches)
    assert [stop.met for stop in drawn.stops] == [True] * 4
    assert all(stop.y < drawn.height for stop in drawn.stops)
    assert sum(edge.taken for edge in drawn.edges) == 8


@pytest.mark.parametrize("case", SHIPPED.values(), ids=SHIPPED)
def test_every_way_through_a_shipped_case_ends_and_a_best_one_scores_everything(case: Case) -> None:
    met: set[str] = set()
    best = 0.0
    low, high = rules.length(case)
    for way in rules.ways(case):
        assert way.finished
        assert low <= len(way.steps) <= high
        assert {c.score for step in way.steps for c in step.decision.choices} <= {0, 1, 3}
        taken = {step.decision.id: Taken(choice=step.choice.id) for step in way.steps}
        met |= set(taken)
        best = max(best, way.score / way.max)
    assert met == {decision.id for decision in case.decisions}
    assert best == 1


@pytest.mark.parametrize("case", SHIPPED.values(), ids=SHIPPED)
def test_the_figures_of_a_shipped_case_recompute(case: Case) -> None:
    known = rules.cells(case)
    for figure in case.figures:
        value = rules.compute(figure.of, known, percent=figure.percent)
        assert round(value, figure.decimals) == figure.value, figure.id
