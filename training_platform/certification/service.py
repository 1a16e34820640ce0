"""A person's way to each certificate: enrolment under a version, distance, shortest way, chance, next action."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from training_platform.assessment import service as assessment
from training_platform.assessment.rules import Estimate, Item, state_of
from training_platform.assessment.rules.estimate import DISCRIMINATION
from training_platform.awards import service as awards
from training_platform.awards.service import HeldAward, TrackFacts
from training_platform.catalogue import service as catalogue
from training_platform.catalogue import visible
from training_platform.catalogue.service import LiveModule
from training_platform.certification.models import TrackEnrolment
from training_platform.certification.rules import Action, Done, Progress, electives_to_take, progress, weeks_needed
from training_platform.certification.rules.chance import Chance, ExpectedItem, chance
from training_platform.certification.rules.progress import Faded, faded, next_action
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.exams import service as exams
from training_platform.framework.rules import Framework
from training_platform.learning import service as learning
from training_platform.organisation import service as organisation
from training_platform.portfolio import service as portfolio
from training_platform.recommendations.rules import PlannedModule, Step, plan
from training_platform.recommendations.service import Situation, situation_of
from training_platform.text import LANGUAGES, Text
from training_platform.tracks import service as tracks
from training_platform.tracks.format import Track
from training_platform.tracks.rules import Change, differences, renewal_of

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
WRITTEN_IN = 4
"""Options that a question of the exam is expected to have, where its bank is not written yet."""


class NotEnrolledError(RefusedError):
    """The person does not work towards this certificate."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Vous n'êtes pas inscrit à cette certification. Inscrivez-vous depuis sa page.",
                "You are not enrolled in this certification. Enrol from its page.",
            )
        )


@dataclass(frozen=True, kw_only=True)
class EnrolmentView:
    """An open enrolment as pages show it."""

    id: int
    version: int
    purpose: str
    started_at: datetime
    paused_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Card:
    """A track in the list."""

    track: Track
    progress: Progress
    enrolment: EnrolmentView | None


@dataclass(frozen=True, kw_only=True)
class WayStop:
    """A module of the shortest way: the steps that it climbs, and why it is there."""

    module: LiveModule
    climbs: tuple[Step, ...]
    elective: bool
    required: bool


@dataclass(frozen=True, kw_only=True)
class Way:
    """The shortest way through the modules that are left."""

    stops: tuple[WayStop, ...]
    minutes: int
    weeks: int
    ready_on: date | None
    """When the modules are done at the person's pace; None: nothing left."""
    minutes_per_week: int


@dataclass(frozen=True, kw_only=True)
class TrackView:
    """All that one person's page of one track shows."""

    progress: Progress
    enrolment: EnrolmentView | None
    way: Way
    chance: Chance | None
    action: Action
    levels: Mapping[str, Estimate]
    newer: Track | None
    """The current version, where the person is enrolled under an older one."""
    faded: tuple[Faded, ...]
    """For a renewal: the levels asked for that have faded since, to refresh before the exam."""


def overview(person_id: int, content: Path, framework: Framework, now: datetime) -> list[Card]:
    """Return every track with the person's distance to it, those enrolled in first."""
    open_ones = {row.track_id: row for row in _open(person_id)}
    known = _known([person_id], framework, now)
    cards = []
    for track_id, current in tracks.current(content).items():
        row = open_ones.get(track_id)
        found = _progress(known, person_id, row, current)
        cards.append(Card(track=found.track, progress=found, enrolment=_view(row) if row else None))
    return sorted(cards, key=lambda card: card.enrolment is None)


def view_of(
    person_id: int, content: Path, track_id: str, framework: Framework, now: datetime, minutes_per_week: int
) -> TrackView:
    """Return one track as its page shows it to one person; raise UnknownTrackError."""
    current = tracks.track(content, track_id)
    row = enrolment_of(person_id, track_id)
    situation = situation_of(person_id, framework, now, minutes_per_week)
    found = _progress(_known([person_id], framework, now), person_id, row, current)
    track, whole = found.track, tracks.parsed(row.version) if row else current
    way = _way(found, situation, now)
    return TrackView(
        progress=found,
        enrolment=_view(row) if row else None,
        way=way,
        chance=_chance(person_id, track, whole.min_levels, framework, situation.levels, now),
        action=next_action(
            found,
            tuple(stop.module.code for stop in way.stops),
            enrolled=row is not None,
            paused=row is not None and row.paused_at is not None,
        ),
        levels=situation.levels,
        newer=current if row and current.version > track.version else None,
        faded=faded(whole.min_levels, {c: level.held for c, level in situation.levels.items()})
        if row and row.purpose == "renewal"
        else (),
    )


