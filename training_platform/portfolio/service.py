"""Proofs of a person, from draft to decision: who may read, who decides, what a decision adds as evidence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.orm import joinedload, undefer

from training_platform.accounts import service as accounts
from training_platform.accounts.models import Person
from training_platform.assessment import service as assessment
from training_platform.db import db
from training_platform.errors import ForbiddenError, NotFoundError, RefusedError
from training_platform.organisation import service as organisation
from training_platform.portfolio.files import CleanFile
from training_platform.portfolio.models import Proof, ProofComment, ProofDecision, ProofFile, ProofVersion
from training_platform.portfolio.rules import (
    WAITING,
    Act,
    Obstacle,
    Standing,
    State,
    after,
    evidence_kind,
    may_read,
    obstacle,
    place_of,
)
from training_platform.text import Text


class UnknownProofError(NotFoundError):
    """No such proof, or not for this person."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Cette preuve n'existe pas, a été retirée ou ne vous est pas adressée.",
                "This proof does not exist, was withdrawn or is not addressed to you.",
            )
        )


class NoManagerError(RefusedError):
    """Nobody could decide on the proof."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Aucun cadre n'est encore désigné pour votre structure. Votre brouillon est gardé : demandez à votre "
                "administrateur de désigner un cadre, puis envoyez la preuve.",
                "No manager is named for your unit yet. Your draft is kept: ask your administrator to name a manager, "
                "then hand the proof in.",
            )
        )


class ChangedMeanwhileError(RefusedError):
    """Somebody else acted on the proof first."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Cette preuve a changé entre-temps. Rechargez la page pour voir où elle en est.",
                "This proof changed in the meantime. Reload the page to see where it stands.",
            )
        )


class NotNowError(RefusedError):
    """The act is not possible in the state that the proof is in."""


class UnknownSecondError(RefusedError):
    """The second assessor whom the manager named cannot be one."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a proof says, as its author wrote it."""

    title: str
    description: str
    claims: Mapping[str, int]
    track_id: str | None
    kept_files: tuple[int, ...]
    new_files: tuple[CleanFile, ...]


@dataclass(frozen=True, kw_only=True)
class ProofView:
    """A proof as lists show it."""

    id: int
    person_id: int
    person: str
    track_id: str | None
    state: State
    number: int
    title: str
    claims: Mapping[str, int]
    submitted_at: datetime | None
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class FileView:
    """A file of a proof, without its bytes."""

    id: int
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, kw_only=True)
class DecisionView:
    """A decision as the page shows it."""

    place: int
    decision: str
    reason: str
    assessor: str | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class VersionView:
    """One version with what was decided about it."""

    number: int
    title: str
    description: str
    claims: Mapping[str, int]
    files: tuple[FileView, ...]
    submitted_at: datetime | None
    decisions: tuple[DecisionView, ...]


@dataclass(frozen=True, kw_only=True)
class CommentView:
    """One message of the thread."""

    author: str | None
    body: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ProofPage:
    """One proof with all that its page says, for one reader."""

    proof: ProofView
    versions: tuple[VersionView, ...]
    """The latest first."""
    comments: tuple[CommentView, ...]
    second: str | None
    own: bool
    obstacle: Obstacle | None
    """What keeps the reader from deciding."""

    @property
    def current(self) -> VersionView:
        """The version that counts."""
        return self.versions[0]


OBSTACLES: dict[Obstacle, Text] = {
    "own": Text(
        "Personne ne décide de sa propre preuve : elle attend votre cadre, puis un second évaluateur.",
        "Nobody decides on their own proof: it waits for your manager, then for a second assessor.",
    ),
    "already": Text(
        "Vous avez déjà décidé de cette version ; une autre personne doit donner le second avis.",
        "You have already decided on this version; somebody else must give the second opinion.",
    ),
    "closed": Text(
        "Cette preuve n'attend pas de décision : elle est retirée, en cours d'écriture ou déjà décidée.",
        "This proof awaits no decision: it was withdrawn, is being written or is decided already.",
    ),
    "manager_first": Text(
        "Le cadre de la personne décide d'abord ; vous pourrez donner le second avis ensuite.",
        "The person's manager decides first; you may give the second opinion then.",
    ),
    "outside": Text(
        "Cette preuve vient d'une structure sur laquelle vous n'avez pas de droit.",
        "This proof comes from a unit on which you hold no right.",
    ),
}


