"""What the demo hospital shows of the cases: a student director who has played one and stopped inside another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from training_platform.accounts.models import Person
from training_platform.cases import rules, service

PLAYED = (
    ("vendeur", "demander"),
    ("essai", "deux"),
    ("nuit", "informatique"),
    ("informer", "avant"),
    ("bilan", "regle"),
)
BEGUN = (("pause", "porte"), ("equipe", "cabinet"))
REASON = (
    "La moyenne cache deux groupes : 80 % de sepsis repérés chez les moins de 80 ans, 48 % au-delà. Nous continuons dans "
    "les deux services, avec un dépistage des plus âgés, et une règle d'arrêt que tout le monde connaît d'avance."
)


def show(audiences: Mapping[str, Person], content: Path, now: datetime) -> None:
    """Play the alert to its end with marks, and the tech giant to its third decision."""
    director = audiences["student director"].id
    alert = service.case(content, "valmont-alerte-sepsis")
    done = _play(director, content, alert.slug, PLAYED, now - timedelta(days=12))
    service.mark(director, alert, done, {"essai": {"groupe", "arret", "filet"}, "informer": {"cse"}})
    _play(director, content, "geant-du-numerique", BEGUN, now - timedelta(days=2))


def _play(person_id: int, content: Path, slug: str, way: tuple[tuple[str, str], ...], begun: datetime) -> int:
    one = service.case(content, slug)
    play_id = service.start(person_id, one, begun)
    for number, (decision, choice) in enumerate(way, 1):
        taken = rules.Taken(choice=choice, reason=REASON)
        service.decide(person_id, one, play_id, decision, taken, begun + timedelta(minutes=6 * number))
    return play_id
