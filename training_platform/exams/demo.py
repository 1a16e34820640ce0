"""What the demo hospital shows of exams: an examiner with a text to mark under a candidate number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from training_platform.accounts.models import Person
from training_platform.db import db
from training_platform.exams import parts, service
from training_platform.organisation.models import Grant, Unit
from training_platform.tracks.format import Track

NOTE = (
    "Note de stratégie (fictive). Le groupement choisit trois priorités et en écarte quatre. La première : fermer les "
    "outils grand public pour les données de patients et offrir dans le même mois une voie sûre, avec un interlocuteur "
    "par site. La deuxième : un registre commun des algorithmes, tenu par chaque établissement, relu deux fois par an. "
    "La troisième : aucune signature sans essai local, sans avis des représentants du personnel et sans clause de sortie "
    "essayée une fois. "
)


def show(candidate: Person, examiners: Sequence[Person], group: Unit, track: Track, now: datetime) -> None:
    """Let people examine in the group, and hand in one candidate's text to them."""
    db.session.add_all(Grant(person_id=person.id, unit_id=group.id, right="examiner") for person in examiners)
    db.session.flush()
    begun = now - timedelta(days=6)
    exam_id = service.open_exam(candidate.id, track, "award", begun)
    service.accept_conduct(candidate.id, exam_id, begun)
    part = next(part for part in track.exam.parts if part.kind == "text")
    row = parts.part_row(candidate.id, exam_id, part.id, begun)
    row.started_at, row.body, row.handed_in_at = begun, NOTE * 12, now - timedelta(days=2)
    db.session.flush()
