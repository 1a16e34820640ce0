"""What works: how far people come in each module, how long it takes them, what it brings; no names, no small groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select

from training_platform.assessment import service as assessment
from training_platform.assessment.rules import Observation
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.models import Module, ModuleVersion
from training_platform.catalogue.service import LiveModule
from training_platform.coverage import people
from training_platform.coverage.rules import works as rules
from training_platform.coverage.rules.gain import Answered, rise
from training_platform.coverage.rules.proposals import Interval
from training_platform.coverage.rules.works import Advice, Minutes, Opinions, Reading, Stage
from training_platform.db import db
from training_platform.learning.models import Enrolment, LessonTime, ModuleRating
from training_platform.organisation import service as organisation
from training_platform.organisation.groups import SMALLEST
from training_platform.organisation.models import Position
from training_platform.text import Text

MEASURED = 200
"""People, the latest to finish, whose gain is measured."""
AFTER_THE_END = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class ModuleLine:
    """A module in the list; numbers below five are None."""

    live: LiveModule
    started: int | None
    finished: int | None
    score: float | None


@dataclass(frozen=True, kw_only=True)
class Gain:
    """How much a competency rose between just before a module and its end, by the answers alone."""

    competency: str
    levels: Interval


@dataclass(frozen=True, kw_only=True)
class ModuleWorks:
    """All that is known of how a module does in the officer's units."""

    live: LiveModule
    lessons: tuple[Text, ...]
    started: int
    finished: int
    way: tuple[Stage, ...]
    minutes: Minutes | None
    gains: tuple[Gain, ...]
    opinions: Opinions | None
    advice: tuple[Advice, ...]
    since: datetime | None

    @property
    def too_few(self) -> bool:
        """Tell whether the people are too few to show anything."""
        return self.started < SMALLEST


def modules_of(officer_id: int) -> list[ModuleLine]:
    """Return the live modules with how many of the officer's people began and finished them; three queries."""
    organisation.require_right(officer_id, people.RIGHT)
    inside = _inside(officer_id)
    counts = (
        select(
            ModuleVersion.module_id,
            func.count(Enrolment.person_id.distinct()),
            func.count(Enrolment.person_id.distinct()).filter(Enrolment.completed_at.is_not(None)),
        )
        .join(Enrolment, Enrolment.version_id == ModuleVersion.id)
        .where(Enrolment.person_id.in_(inside))
        .group_by(ModuleVersion.module_id)
    )
    started = {module: (begun, done) for module, begun, done in db.session.execute(counts)}
    opinions = (
        select(ModuleVersion.module_id, func.count(), func.avg(ModuleRating.score))
        .join(ModuleRating, ModuleRating.version_id == ModuleVersion.id)
        .where(ModuleRating.person_id.in_(inside))
        .group_by(ModuleVersion.module_id)
    )
    scores = {module: float(mean) for module, number, mean in db.session.execute(opinions) if number >= SMALLEST}
    return [
        ModuleLine(
            live=live,
            started=rules.shown(started.get(live.module_id, (0, 0))[0]),
            finished=rules.shown(started.get(live.module_id, (0, 0))[1]),
            score=scores.get(live.module_id),
        )
        for live in catalogue.live_modules()
        if not live.planned
    ]


def module_works(officer_id: int, slug: str, now: datetime) -> ModuleWorks:
    """Return how one module does; raise ForbiddenError, UnknownModuleError."""
    organisation.require_right(officer_id, people.RIGHT)
    live = catalogue.live_by_slug(slug)
    organisation.require_right(officer_id, people.RIGHT, db.session.get_one(Module, live.module_id).unit_id)
    package = catalogue.package_of(live.version_id)
    readings = _readings(officer_id, live)
    latest = list(dict(readings).values())
    finished = [(person, one) for person, one in readings if one.completed_at is not None]
    lessons = len(package.lessons)
    enough = len(latest) >= SMALLEST
    way = rules.stages(latest, lessons, now) if enough else []
    minutes = rules.minutes_of(latest, lessons) if enough else None
    gains = _gains(finished, live) if enough else []
    opinions = _opinions(officer_id, live) if enough else None
    lowest = min((gain.levels for gain in gains), key=lambda one: one.low, default=None)
    return ModuleWorks(
        live=live,
        lessons=tuple(Text(_title(lesson.text.fr), _title(lesson.text.en)) for lesson in package.lessons),
        started=len(latest),
        finished=sum(one.completed_at is not None for one in latest),
        way=tuple(way),
        minutes=minutes,
        gains=tuple(gains),
        opinions=opinions,
        advice=tuple(rules.advise(way, len(latest), minutes, live.head.minutes, lowest, opinions)) if enough else (),
        since=min((one.started_at for one in latest), default=None),
    )