# --- what others ask of a portfolio ---


def proofs_of(person_id: int) -> list[ProofView]:
    """Return the person's own proofs, the latest changed first; one query."""
    return _listed(Proof.person_id == person_id)


def accepted_for_track(person_id: int, track_id: str) -> bool:
    """Tell whether the person has the workplace evidence of a certification track accepted by two assessors."""
    query = select(Proof.id).where(Proof.person_id == person_id, Proof.track_id == track_id, Proof.state == "accepted")
    return db.session.scalar(query.limit(1)) is not None


def accepted_at(person_ids: Collection[int]) -> dict[tuple[int, str], list[datetime]]:
    """Return when the proofs that each person has accepted for each track were; one query."""
    query = select(Proof.person_id, Proof.track_id, Proof.changed_at).where(
        Proof.person_id.in_(person_ids), Proof.track_id.is_not(None), Proof.state == "accepted"
    )
    found: dict[tuple[int, str], list[datetime]] = {}
    for person, track, moment in db.session.execute(query):
        found.setdefault((person, track or ""), []).append(moment)
    return found


def waiting_for(person_id: int) -> list[ProofView]:
    """Return the proofs that wait for this person's decision, the oldest first; one query."""
    return sorted(_listed(_waits_for(person_id)), key=lambda proof: (proof.submitted_at or proof.changed_at, proof.id))


def count_waiting(person_id: int) -> int:
    """Return how many proofs wait for this person's decision; one query."""
    query = select(func.count()).select_from(Proof).join(ProofVersion, _current()).where(_waits_for(person_id))
    return db.session.scalar(query) or 0


def _current() -> ColumnElement[bool]:
    return and_(ProofVersion.proof_id == Proof.id, ProofVersion.number == Proof.number)


def _waits_for(person_id: int) -> ColumnElement[bool]:
    """Say in SQL what ``rules.obstacle`` says of one proof."""
    managed = Proof.person_id.in_(organisation.people_within(person_id, "manager"))
    trained = Proof.person_id.in_(organisation.people_within(person_id, "training_officer"))
    decided = select(ProofDecision.version_id).where(ProofDecision.assessor_id == person_id)
    second = and_(Proof.state == "validated_once", or_(managed, trained, Proof.second_id == person_id))
    return and_(
        Proof.person_id != person_id,
        ProofVersion.id.not_in(decided),
        or_(and_(Proof.state == "submitted", managed), second),
    )


def _listed(wanted: ColumnElement[bool]) -> list[ProofView]:
    rows = db.session.execute(
        select(Proof, ProofVersion)
        .join(ProofVersion, _current())
        .where(wanted)
        .options(joinedload(Proof.person))
        .order_by(Proof.changed_at.desc(), Proof.id.desc())
    ).all()
    return [_view(proof, version) for proof, version in rows]


def _view(proof: Proof, version: ProofVersion) -> ProofView:
    return ProofView(
        id=proof.id,
        person_id=proof.person_id,
        person=proof.person.name,
        track_id=proof.track_id,
        state=_state(proof),
        number=proof.number,
        title=version.title,
        claims={c: int(level) for c, level in version.claims.items()},
        submitted_at=version.submitted_at,
        changed_at=proof.changed_at,
    )


def _state(proof: Proof) -> State:
    state: State = proof.state  # type: ignore[assignment]
    return state


# --- one proof ---


def page_of(reader_id: int, proof_id: int) -> ProofPage:
    """Return one proof for somebody who may read it; raise UnknownProofError."""
    proof, standing = _readable(reader_id, proof_id)
    versions = _versions(proof, drafts=standing.owner)
    shown = select(ProofVersion).where(ProofVersion.proof_id == proof_id, ProofVersion.number == versions[0].number)
    comments = db.session.scalars(
        select(ProofComment)
        .where(ProofComment.proof_id == proof_id)
        .options(joinedload(ProofComment.author))
        .order_by(ProofComment.id)
    )
    second = db.session.get(Person, proof.second_id) if proof.second_id else None
    return ProofPage(
        proof=_view(proof, db.session.scalars(shown).one()),
        versions=tuple(versions),
        comments=tuple(CommentView(author=c.author.name if c.author else None, body=c.body, at=c.at) for c in comments),
        second=second.name if second else None,
        own=standing.owner,
        obstacle=obstacle(_state(proof), standing),
    )


