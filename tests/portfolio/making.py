"""A ward with its people, and a proof at each moment of its life."""

from __future__ import annotations

from dataclasses import dataclass

from tests.factories import NOW, Factory
from training_platform.accounts.models import Person
from training_platform.organisation.models import Unit
from training_platform.portfolio import writing
from training_platform.portfolio.files import CleanFile
from training_platform.portfolio.writing import Draft

WORDS = "J'ai écrit la fiche de reprise manuelle et je l'ai essayée avec l'équipe de nuit pendant une panne."
REASON = "Vu en service le 12 novembre, la fiche est utilisée."


@dataclass(frozen=True, kw_only=True)
class Ward:
    """A nurse, those who hold rights over the nurse, and a stranger with the same rights elsewhere."""

    nurse: Person
    manager: Person
    officer: Person
    other_manager: Person
    colleague: Person
    stranger: Person
    unit: Unit


def make_ward(make: Factory) -> Ward:
    """Make the ward: rights are held on the hospital above it."""
    hospital = make.unit()
    unit = make.unit("department", hospital)
    elsewhere = make.unit()
    people = [make.person(role="R10", unit=unit) for _ in range(5)]
    stranger = make.person(role="R41", unit=elsewhere)
    nurse, manager, officer, other_manager, colleague = people
    make.right(manager, "manager", hospital)
    make.right(other_manager, "manager", unit)
    make.right(officer, "training_officer", hospital)
    for right in ("manager", "training_officer"):
        make.right(stranger, right, elsewhere)
    make.save()
    return Ward(
        nurse=nurse,
        manager=manager,
        officer=officer,
        other_manager=other_manager,
        colleague=colleague,
        stranger=stranger,
        unit=unit,
    )


def draft(*files: CleanFile, track_id: str | None = None, kept: tuple[int, ...] = (), **claims: int) -> Draft:
    """Return what a proof says; ``claims`` gives the level per competency."""
    return Draft(
        title="Fiche de reprise manuelle",
        description=WORDS,
        claims=claims or {"ALG4": 3},
        track_id=track_id,
        kept_files=kept,
        new_files=files,
    )


def handed_in(ward: Ward, *files: CleanFile, track_id: str | None = None, **claims: int) -> int:
    """Hand a proof of the nurse in; return its id."""
    proof = writing.save(ward.nurse.id, None, draft(*files, track_id=track_id, kept=(), **claims), NOW).id
    writing.submit(ward.nurse.id, proof, NOW)
    return proof