def _title(markdown: str) -> str:
    return markdown.partition("\n")[0].removeprefix("#").strip()


def _inside(officer_id: int) -> Select[tuple[int]]:
    """Return the query of the people with a position in the officer's units."""
    return select(Position.person_id).where(Position.unit_id.in_(organisation.units_within(officer_id, people.RIGHT)))


def _readings(officer_id: int, live: LiveModule) -> list[tuple[int, Reading]]:
    """Return each person's way through any version of the module, the earlier ones first; two queries."""
    rows = db.session.scalars(
        select(Enrolment)
        .join(ModuleVersion)
        .where(ModuleVersion.module_id == live.module_id, Enrolment.person_id.in_(_inside(officer_id)))
        .order_by(Enrolment.started_at, Enrolment.id)
    ).all()
    seconds: dict[int, list[tuple[int, int]]] = {}
    times = select(LessonTime.enrolment_id, LessonTime.lesson, LessonTime.seconds)
    versions = select(Enrolment.id).join(ModuleVersion).where(ModuleVersion.module_id == live.module_id)
    for enrolment, lesson, spent in db.session.execute(times.where(LessonTime.enrolment_id.in_(versions))):
        seconds.setdefault(enrolment, []).append((lesson, spent))
    return [
        (
            row.person_id,
            Reading(
                lessons_read=frozenset(row.lessons_read),
                lesson=row.lesson,
                started_at=row.started_at,
                last_at=row.last_at,
                completed_at=row.completed_at,
                seconds=tuple(sorted(seconds.get(row.id, ()))),
            ),
        )
        for row in rows
    ]


def _gains(finished: Sequence[tuple[int, Reading]], live: LiveModule) -> list[Gain]:
    """Return the gain in each competency of the module, for those who answered questions on it before and at its end."""
    last = sorted(finished, key=lambda pair: pair[1].completed_at or pair[1].last_at)[-MEASURED:]
    observations = assessment.observations_of_many([person for person, _ in last])
    before: dict[str, list[Answered]] = {step.c: [] for step in live.head.steps}
    after: dict[str, list[Answered]] = {step.c: [] for step in live.head.steps}
    for person, one in last:
        end = (one.completed_at or one.last_at) + AFTER_THE_END
        for competency in before:
            own = [o for o in observations.get(person, ()) if o.competency == competency]
            earlier = _answered(o for o in own if o.at < one.started_at)
            later = _answered(o for o in own if one.started_at <= o.at <= end)
            if earlier and later:
                before[competency].append(earlier)
                after[competency].append(later)
    return [
        Gain(competency=competency, levels=rise(found, after[competency]))
        for competency, found in before.items()
        if len(found) >= SMALLEST
    ]


def _answered(observations: Iterable[Observation]) -> Answered:
    return [(o.item, o.correct) for o in observations if o.item is not None]


def _opinions(officer_id: int, live: LiveModule) -> Opinions | None:
    query = (
        select(ModuleRating.score, ModuleRating.remark)
        .join(ModuleVersion, ModuleRating.version_id == ModuleVersion.id)
        .where(ModuleVersion.module_id == live.module_id, ModuleRating.person_id.in_(_inside(officer_id)))
    )
    return rules.opinions_of([(score, remark) for score, remark in db.session.execute(query)])