def progress_of_many(
    person_ids: Sequence[int], current: Track, framework: Framework, now: datetime
) -> dict[int, tuple[Progress, EnrolmentView | None]]:
    """Return the distance of several people to one track, each under the version begun."""
    rows = db.session.scalars(
        select(TrackEnrolment)
        .where(
            TrackEnrolment.person_id.in_(person_ids),
            TrackEnrolment.track_id == current.id,
            TrackEnrolment.left_at.is_(None),
            TrackEnrolment.concluded_at.is_(None),
        )
        .options(joinedload(TrackEnrolment.version))
    )
    open_ones = {row.person_id: row for row in rows}
    known = _known(person_ids, framework, now)
    found = {}
    for person_id in person_ids:
        row = open_ones.get(person_id)
        found[person_id] = (_progress(known, person_id, row, current), _view(row) if row else None)
    return found


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What is known of several people, read in a fixed number of queries."""

    completed: Mapping[int, Mapping[str, datetime]]
    """Modules by code, each with the moment of its first completion."""
    granted: Mapping[int, Mapping[str, int]]
    proofs: Mapping[tuple[int, str], Sequence[datetime]]
    exams: Mapping[tuple[int, str], exams.ExamState]
    awards: Mapping[tuple[int, str], HeldAward]
    codes: Collection[str]
    """The modules of the national catalogue that can be taken; a unit's own one is new to whoever has completed it since."""

    def asked(self, person_id: int, track: Track, purpose: str) -> Track:
        """Return what is asked of a person: the track, or what its renewal asks."""
        if purpose != "renewal":
            return track
        since = self._since(person_id, track, purpose)
        done = self.completed.get(person_id, {})
        new = [code for code in self.codes if code not in done or done[code] > since]
        return renewal_of(track, [*new, *(code for code, at in done.items() if at > since and code not in self.codes)])

    def done(self, person_id: int, track: Track, purpose: str) -> Done:
        """Return what one of them has reached in a track; for a renewal, since the last certificate."""
        key = (person_id, track.id)
        award, exam = self.awards.get(key), self.exams.get(key)
        since = self._since(person_id, track, purpose)
        counts = exam is not None and exam.purpose == purpose and exam.opened_at >= since
        return Done(
            completed=frozenset(self.completed.get(person_id, {})),
            granted=self.granted.get(person_id, {}),
            evidence=sum(moment >= since for moment in self.proofs.get(key, ())),
            exam=exam.state if exam and counts else "not_begun",
            parts=exam.parts if exam and counts else frozenset(),
            awarded=award is not None and award.counts and purpose == "award",
        )

    def _since(self, person_id: int, track: Track, purpose: str) -> datetime:
        """Return from when exams and proofs count: a certificate that is renewed, expired or revoked used up those before."""
        award = self.awards.get((person_id, track.id))
        used_up = award is not None and (purpose == "renewal" or not award.counts)
        return award.issued_at if award and used_up else BEGINNING


def _known(person_ids: Sequence[int], framework: Framework, now: datetime) -> _Known:
    completed = learning.completed_by_person(person_ids)
    counted = visible.codes_of({module for modules in completed.values() for module in modules})
    return _Known(
        completed={person: _by_code(modules, counted) for person, modules in completed.items()},
        granted=assessment.granted_by_person(person_ids, list(framework.competencies), now),
        proofs=portfolio.accepted_at(person_ids),
        exams=exams.states_of(person_ids),
        awards=awards.latest_by(person_ids, now),
        codes=[live.code for live in catalogue.live_modules() if live.unit_id is None and not live.planned],
    )


def _by_code(modules: Mapping[int, datetime], counted: Mapping[int, str]) -> dict[str, datetime]:
    """Return the first completion by code: a copy counts as its original, and what has left the catalogue still counts."""
    latest_first = sorted(modules.items(), key=lambda completion: completion[1], reverse=True)
    return {counted[module]: moment for module, moment in latest_first if module in counted}


def _progress(known: _Known, person_id: int, row: TrackEnrolment | None, current: Track) -> Progress:
    """Return a person's distance: under the version begun, to the certificate or to its renewal."""
    track, purpose = (tracks.parsed(row.version), row.purpose) if row else (current, "award")
    return progress(known.asked(person_id, track, purpose), known.done(person_id, track, purpose))


def _way(found: Progress, situation: Situation, now: datetime) -> Way:
    """Plan the modules left: those required, the cheapest electives, and what brings the levels asked for."""
    modules: dict[str, PlannedModule] = {module.id: module for module in situation.request.modules}
    chosen = electives_to_take(found, modules)
    required = frozenset(found.modules_missing)
    request = replace(
        situation.request,
        targets=dict(found.track.min_levels),
        minutes=None,
        pinned=required | frozenset(chosen),
        refused=frozenset(),
        obligations=(),
    )
    planned = plan(request)
    weeks = weeks_needed(planned.minutes, situation.minutes_per_week)
    return Way(
        stops=tuple(
            WayStop(
                module=situation.modules[stop.module.id],
                climbs=stop.climbs,
                elective=stop.module.id in chosen,
                required=stop.module.id in required,
            )
            for stop in planned.stops
        ),
        minutes=planned.minutes,
        weeks=weeks,
        ready_on=(now + timedelta(weeks=weeks)).date() if planned.stops else None,
        minutes_per_week=situation.minutes_per_week,
    )


