"""What a person does with the cases: begin, decide, resume, begin again, mark their own reasons.

A case played here is practice: it gives no evidence of a level. Only an exam that embeds a case, marked by examiners,
does; it uses ``rules.play`` and keeps its own rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from training_platform.cases import rules
from training_platform.cases.format import Case, Decision
from training_platform.cases.models import CaseDecision, CasePlay
from training_platform.cases.package import read_cases
from training_platform.db import db
from training_platform.errors import NotFoundError, RefusedError
from training_platform.text import Text, excess

SHORTEST_REASON, LONGEST_REASON = 20, 4000


class UnknownCaseError(NotFoundError):
    """No case has this name, or no such play belongs to this person."""

    def __init__(self) -> None:
        super().__init__(
            Text("Ce cas n'existe pas, ou n'est pas à vous.", "This case does not exist, or is not yours.")
        )


class IncompleteDecisionError(RefusedError):
    """A decision lacks its choice or its reason; ``errors`` names the fields."""

    def __init__(self, errors: Mapping[str, Text]) -> None:
        super().__init__(next(iter(errors.values())))
        self.errors = errors


@dataclass(frozen=True, kw_only=True)
class PlayView:
    """A kept play, followed by the rules."""

    id: int
    play: rules.Play
    started_at: datetime
    last_at: datetime
    ended_at: datetime | None
    revised: bool
    """Whether the case has changed since the play began."""
    met: Mapping[str, Set[str]]
    """Criteria that the person marked as met, by decision."""

    @property
    def marked(self) -> bool:
        """Tell whether the person has marked their reasons."""
        return bool(self.met)

    @property
    def left(self) -> bool:
        """Tell whether the play was left for a new one before its end."""
        return self.ended_at is not None and not self.play.finished


@cache
def cases(content: Path) -> dict[str, Case]:
    """Return the cases of a content folder by slug, in the order of their codes."""
    return read_cases(content)


def case(content: Path, slug: str) -> Case:
    """Return one case; raise UnknownCaseError."""
    if slug not in cases(content):
        raise UnknownCaseError
    return cases(content)[slug]


def of_modules(found: Iterable[Case], codes: Iterable[str]) -> list[Case]:
    """Return the cases that exercise one of these modules."""
    wanted = set(codes)
    return [one for one in found if wanted & set(one.modules)]


def of_track(found: Iterable[Case], track_id: str) -> list[Case]:
    """Return the cases that prepare for a certification."""
    return [one for one in found if track_id in one.tracks]


def plays_of(person_id: int, found: Iterable[Case]) -> list[PlayView]:
    """Return all plays of a person, the latest first; two queries."""
    by_code = {one.code: one for one in found}
    query = select(CasePlay).where(CasePlay.person_id == person_id, CasePlay.case_code.in_(by_code))
    rows = list(db.session.scalars(query.order_by(CasePlay.id.desc())))
    taken = _taken([row.id for row in rows])
    return [_view(row, by_code[row.case_code], taken.get(row.id, {})) for row in rows]


def play_of(person_id: int, one: Case, play_id: int) -> PlayView:
    """Return one play of this person; raise UnknownCaseError."""
    row = _row(person_id, one, play_id)
    return _view(row, one, _taken([row.id]).get(row.id, {}))


def start(person_id: int, one: Case, now: datetime) -> int:
    """Begin a case, or resume the play that is open; return its id."""
    row = _open_row(person_id, one)
    if row is not None:
        return row.id
    row = CasePlay(person_id=person_id, case_code=one.code, version=one.version, started_at=now, last_at=now, marks={})
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        row = _open_row(person_id, one)
        assert row is not None
    return row.id


def restart(person_id: int, one: Case, now: datetime) -> int:
    """Begin again; the play so far stays as history. Return the new play's id."""
    row = _open_row(person_id, one)
    if row is not None and not _taken([row.id]):
        return row.id
    if row is not None:
        row.ended_at = now
        db.session.flush()
    return start(person_id, one, now)


