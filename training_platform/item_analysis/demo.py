"""What demo people have read and answered, so that statistics show: the same on every run, and gone with the people."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from training_platform.accounts.models import Person
from training_platform.assessment import item_parameters
from training_platform.assessment.models import Answer, CalibrationRun, Evidence, ItemParameters, Sitting
from training_platform.assessment.rules import Item, probability_correct
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import BankQuestion
from training_platform.catalogue.grading import UNKNOWN
from training_platform.catalogue.models import Question
from training_platform.catalogue.service import LiveModule
from training_platform.db import db
from training_platform.item_analysis import calibration
from training_platform.learning.models import Enrolment, LessonTime, ModuleRating

READERS = {"M25": 560, "M09": 260, "M01": 120, "M17": 120}
"""How many demo people read each module: enough for every statistic of one, for some of the others."""
BEFORE, AFTER = 6, 6
"""Questions put to each reader before the module and at its end."""
LEARNT = 0.7
"""Levels that reading brings, on average."""
DAYS = 180
REMARKS = (
    "L'exercice m'a servi dès le lendemain.",
    "La deuxième leçon est longue pour une pause.",
    "Un exemple de nuit manquerait moins que deux exemples de jour.",
    "Clair. J'aurais voulu une fiche à afficher dans le service.",
    "Trop de sigles au début.",
)


@dataclass(frozen=True, kw_only=True)
class _Told:
    """A question with its true parameters, some of which its author got wrong."""

    id: int
    question: BankQuestion
    item: Item
    idle: str
    """An option that nobody chooses, empty for most questions."""
    spread: bool
    """It becomes easy with time, as people pass it on."""


def create(now: datetime) -> None:
    """Give demo people a past of questions, readings and final questions, then calibrate."""
    source = random.Random(64)
    people = list(db.session.scalars(select(Person.id).where(Person.demo.is_(True)).order_by(Person.id)))[6:]
    abilities = {person: source.gauss(0.9, 0.9) for person in people}
    taken = set(db.session.execute(select(Enrolment.person_id, Enrolment.version_id)).tuples())
    for live in catalogue.live_modules():
        if live.planned or live.code not in READERS:
            continue
        free = [person for person in people if (person, live.version_id) not in taken]
        readers = source.sample(free, min(READERS[live.code], len(free)))
        _read(live, readers, abilities, source, now)
    calibration.run("rasch", now)


def remove() -> None:
    """Take back the calibrations in which fictional answers count; the authors' parameters stand until the next one."""
    fictional = select(CalibrationRun.id).where(CalibrationRun.demo.is_(True))
    db.session.execute(delete(ItemParameters).where(ItemParameters.run_id.in_(fictional)))
    db.session.execute(delete(CalibrationRun).where(CalibrationRun.demo.is_(True)))


def _read(
    live: LiveModule, readers: Sequence[int], abilities: Mapping[int, float], source: random.Random, now: datetime
) -> None:
    """Let readers answer, read and answer again; four of five finish."""
    bank = _bank(live, source)
    if not bank:
        return
    lessons = len(catalogue.package_of(live.version_id).lessons)
    sittings: list[dict[str, Any]] = []
    answers: list[list[dict[str, Any]]] = []
    enrolments, completions = [], []
    for person in readers:
        start = now - timedelta(days=source.uniform(8, DAYS))
        level = abilities[person]
        _sit(sittings, answers, person, None, "placement", bank, BEFORE, level, start, now, source)
        finished = source.random() < 0.8
        stopped = lessons if finished else source.randrange(lessons)
        begun, end = start + timedelta(hours=2), start + timedelta(days=source.uniform(1, 7))
        enrolments.append(
            {
                "person_id": person,
                "version_id": live.version_id,
                "started_at": begun,
                "last_at": end,
                "completed_at": end if finished else None,
                "lesson": min(stopped + 1, lessons),
                "anchor": "",
                "lessons_read": list(range(1, stopped + 1)),
            }
        )
        if finished:
            level += source.gauss(LEARNT, 0.3)
            _sit(sittings, answers, person, live.version_id, "quiz", bank, AFTER, level, end, now, source)
            completions += [
                _evidence(person, step.c, "completion", step.to + 0.2, f"completion:{live.version_id}:{step.c}", end)
                for step in live.head.steps
            ]
    query = insert(Enrolment).returning(Enrolment.id, sort_by_parameter_order=True)
    ids = list(db.session.scalars(query, enrolments))
    _spend_time(live, ids, enrolments, lessons, source)
    _give_opinions(enrolments, source)
    _keep(sittings, answers, completions, bank)


def _spend_time(
    live: LiveModule, ids: Sequence[int], enrolments: Sequence[dict[str, Any]], lessons: int, source: random.Random
) -> None:
    """Let each lesson read take its share of the announced minutes, a little more in this module."""
    share = 60 * live.head.minutes / lessons
    rows = [
        {
            "enrolment_id": key,
            "lesson": lesson,
            "opened_at": enrolment["started_at"],
            "last_at": enrolment["last_at"],
            "seconds": round(share * source.lognormvariate(0.15, 0.3) * (1.6 if lesson == 2 else 1.0)),
        }
        for key, enrolment in zip(ids, enrolments, strict=True)
        for lesson in enrolment["lessons_read"]
    ]
    if rows:
        db.session.execute(insert(LessonTime), rows)


