"""The reserved questions that a track's quiz may draw, and what is missing to make up its exam."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from training_platform.cases.format import Case
from training_platform.catalogue import visible
from training_platform.catalogue.models import Question
from training_platform.db import db
from training_platform.exams.models import Exam, ExamItem, ExamPartRow
from training_platform.exams.rules import BankItem, apportion, shortage
from training_platform.framework.rules import Framework
from training_platform.tracks.format import ExamPart, Track


@dataclass(frozen=True, kw_only=True)
class BankState:
    """What a track's exam needs and what it lacks."""

    track: Track
    have: int
    need: int
    missing: Mapping[str, int]
    """Questions missing per domain."""
    cases_missing: tuple[str, ...]
    """Levels at which a case is missing."""

    @property
    def ready(self) -> bool:
        """Tell whether the exam can be taken."""
        return not self.missing and not self.cases_missing


def bank_of(track: Track, framework: Framework, person_id: int | None) -> list[BankItem]:
    """Return the reserved questions that a track's quiz may draw: of its domains, up to the levels that it asks.

    They come from the modules that the person sees (None: the national catalogue): other units' own modules never
    enter, a copy stands for its original. A question that two modules share is there once. Practice questions never
    enter: where this bank is too small, no exam begins.
    """
    live = [module.version_id for module in visible.modules_for(person_id) if not module.planned]
    rows = db.session.execute(
        select(Question.id, Question.key, Question.competency, Question.from_level)
        .where(Question.version_id.in_(live), Question.reserved.is_(True), Question.competency.in_(track.min_levels))
        .order_by(Question.key, Question.id)
    ).all()
    exposure = dict(
        db.session.execute(select(ExamItem.question_key, func.count()).group_by(ExamItem.question_key)).tuples().all()
    )
    seen = _seen(person_id) if person_id is not None else frozenset()
    first = {key: question_id for question_id, key, _, _ in reversed(rows)}
    return [
        BankItem(
            id=question_id,
            domain=framework.competencies[competency].domain,
            competency=competency,
            exposure=exposure.get(key, 0),
            seen=key in seen,
        )
        for question_id, key, competency, from_level in rows
        if first[key] == question_id
        and competency in framework.competencies
        and from_level < track.min_levels[competency]
    ]


def _seen(person_id: int) -> frozenset[str]:
    query = select(ExamItem.question_key).join(ExamPartRow).join(Exam).where(Exam.person_id == person_id)
    return frozenset(db.session.scalars(query))


def counts_of(track: Track, part: ExamPart) -> dict[str, int]:
    """Return how many questions of each domain a quiz draws."""
    return apportion(track.exam.blueprint, part.items)


def bank_states(
    officer_id: int | None, tracks: Iterable[Track], framework: Framework, library: Mapping[str, Case]
) -> list[BankState]:
    """Return for each track whether its exam can be made up of the modules that the officer sees, and what is missing."""
    return [_bank_state(officer_id, track, framework, library) for track in tracks]


def _bank_state(officer_id: int | None, track: Track, framework: Framework, library: Mapping[str, Case]) -> BankState:
    bank = bank_of(track, framework, officer_id)
    quizzes = [part for part in track.exam.parts if part.kind == "quiz"]
    missing: dict[str, int] = {}
    for part in quizzes:
        missing |= shortage(bank, counts_of(track, part))
    levels = [level for part in track.exam.parts for level in part.levels]
    have = [case.level for case in library.values()]
    return BankState(
        track=track,
        have=len(bank),
        need=sum(part.items for part in quizzes),
        missing=missing,
        cases_missing=tuple(sorted({level for level in levels if have.count(level) < _at_once(track, level)})),
    )


def _at_once(track: Track, level: str) -> int:
    return max(sum(one == level for one in part.levels) for part in track.exam.parts)