def decide(person_id: int, one: Case, play_id: int, decision_id: str, taken: rules.Taken, now: datetime) -> bool:
    """Keep a decision; return False where it had been taken before: the first answer stays.

    Raise IncompleteDecisionError without choice or reason, RefusedError where the decision is not the open one.
    """
    row = _row(person_id, one, play_id)
    kept = _taken([row.id]).get(row.id, {})
    view = _view(row, one, kept)
    if any(step.decision.id == decision_id for step in view.play.steps):
        return False
    if row.ended_at is not None:
        raise RefusedError(
            Text(
                "Cette partie est close : vous l'avez recommencée. Reprenez la nouvelle depuis la page du cas.",
                "This play is closed: you began again. Resume the new one from the page of the case.",
            )
        )
    if view.play.open is None or view.play.open.id != decision_id:
        raise RefusedError(Text("Cette décision ne se présente pas encore.", "This decision has not come up yet."))
    _require_whole(view.play, view.play.open, taken)
    if decision_id in kept:
        _forget(row.id, decision_id)
    if not _keep(row.id, decision_id, taken, now):
        return False
    row.last_at = now
    if play_of(person_id, one, play_id).play.finished:
        row.ended_at = now
    db.session.flush()
    return True


def _require_whole(play: rules.Play, decision: Decision, taken: rules.Taken) -> None:
    errors = {}
    if taken.choice not in {c.id for c in rules.offered(play)}:
        errors["choice"] = Text("Choisissez une décision.", "Choose a decision.")
    if decision.reason and len(taken.reason.strip()) < SHORTEST_REASON:
        errors["reason"] = Text(
            "Écrivez votre raison en une phrase au moins : c'est la moitié de la note.",
            "Write your reason, one sentence at least: it is half of the score.",
        )
    elif over := excess(taken.reason.strip(), LONGEST_REASON):
        errors["reason"] = over
    if errors:
        raise IncompleteDecisionError(errors)


def _forget(play_id: int, decision_id: str) -> None:
    """Drop an answer that the revised case no longer offers: it does not count, and must not block the way."""
    db.session.execute(
        delete(CaseDecision).where(CaseDecision.play_id == play_id, CaseDecision.decision == decision_id)
    )


def _keep(play_id: int, decision_id: str, taken: rules.Taken, now: datetime) -> bool:
    """Insert the decision; return False where another tab was quicker."""
    try:
        with db.session.begin_nested():
            db.session.add(
                CaseDecision(
                    play_id=play_id,
                    decision=decision_id,
                    choice=taken.choice,
                    reason=taken.reason.strip(),
                    decided_at=now,
                )
            )
    except IntegrityError:
        return False
    return True


def mark(person_id: int, one: Case, play_id: int, met: Mapping[str, Set[str]]) -> None:
    """Keep which criteria the person finds met in their own reasons; raise RefusedError before the end."""
    row = _row(person_id, one, play_id)
    view = play_of(person_id, one, play_id)
    if not view.play.finished:
        raise RefusedError(Text("Terminez d'abord le cas.", "First finish the case."))
    asked = [step.decision for step in view.play.steps if step.decision.reason]
    row.marks = {d.id: sorted({c.id for c in d.rubric} & set(met.get(d.id, ()))) for d in asked}
    db.session.flush()


def _row(person_id: int, one: Case, play_id: int) -> CasePlay:
    query = select(CasePlay).where(
        CasePlay.id == play_id, CasePlay.person_id == person_id, CasePlay.case_code == one.code
    )
    row = db.session.scalar(query)
    if row is None:
        raise UnknownCaseError
    return row


def _open_row(person_id: int, one: Case) -> CasePlay | None:
    query = select(CasePlay).where(
        CasePlay.person_id == person_id, CasePlay.case_code == one.code, CasePlay.ended_at.is_(None)
    )
    return db.session.scalar(query)


def _taken(play_ids: list[int]) -> dict[int, dict[str, rules.Taken]]:
    found: dict[int, dict[str, rules.Taken]] = {}
    for row in db.session.scalars(select(CaseDecision).where(CaseDecision.play_id.in_(play_ids))):
        found.setdefault(row.play_id, {})[row.decision] = rules.Taken(choice=row.choice, reason=row.reason)
    return found


def _view(row: CasePlay, one: Case, taken: Mapping[str, rules.Taken]) -> PlayView:
    return PlayView(
        id=row.id,
        play=rules.play(one, taken),
        started_at=row.started_at,
        last_at=row.last_at,
        ended_at=row.ended_at,
        revised=row.version != one.version,
        met={decision: frozenset(criteria) for decision, criteria in row.marks.items()},
    )