def _give_opinions(enrolments: Sequence[dict[str, Any]], source: random.Random) -> None:
    """Let one in three of those who finished say what they think; one in ten in words."""
    rows = [
        {
            "person_id": enrolment["person_id"],
            "version_id": enrolment["version_id"],
            "score": source.choice((2, 3, 3, 4, 4, 4, 5, 5)),
            "remark": source.choice(REMARKS) if source.random() < 0.3 else "",
            "at": enrolment["completed_at"],
        }
        for enrolment in enrolments
        if enrolment["completed_at"] and source.random() < 0.33
    ]
    if rows:
        db.session.execute(insert(ModuleRating), rows)


def _bank(live: LiveModule, source: random.Random) -> list[_Told]:
    """Return the module's questions with true parameters: most near the author's, a few far from them."""
    rows = db.session.execute(
        select(Question.id, Question.document)
        .where(Question.version_id == live.version_id, Question.reserved.is_(False))
        .order_by(Question.id)
    ).all()
    told = []
    for number, (key, document) in enumerate(rows):
        question = BankQuestion.model_validate(document)
        authored = item_parameters.item_of(question)
        wrong = [option.id for option in question.options if not option.correct]
        told.append(
            _Told(
                id=key,
                question=question,
                item=Item(
                    difficulty=authored.difficulty + source.gauss(0, 0.3) + {3: 1.3, 8: -1.2}.get(number, 0.0),
                    discrimination=0.15 if number == 5 else authored.discrimination,
                    guessing=authored.guessing,
                ),
                idle=wrong[-1] if number == 1 and question.kind == "single" and len(wrong) > 2 else "",
                spread=number == 7,
            )
        )
    return told


def _sit(
    sittings: list[dict[str, Any]],
    answers: list[list[dict[str, Any]]],
    person: int,
    version: int | None,
    kind: str,
    bank: Sequence[_Told],
    number: int,
    level: float,
    at: datetime,
    now: datetime,
    source: random.Random,
) -> None:
    """Add one occasion: questions drawn, answers by the true parameters, half a minute each."""
    drawn = source.sample(list(bank), min(number, len(bank)))
    late = 2.0 * max(0.0, 1 - (now - at) / timedelta(days=DAYS))
    given = []
    for place, told in enumerate(drawn):
        known = level + (late if told.spread else 0.0)
        right = source.random() < float(probability_correct(told.item, known))
        moment = at + timedelta(seconds=30 * (place + 1))
        given.append({"told": told, "given": _answer(told, right, source), "correct": right, "at": moment})
    sittings.append(
        {
            "person_id": person,
            "version_id": version,
            "kind": kind,
            "questions": [told.id for told in drawn],
            "started_at": at,
            "finished_at": at + timedelta(seconds=30 * (len(drawn) + 1)),
        }
    )
    answers.append(given)


def _answer(told: _Told, right: bool, source: random.Random) -> dict[str, Any]:
    """Return an answer of the kind that the question takes, right or wrong."""
    question = told.question
    if not right and source.random() < 0.2:
        return dict(UNKNOWN)
    if question.kind in ("single", "multiple"):
        keys = [option.id for option in question.options if option.correct]
        others = [option.id for option in question.options if not option.correct and option.id != told.idle]
        wrong = keys[1:] + source.sample(others, 1) if others else keys[1:] or [question.options[0].id]
        return {"choices": keys if right else wrong}
    if question.kind == "order":
        order = [item.id for item in question.items]
        return {"order": order if right else order[1:] + order[:1]}
    if question.kind == "match":
        pairs = [pair.id for pair in question.pairs]
        return {"pairs": dict(zip(pairs, pairs if right else pairs[1:] + pairs[:1], strict=True))}
    assert question.answer is not None
    return {"number": question.answer if right else question.answer + question.tolerance + 1}


def _evidence(person: int, competency: str, kind: str, level: float, key: str, at: datetime) -> dict[str, Any]:
    return {"person_id": person, "competency": competency, "kind": kind, "level": level, "key": key, "at": at}


def _keep(
    sittings: list[dict[str, Any]],
    answers: list[list[dict[str, Any]]],
    completions: list[dict[str, Any]],
    bank: Sequence[_Told],
) -> None:
    """Insert everything in a few statements."""
    query = insert(Sitting).returning(Sitting.id, sort_by_parameter_order=True)
    ids = list(db.session.scalars(query, sittings))
    rows, evidence = [], []
    for sitting_id, sitting, given in zip(ids, sittings, answers, strict=True):
        for one in given:
            told: _Told = one["told"]
            authored = item_parameters.item_of(told.question)
            rows.append(
                {
                    "sitting_id": sitting_id,
                    "question_id": told.id,
                    "given": one["given"],
                    "correct": one["correct"],
                    "answered_at": one["at"],
                }
            )
            known = _evidence(
                sitting["person_id"],
                told.question.step.c,
                "answer",
                authored.difficulty,
                f"answer:{sitting_id}:{told.id}",
                one["at"],
            )
            single = told.question.kind == "single" and not one["given"].get("unknown")
            evidence.append(
                known
                | {
                    "correct": one["correct"],
                    "discrimination": authored.discrimination,
                    "options": len(told.question.options) if single else None,
                    "sitting_id": sitting_id,
                }
            )
    db.session.execute(insert(Answer), rows)
    db.session.execute(insert(Evidence), evidence)
    if completions:
        db.session.execute(insert(Evidence), completions)