def _chance(
    person_id: int,
    track: Track,
    asked: Mapping[str, int],
    framework: Framework,
    levels: Mapping[str, Estimate],
    now: datetime,
) -> Chance | None:
    """Return the chance to pass the quiz today, None for a track without one."""
    quiz = next((part for part in track.exam.parts if part.kind == "quiz"), None)
    if quiz is None:
        return None
    competencies = list(framework.competencies)
    pools: dict[str, list[ExpectedItem]] = {}
    for competency, level in asked.items():
        item = Item(difficulty=level - 0.5, discrimination=DISCRIMINATION["medium"], guessing=1 / WRITTEN_IN)
        domain = framework.competencies[competency].domain
        pools.setdefault(domain, []).append(ExpectedItem(competency=competency, item=item))
    counts = {domain: round(share * quiz.items / 100) for domain, share in track.exam.blueprint.items()}
    return chance(
        state_of(competencies, assessment.observations(person_id), now),
        pools,
        counts,
        track.exam.passing.parts.get(quiz.id, track.exam.passing.overall),
        safety=track.exam.passing.safety == "all",
        informed=frozenset(c for c, level in levels.items() if level.evidence_count),
    )


def _open(person_id: int) -> list[TrackEnrolment]:
    query = select(TrackEnrolment).where(
        TrackEnrolment.person_id == person_id,
        TrackEnrolment.left_at.is_(None),
        TrackEnrolment.concluded_at.is_(None),
    )
    query = query.options(joinedload(TrackEnrolment.version)).order_by(TrackEnrolment.id)
    return list(db.session.scalars(query))


def enrolment_of(person_id: int, track_id: str) -> TrackEnrolment | None:
    """Return the person's open enrolment in a track."""
    return next((row for row in _open(person_id) if row.track_id == track_id), None)


def require_enrolment(person_id: int, track_id: str) -> TrackEnrolment:
    """Return the person's open enrolment in a track; raise NotEnrolledError."""
    row = enrolment_of(person_id, track_id)
    if row is None:
        raise NotEnrolledError
    return row


def _view(row: TrackEnrolment) -> EnrolmentView:
    return EnrolmentView(
        id=row.id,
        version=tracks.parsed(row.version).version,
        purpose=row.purpose,
        started_at=row.started_at,
        paused_at=row.paused_at,
    )


