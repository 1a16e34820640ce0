"""A small exam to play with: two quiz domains, a case, a text and a part in the room; people around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from tests.factories import NOW, Factory
from tests.packages import document
from training_platform import framework
from training_platform.accounts.models import Person
from training_platform.cases import rules as case_rules
from training_platform.cases.format import Case
from training_platform.cases.package import read_cases
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import ModulePackage
from training_platform.db import db
from training_platform.exams import cases as exam_cases
from training_platform.exams import marking, parts, service
from training_platform.exams.models import ExamPartRow
from training_platform.organisation.models import Grant, Unit
from training_platform.tracks.format import Track

CONTENT = Path(__file__).parents[2] / "content"
LIBRARY: Mapping[str, Case] = read_cases(CONTENT)
LATER = NOW + timedelta(days=1)
GOOD = {"facts": 4, "exit": 4}
REASON = "La question posée au conseil ne figurait pas dans le dossier remis avant l'épreuve."
COMMENT = "Bien argumenté, la sortie est prévue."
RUBRIC = [
    {"id": "facts", "name": {"fr": "Les faits", "en": "The facts"}, "best": 4},
    {"id": "exit", "name": {"fr": "La sortie", "en": "The exit"}, "best": 4},
]
QUIZ = {"id": "quiz", "kind": "quiz", "title": {"fr": "Quiz", "en": "Quiz"}, "items": 6, "minutes": 30, "weight": 40}
TEXT = {
    "id": "note",
    "kind": "text",
    "title": {"fr": "Note", "en": "Note"},
    "ask": {"fr": "Écrivez.", "en": "Write."},
    "least_words": 5,
    "minutes": 0,
    "weight": 20,
    "rubric": RUBRIC,
}
CASE = {
    "id": "case",
    "kind": "case",
    "title": {"fr": "Cas", "en": "Case"},
    "levels": ["establishment"],
    "minutes": 60,
    "weight": 20,
    "rubric": RUBRIC,
}
ROOM = {
    "id": "board",
    "kind": "room",
    "title": {"fr": "Conseil", "en": "Board"},
    "ask": {"fr": "Défendez.", "en": "Defend."},
    "minutes": 30,
    "weight": 20,
    "rubric": RUBRIC,
}


def track(parts: list[dict[str, Any]] | None = None, **changes: Any) -> Track:
    """Return a track whose exam has these parts (weights made 100)."""
    parts = [dict(part) for part in parts or [QUIZ, TEXT, CASE, ROOM]]
    if sum(part["weight"] for part in parts) != 100:
        for part in parts:
            part["weight"] = 1
        parts[0]["weight"] = 101 - len(parts)
    exam = {
        "opens_after": [],
        "parts": parts,
        "blueprint": {"DAT": 50, "SEC": 50},
        "faults": [{"id": "no_exit", "name": {"fr": "Pas de sortie", "en": "No exit"}}],
        "pass": {"overall": 60, "parts": {}, "safety": "free"},
        "retakes": {"delay_days": 30, "per_year": 1},
        **changes,
    }
    return Track.model_validate(
        {
            "id": "T9",
            "version": 1,
            "name": {"fr": "Essai", "en": "Trial"},
            "for": ["all"],
            "modules": [],
            "min_levels": {"DAT1": 1, "SEC3": 1},
            "exam": exam,
            "validity_months": 24,
            "renewal": {"from_months": 6, "parts": [{"part": parts[0]["id"]}]},
        }
    )


def bank(code: str, competency: str, number: int, *, reserved: bool = True, start: int = 0) -> list[dict[str, Any]]:
    """Return questions of one step; the right option is always b."""
    return [
        {
            "id": f"{code.lower()}-{'r' if reserved else 'q'}-{competency}-{n}",
            "step": {"c": competency, "from": 0, "to": 1},
            "kind": "single",
            "reserved": reserved,
            "ask": {"fr": f"Question {n} ?", "en": f"Question {n}?"},
            "options": [
                {
                    "id": key,
                    "text": {"fr": f"option {key}", "en": f"option {key}"},
                    "correct": key == "b",
                    "why": {"fr": "raison", "en": "reason"},
                }
                for key in "abcd"
            ],
            "explanation": {"fr": "Voilà.", "en": "There."},
        }
        for n in range(start, start + number)
    ]


def publish(reserved: int = 10) -> None:
    """Publish two modules with practice questions and so many reserved ones each."""
    for code, competency in (("M90", "DAT1"), ("M94", "SEC3")):
        package = document(code, steps=[{"c": competency, "from": 0, "to": 1}])
        questions = [*bank(code, competency, 10, reserved=False), *bank(code, competency, reserved)]
        catalogue.publish(ModulePackage.model_validate({**package, "questions": questions}), NOW)


@dataclass(kw_only=True)
class Hall:
    """A candidate in a department, examiners elsewhere in the hospital, an officer."""

    candidate: Person
    first: Person
    second: Person
    third: Person
    officer: Person
    department: Unit
    hospital: Unit


def hall(make: Factory) -> Hall:
    """Make the people of an exam."""
    hospital = make.unit()
    department, other = make.unit("department", hospital), make.unit("department", hospital)
    candidate = make.person(role="R44", unit=department)
    examiners = [make.person(role="R42", unit=other) for _ in range(3)]
    for one in examiners:
        make.right(one, "examiner", hospital)
    officer = make.person(role="R27", unit=other)
    make.right(officer, "training_officer", hospital)
    return Hall(
        candidate=candidate,
        first=examiners[0],
        second=examiners[1],
        third=examiners[2],
        officer=officer,
        department=department,
        hospital=hospital,
    )


def opened(person: Person, of: Track, now: Any = NOW) -> int:
    """Open an exam and accept the statement."""
    exam_id = service.open_exam(person.id, of, "award", now)
    service.accept_conduct(person.id, exam_id, now)
    return exam_id


def start(person: Person, exam_id: int, part_id: str, now: Any = NOW) -> None:
    """Begin a part."""
    parts.start(person.id, exam_id, part_id, framework.current(), LIBRARY, now)


def answer_quiz(person: Person, exam_id: int, now: Any = NOW, *, right: int = 99) -> None:
    """Answer the quiz, so many rightly, and hand it in."""
    row = parts.part_row(person.id, exam_id, "quiz", now)
    places = len(parts.question_at(row, 1, now).answered)
    for place in range(1, places + 1):
        parts.save_answer(row, place, {"choices": ["b" if place <= right else "a"]}, now)
    parts.hand_in(person.id, exam_id, "quiz", LIBRARY, now)


def part(person_id: int, exam_id: int, part_id: str, now: datetime = NOW) -> ExamPartRow:
    return parts.part_row(person_id, exam_id, part_id, now)


def mark(examiner: int, row_id: int, points: dict[str, int] | None = None, *faults: str) -> float | None:
    return marking.mark(examiner, row_id, points or GOOD, frozenset(faults), COMMENT, LIBRARY, LATER).share


def play_case(person_id: int, exam_id: int, now: datetime = NOW) -> None:
    """Take the soundest choice at each decision, with a reason."""
    row = part(person_id, exam_id, "case", now)
    while (open_one := exam_cases.played(row, LIBRARY)[0]).play.open is not None:
        best = max(case_rules.offered(open_one.play), key=lambda choice: choice.score)
        taken = case_rules.Taken(choice=best.id, reason="Parce que les mesures du site le demandent.")
        parts.decide_case(row, LIBRARY, open_one.slug, open_one.play.open.id, taken, now)
    parts.hand_in(person_id, exam_id, "case", LIBRARY, now)


def sit_all(people: Hall) -> int:
    """Sit every part and have it marked well by two examiners."""
    person = people.candidate
    exam_id = opened(person, track())
    for part_id in ("quiz", "note", "case"):
        start(person, exam_id, part_id)
    answer_quiz(person, exam_id)
    parts.save_text(part(person.id, exam_id, "note"), "une note de plus de cinq mots", NOW)
    parts.hand_in(person.id, exam_id, "note", LIBRARY, NOW)
    play_case(person.id, exam_id)
    for part_id in ("note", "case", "board"):
        for examiner in (people.first, people.second):
            mark(examiner.id, part(person.id, exam_id, part_id).id)
    return exam_id


def handed_in(people: Hall) -> int:
    """Hand in a text and return its part."""
    exam_id = opened(people.candidate, track())
    start(people.candidate, exam_id, "note")
    row = part(people.candidate.id, exam_id, "note")
    parts.save_text(row, "une note de plus de cinq mots", NOW)
    assert marking.waiting_for(people.first.id) == [] or all(
        work.part.id == "board" for work in marking.waiting_for(people.first.id)
    )
    parts.hand_in(people.candidate.id, exam_id, "note", LIBRARY, NOW)
    return row.id


def failed(people: Hall) -> int:
    """Fail a short exam that two examiners marked."""
    exam_id = opened(people.candidate, track([ROOM]))
    row = part(people.candidate.id, exam_id, "board")
    for examiner in (people.first, people.second):
        mark(examiner.id, row.id, {"facts": 0, "exit": 1})
    assert service.exam_of(people.candidate.id, exam_id, NOW).state == "failed"
    return exam_id


def make_away(person_id: int) -> None:
    """Take the right to examine back."""
    for row in db.session.scalars(select(Grant).where(Grant.person_id == person_id)):
        db.session.delete(row)
    db.session.flush()
