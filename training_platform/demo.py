"""A fictional hospital group, so that pages look as in life: marked as such, and removable."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select, update

from training_platform.accounts import service as accounts
from training_platform.accounts.models import Person
from training_platform.assessment import service as assessment
from training_platform.assessment import sittings
from training_platform.cases import demo as cases
from training_platform.catalogue import service as catalogue
from training_platform.certification import demo as certification
from training_platform.db import db
from training_platform.framework.rules import Framework
from training_platform.item_analysis import demo as answers
from training_platform.learning import service as learning
from training_platform.organisation.models import Grant, Position, Unit
from training_platform.portfolio import demo as proofs
from training_platform.recommendations import duties
from training_platform.recommendations.models import DutyRecord
from training_platform.reviews import demo as past
from training_platform.studio import demo as studio
from training_platform.studio import writing_demo
from training_platform.text import Text

PEOPLE = 600
ESTABLISHMENTS = ("CH des Trois-Rivières (fictif)", "CH du Val-d'Aubance (fictif)", "EHPAD des Tilleuls (fictif)")
DEPARTMENTS = (
    "Médecine",
    "Urgences",
    "Laboratoire",
    "Imagerie",
    "Pharmacie",
    "Facturation et admissions",
    "Logistique",
    "Direction",
)
FIRST = (
    "Awa",
    "Camille",
    "Claire",
    "Driss",
    "Élodie",
    "Fatou",
    "Gaël",
    "Hugo",
    "Inès",
    "Jules",
    "Karim",
    "Léa",
    "Manon",
    "Nadia",
    "Omar",
    "Paul",
    "Quentin",
    "Rose",
    "Sami",
    "Théa",
    "Ugo",
    "Victor",
    "Yasmine",
    "Zoé",
)
LAST = (
    "Aubry",
    "Benali",
    "Carlier",
    "Diallo",
    "Estève",
    "Fournel",
    "Guérin",
    "Haddad",
    "Imbert",
    "Jaouen",
    "Kerbrat",
    "Lemoine",
    "Marchal",
    "Nguyen",
    "Oger",
    "Perrot",
    "Quéré",
    "Roussel",
    "Sow",
    "Tessier",
    "Urbain",
    "Vasseur",
    "Weber",
    "Yvon",
)
AUDIENCES = (
    ("nurse", "R10", None),
    ("billing clerk", "R21", None),
    ("training officer", "R27", "training_officer"),
    ("student director", "R44", None),
    ("manager", "R41", "manager"),
    ("administrator", "R34", "administrator"),
)
"""Label, role profile, right on the whole group."""


def create(framework: Framework, content: Path, now: datetime) -> None:
    """Create units, people with positions, self-ratings and completed modules; the same on every run."""
    source = random.Random(2026)
    group, departments = _units()
    roles = sorted(framework.roles)
    for number in range(PEOPLE):
        name = f"{source.choice(FIRST)} {source.choice(LAST)}"
        person = accounts.create_person(f"demo{number:03d}@exemple.invalid", name, now - timedelta(days=200), demo=True)
        person.minutes_per_week = source.choice((15, 20, 30, 45, 60))
        if number < len(AUDIENCES):
            label, role_id, right = AUDIENCES[number]
            person.email = f"{label.replace(' ', '.')}@exemple.invalid"
            if right:
                db.session.add(Grant(person_id=person.id, unit_id=group.id, right=right))
        else:
            role_id = source.choice(roles)
        unit = source.choice(departments)
        since = (now - timedelta(days=source.randrange(100, 4000))).date()
        db.session.add(Position(person_id=person.id, unit_id=unit.id, role_id=role_id, since=since))
        if number >= len(AUDIENCES):
            _history(person, framework.roles[role_id].targets, source, now)
    db.session.flush()
    _duties(group, now)
    proofs.create(now)
    past.create(now)
    cases.show(dict(audiences()), content, now)
    answers.create(now)
    certification.show(dict(audiences()), group, content, now)
    studio.create(framework, now)
    writing_demo.fill(now)


def _duties(group: Unit, now: datetime) -> None:
    """Set what the group asks of everybody: the incident module within three months."""
    live = {module.code for module in catalogue.live_modules() if not module.planned}
    if "M27" in live:
        officer = db.session.scalar(select(Person).where(Person.email == "training.officer@exemple.invalid"))
        duties.create(
            officer.id if officer else 0,
            unit_id=group.id,
            name=Text("Exercice annuel de cyberattaque (fictif)", "Yearly cyber-attack exercise (fictional)"),
            modules=["M27"],
            targets={},
            roles=[],
            due=(now + timedelta(days=90)).date(),
            now=now,
        )


def _units() -> tuple[Unit, list[Unit]]:
    nation = _unit("DEMO-FR", "nation", "France (démonstration)", None)
    region = _unit("DEMO-REG", "region", "Région des Estuaires (fictive)", nation)
    group = _unit("DEMO-GHT", "ght", "GHT Rives et Bocages (fictif)", region)
    departments = []
    for number, name in enumerate(ESTABLISHMENTS, 1):
        establishment = _unit(f"DEMO-E{number}", "establishment", name, group)
        departments += [
            _unit(f"DEMO-E{number}-{place}", "department", department, establishment)
            for place, department in enumerate(DEPARTMENTS, 1)
        ]
    return group, departments


def _unit(code: str, kind: str, name: str, parent: Unit | None) -> Unit:
    unit = Unit(code=code, kind=kind, name=name, parent_id=parent.id if parent else None, demo=True)
    db.session.add(unit)
    db.session.flush()
    return unit


def _history(person: Person, targets: Mapping[str, int], source: random.Random, now: datetime) -> None:
    """Give a person a past: some rate themselves, some have completed modules."""
    past = now - timedelta(days=source.randrange(10, 190))
    if source.random() < 0.6:
        ratings = {c: max(level - source.choice((0, 1, 1, 2)), 0) for c, level in targets.items()}
        assessment.rate_self(person.id, ratings, past)
    readable = [live for live in catalogue.live_modules() if not live.planned]
    for live in source.sample(readable, min(len(readable), source.choice((0, 0, 1, 2, 3)))):
        enrolment = learning.open_enrolment(person.id, live, past)
        if source.random() < 0.8:
            sittings.complete_module(person.id, enrolment.version_id, past + timedelta(days=source.randrange(0, 9)))


def audiences() -> list[tuple[str, Person]]:
    """Return the demo person of each audience, none where there is no demo."""
    people = {p.email: p for p in db.session.scalars(select(Person).where(Person.demo.is_(True)))}
    emails = {label: f"{label.replace(' ', '.')}@exemple.invalid" for label, _, _ in AUDIENCES}
    return [(label, people[email]) for label, email in emails.items() if email in people]


def remove() -> int:
    """Delete demo people and units with all that hangs on them; return the number of people."""
    units = select(Unit.id).where(Unit.demo.is_(True))
    people = select(Person.id).where(Person.demo.is_(True))
    db.session.execute(delete(Grant).where(Grant.unit_id.in_(units)))
    db.session.execute(delete(DutyRecord).where(DutyRecord.unit_id.in_(units)))
    db.session.execute(delete(Position).where(Position.person_id.in_(people)))
    answers.remove()
    studio.remove()
    removed = len(db.session.execute(delete(Person).where(Person.demo.is_(True)).returning(Person.id)).all())
    db.session.execute(update(Position).where(Position.unit_id.in_(units)).values(unit_id=None))
    for kind in ("department", "establishment", "ght", "region", "nation"):
        db.session.execute(delete(Unit).where(Unit.demo.is_(True), Unit.kind == kind))
    return removed
