"""Proofs of the demonstration: one at each moment of its life, and some that wait for the manager."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from training_platform.accounts.models import Person
from training_platform.db import db
from training_platform.portfolio import assessing, thread, writing
from training_platform.portfolio.writing import Draft

SHEET = Draft(
    title="Fiche de reprise manuelle des perfusions (fictif)",
    description=(
        "J'ai écrit avec deux collègues une fiche d'une page : que faire quand la pompe connectée ne reçoit plus les "
        "prescriptions.\nNous l'avons essayée pendant la coupure du 3 novembre : reprise en quatre minutes, aucune "
        "dose oubliée. Elle est affichée au poste de soins."
    ),
    claims={"ALG4": 3, "SEC3": 3},
    track_id=None,
    kept_files=(),
    new_files=(),
)
REVIEW = Draft(
    title="Deux cas relus : une alerte suivie, une alerte écartée (fictif)",
    description=(
        "Première situation : l'alerte de chute est suivie, le lit est abaissé. Seconde situation : l'alerte de dose "
        "est écartée après appel du pharmacien, car le poids saisi datait de six mois. J'ai noté les deux raisons."
    ),
    claims={"EVA3": 3},
    track_id="T2",
    kept_files=(),
    new_files=(),
)
NOTE = Draft(
    title="Note au directoire : trois outils à évaluer avant achat (fictif)",
    description=(
        "Huit pages remises au directoire : besoin, données nécessaires, risques, critères d'arrêt, calendrier. "
        "L'achat de l'un des trois outils a été refusé, faute de clause de sortie."
    ),
    claims={"GOV2": 4},
    track_id="T6",
    kept_files=(),
    new_files=(),
)


def create(now: datetime) -> None:
    """Hand in proofs of the demo's audiences; the manager validates one, the training officer the next."""
    people = {p.email.split("@")[0]: p.id for p in db.session.scalars(select(Person).where(Person.demo.is_(True)))}
    nurse, director = people["nurse"], people["student.director"]
    manager, officer = people["manager"], people["training.officer"]
    accepted, waiting, half = (
        writing.save(person, None, draft, now - timedelta(days=30)).id
        for person, draft in ((nurse, SHEET), (nurse, REVIEW), (director, NOTE))
    )
    for person, proof in ((nurse, accepted), (nurse, waiting), (director, half)):
        writing.submit(person, proof, now - timedelta(days=9))
    seen = "J'ai vu la fiche en service et interrogé deux infirmières de nuit : elle est utilisée."
    assessing.decide(manager, accepted, 1, "validated", seen, now - timedelta(days=7))
    assessing.decide(officer, accepted, 1, "validated", "La fiche a servi à deux unités ; l'essai est daté.", now)
    assessing.decide(manager, half, 1, "validated", "Note présentée au directoire, refus argumenté.", now)
    thread.comment(officer, half, "Pouvez-vous joindre la page des critères d'arrêt ?", now)
