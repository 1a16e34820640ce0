"""Whether the exam is open to a person, and what is missing where it is not."""

from __future__ import annotations

from datetime import datetime

from training_platform.certification.distance import known_of, progress_under
from training_platform.certification.enrolment import require_enrolment
from training_platform.certification.rules import Progress
from training_platform.errors import RefusedError
from training_platform.exams import service as exams
from training_platform.framework.rules import Framework
from training_platform.text import Text, counted
from training_platform.tracks import service as tracks


class NotEligibleError(RefusedError):
    """The exam is not open yet; says what is missing and what to do."""

    def __init__(self, found: Progress) -> None:
        modules, levels = len(found.modules_missing), len(found.levels_missing)
        missing = {
            "modules": counted(modules, ("module à faire", "modules à faire"), ("module to take", "modules to take")),
            "electives": counted(
                found.electives_missing,
                ("module au choix", "modules au choix"),
                ("elective to take", "electives to take"),
            ),
            "levels": counted(
                levels,
                ("niveau à faire accorder", "niveaux à faire accorder"),
                ("level to be granted", "levels to be granted"),
            ),
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


def open_exam(person_id: int, track_id: str, framework: Framework, now: datetime) -> int:
    """Return the exam that the person may sit, opened where it is due; raise NotEnrolledError, NotEligibleError."""
    row = require_enrolment(person_id, track_id)
    track = tracks.parsed(row.version)
    found = progress_under(known_of([person_id], framework, now), person_id, row, track)
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