def _versions(proof: Proof, *, drafts: bool) -> list[VersionView]:
    rows = list(
        db.session.scalars(
            select(ProofVersion).where(ProofVersion.proof_id == proof.id).order_by(ProofVersion.number.desc())
        )
    )
    files = {
        row.id: FileView(id=row.id, name=row.name, media_type=row.media_type, size=row.size)
        for row in db.session.scalars(select(ProofFile).where(ProofFile.proof_id == proof.id))
    }
    decisions: dict[int, list[DecisionView]] = {}
    query = select(ProofDecision).where(ProofDecision.version_id.in_([row.id for row in rows]))
    for one in db.session.scalars(query.options(joinedload(ProofDecision.assessor)).order_by(ProofDecision.place)):
        decisions.setdefault(one.version_id, []).append(
            DecisionView(
                place=one.place,
                decision=one.decision,
                reason=one.reason,
                assessor=one.assessor.name if one.assessor else None,
                at=one.at,
            )
        )
    return [
        VersionView(
            number=row.number,
            title=row.title,
            description=row.description,
            claims={c: int(level) for c, level in row.claims.items()},
            files=tuple(files[key] for key in row.files if key in files),
            submitted_at=row.submitted_at,
            decisions=tuple(decisions.get(row.id, [])),
        )
        for row in rows
        if drafts or row.submitted_at is not None
    ]


def _readable(reader_id: int, proof_id: int) -> tuple[Proof, Standing]:
    proof = db.session.get(Proof, proof_id)
    if proof is None:
        raise UnknownProofError
    standing = _standing(reader_id, proof)
    answered = proof.state != "draft" or _refused(proof.id, proof.number - 1)
    if not may_read(_state(proof), standing, submitted_before=answered):
        raise UnknownProofError
    return proof, standing


def _refused(proof_id: int, number: int) -> bool:
    """Tell whether a version was refused; one that was not and is followed by a draft was withdrawn."""
    query = (
        select(ProofDecision.id)
        .join(ProofVersion, ProofDecision.version_id == ProofVersion.id)
        .where(ProofVersion.proof_id == proof_id, ProofVersion.number == number, ProofDecision.decision == "refused")
    )
    return db.session.scalar(query) is not None


def _standing(reader_id: int, proof: Proof) -> Standing:
    rights = organisation.rights_over(reader_id, proof.person_id)
    decided = set(
        db.session.scalars(
            select(ProofVersion.number)
            .join(ProofDecision, ProofDecision.version_id == ProofVersion.id)
            .where(ProofVersion.proof_id == proof.id, ProofDecision.assessor_id == reader_id)
        )
    )
    return Standing(
        owner=proof.person_id == reader_id,
        manager="manager" in rights,
        officer="training_officer" in rights,
        named=proof.second_id == reader_id,
        decided=proof.number in decided,
        involved=bool(decided),
    )


def _version(proof: Proof) -> ProofVersion:
    query = select(ProofVersion).where(ProofVersion.proof_id == proof.id, ProofVersion.number == proof.number)
    return db.session.scalars(query).one()


def _own(person_id: int, proof_id: int) -> Proof:
    proof = db.session.get(Proof, proof_id)
    if proof is None or proof.person_id != person_id:
        raise UnknownProofError
    return proof


def file_of(reader_id: int, proof_id: int, file_id: int) -> CleanFile:
    """Return a file of a proof with its bytes, for somebody who may read it; raise UnknownProofError."""
    proof, standing = _readable(reader_id, proof_id)
    shown = {one.id for version in _versions(proof, drafts=standing.owner) for one in version.files}
    if file_id not in shown:
        raise UnknownProofError
    row = db.session.get_one(ProofFile, file_id, options=[undefer(ProofFile.content)])
    return CleanFile(name=row.name, media_type=row.media_type, content=row.content)


# --- what its author does ---


