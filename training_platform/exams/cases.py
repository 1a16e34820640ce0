"""Cases inside an exam: which are drawn, the decisions saved one by one, what they come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from training_platform.cases import rules
from training_platform.cases.format import Case
from training_platform.cases.models import CasePlay
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.exams.models import LONGEST_WORDS, Exam, ExamDecision, ExamPartRow
from training_platform.text import Text, excess
from training_platform.tracks.format import ExamPart

SHORTEST_REASON = 20


class TooFewCasesError(RefusedError):
    """The library has too few cases at a level."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Il manque un cas pour composer cette épreuve. Votre responsable de formation le voit. Revenez plus tard.",
                "A case is missing to make up this exam. Your training officer sees it. Come back later.",
            )
        )


class IncompleteDecisionError(RefusedError):
    """A decision lacks its choice or its reason, or this is too long."""


@dataclass(frozen=True, kw_only=True)
class PlayedCase:
    """A case of an exam as far as it was played."""

    slug: str
    play: rules.Play


def draw_cases(person_id: int, part: ExamPart, library: Mapping[str, Case], source: Random) -> list[Any]:
    """Return one case for each level asked for: those that the person met least, at random among these.

    A case that was practised counts as met: its debrief has told what is sound.
    """
    met = _met(person_id, library)
    drawn: list[Any] = []
    for level in part.levels:
        left = [one.slug for one in library.values() if one.level == level and one.slug not in drawn]
        if not left:
            raise TooFewCasesError
        fewest = min(met[slug] for slug in left)
        drawn.append(source.choice(sorted(slug for slug in left if met[slug] == fewest)))
    return drawn


def _met(person_id: int, library: Mapping[str, Case]) -> Counter[str]:
    """Return how often a person met each case, in exams or in practice."""
    query = (
        select(ExamDecision.case_slug, func.count(ExamDecision.part_row_id.distinct()))
        .join(ExamPartRow, ExamDecision.part_row_id == ExamPartRow.id)
        .join(Exam)
        .where(Exam.person_id == person_id)
        .group_by(ExamDecision.case_slug)
    )
    practised = db.session.scalars(select(CasePlay.case_code).where(CasePlay.person_id == person_id))
    slugs = {case.code: case.slug for case in library.values()}
    met = Counter(slugs[code] for code in practised if code in slugs)
    met.update(dict(db.session.execute(query).tuples().all()))
    return met


def played(row: ExamPartRow, library: Mapping[str, Case]) -> list[PlayedCase]:
    """Return the cases of a part, each followed as far as it was decided; one query."""
    taken: dict[str, dict[str, rules.Taken]] = {}
    for one in db.session.scalars(select(ExamDecision).where(ExamDecision.part_row_id == row.id)):
        taken.setdefault(one.case_slug, {})[one.decision] = rules.Taken(choice=one.choice, reason=one.reason)
    return [
        PlayedCase(slug=slug, play=rules.play(library[slug], taken.get(slug, {})))
        for slug in row.cases
        if slug in library
    ]


def finished(row: ExamPartRow, library: Mapping[str, Case]) -> bool:
    """Tell whether every case of a part has come to its end."""
    return all(one.play.finished for one in played(row, library))


def decide(
    row: ExamPartRow,
    library: Mapping[str, Case],
    slug: str,
    decision_id: str,
    taken: rules.Taken,
    now: datetime,
) -> None:
    """Keep one decision; the first answer stays. Raise IncompleteDecisionError, RefusedError out of turn.

    Whether the part is open is for the caller to know.
    """
    case = next((one for one in played(row, library) if one.slug == slug), None)
    if case is not None and any(step.decision.id == decision_id for step in case.play.steps):
        return
    if case is None or case.play.open is None or case.play.open.id != decision_id:
        raise RefusedError(
            Text(
                "Cette décision ne se présente pas maintenant. Rechargez la page.",
                "This decision does not come up now. Reload the page.",
            )
        )
    if taken.choice not in {choice.id for choice in rules.offered(case.play)}:
        raise IncompleteDecisionError(Text("Choisissez une décision.", "Choose a decision."))
    if case.play.open.reason and len(taken.reason.strip()) < SHORTEST_REASON:
        raise IncompleteDecisionError(
            Text(
                "Écrivez votre raison, une phrase au moins : elle compte pour la moitié de la note.",
                "Write your reason, one sentence at least: it is half of the mark.",
            )
        )
    if over := excess(taken.reason.strip(), LONGEST_WORDS):
        raise IncompleteDecisionError(over)
    decision = ExamDecision(
        part_row_id=row.id,
        case_slug=slug,
        decision=decision_id,
        choice=taken.choice,
        reason=taken.reason.strip(),
        saved_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(decision)
    except IntegrityError:
        return


def choices_share(found: Sequence[PlayedCase]) -> float:
    """Return the points of the choices as a share of the best; decisions never reached give none."""
    if not found:
        return 0.0
    return sum(_share(one.play) for one in found) / len(found)


def _share(play: rules.Play) -> float:
    least = rules.length(play.case)[0]
    return play.score / (rules.SOUND * max(len(play.steps), least if not play.finished else 1))


def faults(found: Sequence[PlayedCase], known: frozenset[str]) -> frozenset[str]:
    """Return the eliminatory faults of a track that the choices made."""
    return frozenset(fault for one in found for _, fault in one.play.faults) & known
