"""What the check says of faulty cases, and that the shipped ones are clean."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from tests.cases.sample import both, sample
from tests.conftest import ROOT
from training_platform.cases import check
from training_platform.cases.format import Case, Fault
from training_platform.cases.package import read_case, read_cases
from training_platform.catalogue import spelling
from training_platform.catalogue.package import PackageError
from training_platform.framework import service as framework
from training_platform.tracks import service as tracks

FRAMEWORK = framework.load(ROOT / "content")


def problems(document: dict[str, Any]) -> str:
    case = Case.model_validate(document)
    return "\n".join(str(p) for p in check.check_case(case, FRAMEWORK, {"M58"}, {"T6"}))


def test_the_sample_is_clean() -> None:
    assert problems(sample()) == ""


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda d: d["actors"][0].update(role="R99"), "R99: Unknown role"),
        (lambda d: d.update(modules=["M99"]), "M99: Unknown module"),
        (lambda d: d.update(tracks=["T9"]), "T9: Unknown track"),
        (lambda d: d.update(competencies={"XXX1": 3}), "XXX1: Unknown competency"),
        (lambda d: d.update(facts=["ZZZ-01"]), "ZZZ-01: Unknown fact"),
        (lambda d: d["decisions"][0]["choices"][0].update(effects={"luck": 1}), "luck: Unknown state"),
        (lambda d: d["documents"][1].update({"if": {"chose": ["d1.z"]}}), "unknown choice in a condition, d1.z"),
        (lambda d: d["documents"][1].update({"if": {"state": "luck", "below": 3}}), "unknown state, luck"),
        (lambda d: d["figures"][0].update(value=21), "the calculation gives 20"),
        (lambda d: d["figures"][0].update(of="count.z.n / 2"), "unknown figure: count.z.n"),
        (lambda d: d.update(debrief={"fr": "Soit {share}.", "en": "There."}), "notes or figures differ"),
        (lambda d: d.update(debrief=both("Soit {other}.")), "unknown figure, other"),
        (lambda d: d.update(debrief={"fr": "Un.\n\nDeux.", "en": "One."}), "number of paragraphs differs"),
        (lambda d: d.update(debrief=both("Soit 48 % des cas.")), "figure without a note"),
        (
            lambda d: d.update(debrief=both("Soit 48 % des cas.[^CAS-01]")),
            "facts cited and facts listed differ, CAS-01",
        ),
        (
            lambda d: d.update(debrief=both("Dit.[^MET-01]"), facts=["MET-01"]),
            "a fact to be checked that does not say so",
        ),
        (lambda d: d.update(debrief=both("Dit.[^HAS-04]"), facts=["HAS-04"]), "sources disagree"),
        (
            lambda d: [c.update(text=both("x" * 90)) for x in d["decisions"] for c in x["choices"] if c["score"] == 3],
            "the longest in 4\N{NO-BREAK SPACE}decisions",
        ),
        (lambda d: [x["choices"].sort(key=lambda c: -c["score"]) for x in d["decisions"]], "too often in place 1"),
        (lambda d: d["decisions"][2]["choices"][1].update({"if": None}), ""),
    ],
)
def test_it_names_what_is_wrong(break_it: Any, said: str) -> None:
    document = sample()
    break_it(document)
    assert said in problems(document)


def test_a_decision_that_conditions_never_reach_is_found() -> None:
    document = sample()
    document["decisions"][0]["choices"][2]["next"] = "d2"
    document["decisions"][1]["choices"][1]["detours"] = [{"if": {"state": "weeks", "at_least": 10}, "next": "d3"}]
    document["decisions"][0]["choices"][2]["effects"] = {}
    assert "d3: no way leads there" in problems(document)


def test_a_code_used_twice_and_an_unknown_word_are_found() -> None:
    case = Case.model_validate({**sample(), "debrief": both("Un zorglubage.")})
    glossary = spelling.read_glossary(ROOT / "content")
    found = "\n".join(str(p) for p in check.check_cases([case, case], FRAMEWORK, {"M58"}, {"T6"}, glossary))
    assert "CE9 is used twice" in found
    assert "Unknown word (fr): zorglubage" in found


def test_a_file_that_cannot_be_read_says_where(tmp_path: Any) -> None:
    for name, text, said in (
        ("broken", "title: [", "broken.yaml"),
        ("list", "- 1", "list.yaml"),
        ("poor", "code: CE1", "title"),
    ):
        file = tmp_path / f"{name}.yaml"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(PackageError) as error:
            read_case(file)
        assert any(said in str(problem) for problem in error.value.problems)


def test_the_faults_are_those_of_the_certification() -> None:
    exam = tracks.current(ROOT / "content")["T6"].exam
    assert set(get_args(Fault)) == {fault.id for fault in exam.faults}


def test_the_shipped_cases_have_their_levels() -> None:
    cases = read_cases(ROOT / "content")
    assert list(cases.values()) == sorted(cases.values(), key=lambda case: case.code)
    assert {case.level for case in cases.values()} <= {"establishment", "ght", "national"}