def draft_of(person_id: int, proof_id: int) -> VersionView:
    """Return the draft of an own proof; raise NotNowError where the proof is not being written."""
    proof = _own(person_id, proof_id)
    _require(proof, "submit")
    return _versions(proof, drafts=True)[0]


def save(person_id: int, proof_id: int | None, draft: Draft, now: datetime) -> Proof:
    """Keep a draft, of a new proof where none is given; raise NotNowError where the proof is not being written."""
    if proof_id is None:
        proof = Proof(person_id=person_id, state="draft", number=1, created_at=now, changed_at=now)
        db.session.add(proof)
        db.session.flush()
        version = ProofVersion(proof_id=proof.id, number=1, files=[])
        db.session.add(version)
    else:
        proof = _own(person_id, proof_id)
        _require(proof, "submit")
        version = _version(proof)
    proof.track_id, proof.changed_at = draft.track_id, now
    version.title, version.description, version.claims = draft.title, draft.description, dict(draft.claims)
    kept = [key for key in version.files if key in draft.kept_files]
    version.files = [*kept, *_add_files(proof.id, draft.new_files)]
    db.session.flush()
    _drop_loose_files(proof.id)
    return proof


def _add_files(proof_id: int, files: Collection[CleanFile]) -> list[int]:
    rows = [
        ProofFile(
            proof_id=proof_id, name=one.name, media_type=one.media_type, size=len(one.content), content=one.content
        )
        for one in files
    ]
    db.session.add_all(rows)
    db.session.flush()
    return [row.id for row in rows]


def _drop_loose_files(proof_id: int) -> None:
    """Delete the files that no version holds any more."""
    versions = db.session.scalars(select(ProofVersion.files).where(ProofVersion.proof_id == proof_id))
    held = {key for files in versions for key in files}
    db.session.execute(delete(ProofFile).where(ProofFile.proof_id == proof_id, ProofFile.id.not_in(held)))


def submit(person_id: int, proof_id: int, now: datetime) -> list[Person]:
    """Hand a draft in; return the managers who may decide first. Raise NoManagerError, NotNowError."""
    proof = _own(person_id, proof_id)
    _require(proof, "submit")
    managers = organisation.holders_over(person_id, "manager")
    if not managers:
        raise NoManagerError
    _move(proof, "submit", now)
    _version(proof).submitted_at = now
    db.session.flush()
    return managers


def withdraw(person_id: int, proof_id: int, now: datetime) -> None:
    """Take an own proof back before the second decision: assessors no longer read it, what it had added no longer counts."""
    proof = _own(person_id, proof_id)
    _move(proof, "withdraw", now)
    assessment.void_evidence(person_id, _key(proof.id), now)


def revise(person_id: int, proof_id: int, now: datetime) -> None:
    """Open a new version of a refused or withdrawn proof, starting from the last one; versions before stay as they were."""
    proof = _own(person_id, proof_id)
    before = _version(proof)
    _move(proof, "revise", now)
    proof.number, proof.second_id = before.number + 1, None
    db.session.add(
        ProofVersion(
            proof_id=proof.id,
            number=proof.number,
            title=before.title,
            description=before.description,
            claims=before.claims,
            files=before.files,
        )
    )
    db.session.flush()


def discard(person_id: int, proof_id: int, now: datetime) -> bool:
    """Delete an own draft; tell whether the whole proof went, or only the version begun after a refusal or withdrawal."""
    proof = _own(person_id, proof_id)
    _require(proof, "submit")
    if proof.number == 1:
        db.session.delete(proof)
        db.session.flush()
        return True
    db.session.delete(_version(proof))
    proof.number -= 1
    db.session.flush()
    proof.state = "refused" if _refused(proof.id, proof.number) else "withdrawn"
    proof.changed_at = now
    db.session.flush()
    _drop_loose_files(proof.id)
    return False


def comment(author_id: int, proof_id: int, body: str, now: datetime) -> None:
    """Add a message to the thread, by whoever may read the proof."""
    _readable(author_id, proof_id)
    db.session.add(ProofComment(proof_id=proof_id, author_id=author_id, body=body, at=now))
    db.session.flush()


# --- what assessors do ---


