"""What the machine checks of the reserved questions: that the exam of each track can be made up of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from training_platform.catalogue.format import ModulePackage
from training_platform.catalogue.package import Problem
from training_platform.exams.rules import BankItem, apportion, shortage
from training_platform.framework.rules import Framework
from training_platform.text import Text, counted
from training_platform.tracks.format import Track

QUESTION = ("question réservée", "questions réservées"), ("reserved question", "reserved questions")


def check_banks(tracks: Mapping[str, Track], packages: Iterable[ModulePackage], framework: Framework) -> list[Problem]:
    """Return what each track's exam lacks: questions of a domain that are reserved, up to the levels that it asks for."""
    reserved = [question for package in packages for question in package.questions if question.reserved]
    problems = []
    for track in tracks.values():
        bank = [
            BankItem(id=n, domain=framework.competencies[question.step.c].domain, competency=question.step.c)
            for n, question in enumerate(reserved)
            if question.step.from_level < track.min_levels.get(question.step.c, 0)
        ]
        for part in track.exam.parts:
            missing = shortage(bank, apportion(track.exam.blueprint, part.items)) if part.kind == "quiz" else {}
            for domain, lacking in missing.items():
                few = counted(lacking, *QUESTION)
                problems.append(
                    Problem(
                        file="questions.yaml",
                        line=1,
                        reason=Text(
                            f"{track.id} : il manque {few.fr} en {domain}.",
                            f"{track.id}: {few.en} missing in {domain}.",
                        ),
                    )
                )
    return problems