def enrol(person_id: int, content: Path, track_id: str, now: datetime) -> bool:
    """Enrol under the current version; tell whether this is new (twice is once). Raise UnknownTrackError."""
    track = tracks.track(content, track_id)
    if enrolment_of(person_id, track_id) is not None:
        return False
    row = TrackEnrolment(
        person_id=person_id,
        track_id=track_id,
        track_version_id=tracks.version_id(track, now),
        purpose=_purpose(person_id, track_id, now),
        started_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        return False
    return True


def _purpose(person_id: int, track_id: str, now: datetime) -> str:
    """Return what an enrolment is for; raise RefusedError while a certificate needs none yet."""
    award = awards.latest_by([person_id], now).get((person_id, track_id))
    if award is None or award.state == "revoked":
        return "award"
    if award.state == "valid":
        raise RefusedError(
            Text(
                f"Votre certificat est valable jusqu'au {award.expires_at:%d/%m/%Y}. Vous pourrez le renouveler dans ses "
                "trois derniers mois ; un rappel vous sera envoyé.",
                f"Your certificate is valid until {award.expires_at:%d/%m/%Y}. You may renew it in its last three months; "
                "a reminder will be sent to you.",
            )
        )
    return "renewal"


def pause(person_id: int, track_id: str, now: datetime) -> None:
    """Pause: nothing is lost and nothing is asked until the person takes it up again."""
    row = require_enrolment(person_id, track_id)
    row.paused_at = row.paused_at or now
    db.session.flush()


def resume(person_id: int, track_id: str) -> None:
    """Take it up again."""
    require_enrolment(person_id, track_id).paused_at = None
    db.session.flush()


def leave(person_id: int, track_id: str, now: datetime) -> None:
    """Leave: modules, levels and proofs stay the person's."""
    require_enrolment(person_id, track_id).left_at = now
    db.session.flush()


def changes(person_id: int, content: Path, track_id: str) -> tuple[Track, Track, list[Change]]:
    """Return the version begun, the current one and what differs; raise NotEnrolledError."""
    older = tracks.parsed(require_enrolment(person_id, track_id).version)
    newer = tracks.track(content, track_id)
    return older, newer, differences(older, newer)


def move(person_id: int, content: Path, track_id: str, now: datetime) -> Track:
    """Go on under the current version; raise NotEnrolledError."""
    row = require_enrolment(person_id, track_id)
    newer = tracks.track(content, track_id)
    row.track_version_id = tracks.version_id(newer, now)
    db.session.flush()
    db.session.expire(row, ["version"])
    return newer


def facts_of(track: Track) -> TrackFacts:
    """Return what a certificate of this version of a track says of it."""
    asked = (len(track.modules) + track.electives.choose, len(track.min_levels), len(track.evidence))
    parts = Text(*(", ".join(part.title[language].lower() for part in track.exam.parts) for language in LANGUAGES))
    least = track.exam.passing.overall
    return TrackFacts(
        track_id=track.id,
        version=track.version,
        name=Text(track.name.fr, track.name.en),
        criteria=Text(
            "{} modules, {} niveaux accordés, preuves de terrain validées : {} ; épreuves réussies à {} % au moins : {}".format(
                *asked, least, parts.fr
            ),
            "{} modules, {} granted levels, validated workplace proofs: {}; exam passed with {} % at least: {}".format(
                *asked, least, parts.en
            ),
        ),
        validity_months=track.validity_months,
    )


# --- the exam and the certificate ---


def open_exam(person_id: int, track_id: str, framework: Framework, now: datetime) -> int:
    """Return the exam that the person may sit, opened where it is due; raise NotEnrolledError, NotEligibleError."""
    row = require_enrolment(person_id, track_id)
    track = tracks.parsed(row.version)
    found = _progress(_known([person_id], framework, now), person_id, row, track)
    if found.closed_by and found.done.exam in ("not_begun", "failed"):
        raise NotEligibleError(found)
    if row.paused_at is not None:
        raise RefusedError(
            Text(
                "Votre inscription est en pause. Reprenez-la d'abord, depuis la page de la certification.",
                "Your enrolment is paused. Take it up again first, from the page of the certification.",
            )
        )
    if found.done.exam == "passed":
        latest = exams.latest(person_id, track_id, now)
        assert latest is not None
        return latest.id
    return exams.open_exam(person_id, track, row.purpose, now)


class NotEligibleError(RefusedError):
    """The exam is not open yet; says what is missing and what to do."""

    def __init__(self, found: Progress) -> None:
        modules = len(found.modules_missing)
        missing = {
            "modules": Text(f"{modules} modules à faire", f"{modules} modules to take"),
            "electives": Text(
                f"{found.electives_missing} modules au choix", f"{found.electives_missing} electives to take"
            ),
            "levels": Text(f"{len(found.levels_missing)} niveaux à faire accorder", "levels to be granted"),
            "evidence": Text("des preuves de terrain à faire valider", "workplace proofs to have validated"),
        }
        said = [missing[group] for group in found.closed_by]
        super().__init__(
            Text(
                f"L'épreuve s'ouvre quand tout ceci est fait ; il reste : {', '.join(one.fr for one in said)}. "
                "Le plus court chemin est sur la page de la certification.",
                f"The exam opens once all of this is done; left: {', '.join(one.en for one in said)}. "
                "The shortest way is on the page of the certification.",
            )
        )


def conclude(person_id: int, framework: Framework, now: datetime) -> list[str]:
    """Issue the certificate of each enrolment whose requirements are all met, once; return the tracks."""
    rows = _open(person_id)
    if not rows:
        return []
    known = _known([person_id], framework, now)
    done = []
    for row in rows:
        track = tracks.parsed(row.version)
        if _progress(known, person_id, row, track).ready and row.paused_at is None and _concluded(row, now):
            unit = next(iter(organisation.unit_ids_of(person_id)), None)
            issue = awards.renew if row.purpose == "renewal" else awards.issue
            issue(person_id, facts_of(track), unit, now)
            done.append(track.id)
    return done


def _concluded(row: TrackEnrolment, now: datetime) -> bool:
    """Conclude an enrolment; of two requests at once only one does, and issues the certificate."""
    query = (
        update(TrackEnrolment)
        .where(TrackEnrolment.id == row.id, TrackEnrolment.concluded_at.is_(None), TrackEnrolment.left_at.is_(None))
        .values(concluded_at=now)
        .returning(TrackEnrolment.id)
    )
    return db.session.scalar(query) is not None


def to_conclude() -> list[int]:
    """Return the people with an open enrolment, for the nightly run."""
    query = select(TrackEnrolment.person_id).where(
        TrackEnrolment.left_at.is_(None), TrackEnrolment.concluded_at.is_(None), TrackEnrolment.paused_at.is_(None)
    )
    return sorted(set(db.session.scalars(query)))