def decide(
    assessor_id: int,
    proof_id: int,
    number: int,
    decision: str,
    reason: str,
    now: datetime,
    second_email: str = "",
) -> State | None:
    """Validate or refuse one version, with a reason; return the state that follows, None where this was known already.

    Raise ForbiddenError for one's own proof or outside one's units,
    ChangedMeanwhileError where another version or another assessor came first, NotNowError where nothing is awaited.
    """
    proof = db.session.get(Proof, proof_id)
    if proof is None:
        raise UnknownProofError
    standing = _standing(assessor_id, proof)
    if standing.decided and _decision_of(assessor_id, proof, number) == decision:
        return None
    _require_decider(_state(proof), standing)
    if number != proof.number:
        raise ChangedMeanwhileError
    place, version = place_of(_state(proof)), _version(proof)
    if place == 1 and decision == "validated" and second_email:
        proof.second_id = _second(proof, assessor_id, second_email).id
    following = _move(proof, "validate" if decision == "validated" else "refuse", now)
    db.session.add(
        ProofDecision(
            version_id=version.id, assessor_id=assessor_id, place=place, decision=decision, reason=reason, at=now
        )
    )
    if decision == "validated":
        for competency, level in version.claims.items():
            key = f"{_key(proof.id)}{number}:{competency}:{place}"
            assessment.add_evidence(proof.person_id, competency, evidence_kind(place), float(level), key, now)
    else:
        assessment.void_evidence(proof.person_id, _key(proof.id), now)
    db.session.flush()
    return following


def _key(proof_id: int) -> str:
    """Return what the keys of a proof's evidence begin with."""
    return f"proof:{proof_id}:"


def _decision_of(assessor_id: int, proof: Proof, number: int) -> str | None:
    query = select(ProofDecision.decision).join(ProofVersion, ProofDecision.version_id == ProofVersion.id)
    return db.session.scalar(
        query.where(
            ProofVersion.proof_id == proof.id, ProofVersion.number == number, ProofDecision.assessor_id == assessor_id
        )
    )


def _require_decider(state: State, standing: Standing) -> None:
    found = obstacle(state, standing)
    if found in ("own", "outside"):
        raise ForbiddenError(OBSTACLES[found])
    if found is not None:
        raise NotNowError(OBSTACLES[found])


def _second(proof: Proof, manager_id: int, email: str) -> Person:
    """Return the person whom the manager names; raise UnknownSecondError."""
    person = accounts.by_email(email)
    if person is None:
        raise UnknownSecondError(
            Text(
                "Personne n'est connu à cette adresse. Laissez le champ vide : un autre cadre ou un responsable de "
                "formation donnera le second avis.",
                "Nobody is known at this address. Leave the field empty: another manager or a training officer will "
                "give the second opinion.",
            )
        )
    if person.id in (proof.person_id, manager_id):
        raise UnknownSecondError(
            Text(
                "Le second évaluateur est une autre personne que l'auteur de la preuve et que vous.",
                "The second assessor is neither the author of the proof nor yourself.",
            )
        )
    return person


def people_to_tell(proof_id: int) -> tuple[Person, Person | None]:
    """Return the author of a proof and the second assessor whom the manager named."""
    proof = db.session.get_one(Proof, proof_id, options=[joinedload(Proof.person)])
    return proof.person, db.session.get(Person, proof.second_id) if proof.second_id else None


def _require(proof: Proof, act: Act) -> State:
    following = after(_state(proof), act)
    if following is None:
        waiting = proof.state in WAITING
        raise NotNowError(
            Text(
                "Cette preuve est chez les évaluateurs : retirez-la avant de la modifier."
                if waiting
                else "Ce n'est plus possible : cette preuve a changé d'état. Rechargez sa page.",
                "This proof is with the assessors: withdraw it before you change it."
                if waiting
                else "This is no longer possible: the proof has moved on. Reload its page.",
            )
        )
    return following


def _move(proof: Proof, act: Act, now: datetime) -> State:
    """Change the state if nobody else has in the meantime; raise NotNowError, ChangedMeanwhileError."""
    following = _require(proof, act)
    moved = db.session.scalar(
        update(Proof)
        .where(Proof.id == proof.id, Proof.state == proof.state, Proof.number == proof.number)
        .values(state=following, changed_at=now)
        .returning(Proof.id)
    )
    if moved is None:
        raise ChangedMeanwhileError
    return following
