"""How the questions of a module behave, for those who may edit it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import select

from training_platform.assessment import item_parameters
from training_platform.assessment.models import Answer, Sitting
from training_platform.assessment.rules.estimate import PRIOR_MEAN, PRIOR_SD
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import BankQuestion
from training_platform.catalogue.models import Module, ModuleVersion
from training_platform.catalogue.service import LiveModule
from training_platform.db import db
from training_platform.errors import NotFoundError
from training_platform.framework.rules import Framework
from training_platform.item_analysis import answers, calibration
from training_platform.item_analysis.answers import Bank, GivenAnswer
from training_platform.item_analysis.rules.advice import Advice, Difficulty, advise
from training_platform.item_analysis.rules.calibration import Truth
from training_platform.item_analysis.rules.statistics import Answers, Statistics, other_levels, statistics_of
from training_platform.organisation import service as organisation
from training_platform.organisation.groups import SMALLEST
from training_platform.organisation.models import Position
from training_platform.text import Text


class UnknownQuestionError(NotFoundError):
    """The live module has no such question."""

    def __init__(self) -> None:
        super().__init__(Text("Cette question n'est pas dans ce module.", "This question is not in this module."))


class NotPublishedError(NotFoundError):
    """The module has no live version: nobody has answered it."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                "Ce module n'est pas publié : ses questions n'ont pas encore de réponses.",
                "This module is not published: its questions have no answers yet.",
            )
        )


@dataclass(frozen=True, kw_only=True)
class QuestionView:
    """One question with what its answers show."""

    question: BankQuestion
    statistics: Statistics
    difficulty: Difficulty
    advice: tuple[Advice, ...]

    @property
    def off(self) -> bool:
        """Tell whether there is something to look at."""
        return self.advice[0].weight in ("grave", "look")


@dataclass(frozen=True, kw_only=True)
class ModuleView:
    """A module's questions with their statistics, and the calibration that their difficulties come from."""

    live: LiveModule
    questions: tuple[QuestionView, ...]
    answers: int
    calibrated_at: datetime | None
    groups: Mapping[str, Text]
    """The names of the groups that are compared."""

    @property
    def scale(self) -> tuple[int, int]:
        """Whole levels between which all intended and found difficulties lie, error bars included."""
        known = [q.difficulty for q in self.questions if q.difficulty.found is not None]
        ends = [d.found + sign * 1.96 * (d.error or 0.0) for d in known if d.found is not None for sign in (-1, 1)]
        ends += [d.intended for d in known] or [0.0]
        return min(math.floor(min(ends)), 0), max(math.ceil(max(ends)), 1)


def readable(person_id: int, slug: str) -> LiveModule:
    """Return a live module whose questions the person may look into; raise ForbiddenError, UnknownModuleError."""
    organisation.require_right(person_id, "training_officer")
    module = db.session.scalar(select(Module).where(Module.slug == slug))
    if module is None:
        raise catalogue.UnknownModuleError
    organisation.require_right(person_id, "training_officer", module.unit_id)
    live = next((one for one in catalogue.live_modules() if one.module_id == module.id), None)
    if live is None:
        raise NotPublishedError
    return live


def module_view(person_id: int, slug: str, framework: Framework) -> ModuleView:
    """Return the statistics of a module's live questions; answers to the same text in earlier versions count."""
    live = readable(person_id, slug)
    versions = select(ModuleVersion.id, ModuleVersion.content_hash).where(ModuleVersion.module_id == live.module_id)
    own = answers.bank_of(versions)
    current = answers.bank_of(versions.where(ModuleVersion.id == live.version_id))
    marks = {current.fingerprints[key]: question for key, question in current.questions.items()}
    rows = [key for key, mark in own.fingerprints.items() if mark in marks]
    given = answers.given(rows)
    families = _families(framework, rows)
    by_question = _by_question(given, own, families)
    found = item_parameters.calibrated(list(marks))
    run = calibration.latest()
    return ModuleView(
        live=live,
        questions=tuple(_view(q, by_question.get(mark), found.get(mark)) for mark, q in marks.items()),
        answers=sum(len(one.correct) for mark, one in by_question.items() if mark in marks),
        calibrated_at=run.at if run else None,
        groups=_names(framework),
    )


def question_view(view: ModuleView, key: str) -> QuestionView:
    """Return one question of a module; raise UnknownQuestionError."""
    for one in view.questions:
        if one.question.id == key:
            return one
    raise UnknownQuestionError


def _view(question: BankQuestion, given: Answers | None, found: item_parameters.Calibrated | None) -> QuestionView:
    options = [option.id for option in question.options]
    nothing = Answers(correct=np.zeros(0, dtype=bool), level=np.zeros(0), options=(), groups={})
    statistics = statistics_of(given or nothing, options)
    difficulty = Difficulty(
        intended=item_parameters.difficulty_of(question),
        found=found.difficulty if found else None,
        error=found.difficulty_se if found else None,
    )
    right = frozenset(option.id for option in question.options if option.correct)
    return QuestionView(
        question=question,
        statistics=statistics,
        difficulty=difficulty,
        advice=advise(statistics, difficulty, right),
    )


def _families(framework: Framework, rows: Sequence[int]) -> dict[int, frozenset[str]]:
    """Return the job families of those who answered one of these questions; one query."""
    people = select(Sitting.person_id).join(Answer).where(Answer.question_id.in_(rows))
    positions = select(Position.person_id, Position.role_id).where(Position.person_id.in_(people))
    families: dict[int, set[str]] = {}
    for person_id, role_id in db.session.execute(positions):
        if role_id in framework.roles:
            families.setdefault(person_id, set()).add(framework.roles[role_id].family)
    return {person: frozenset(found) for person, found in families.items()}


def _by_question(given: Sequence[GivenAnswer], own: Bank, families: Mapping[int, frozenset[str]]) -> dict[str, Answers]:
    """Return the answers to each question, with the level that each person's other answers suggest."""
    if not given:
        return {}
    bank = answers.bank_of(answers.answered_versions(sorted({one.question_id for one in given})))
    items = bank.items(one.question_id for one in given)
    responses = calibration.as_responses(given, bank, items, sorted({one.kind for one in given}))
    parameters = answers.parameters(items, bank.by_fingerprint(), item_parameters.calibrated(items))
    levels = other_levels(responses, parameters, PRIOR_MEAN, PRIOR_SD)
    places: dict[str, list[int]] = {}
    for place, one in enumerate(given):
        if one.question_id in own.fingerprints:
            places.setdefault(own.fingerprints[one.question_id], []).append(place)
    return {
        mark: Answers(
            correct=responses.correct[here],
            level=levels[here],
            options=[frozenset(given[place].given.get("choices", ())) for place in here],
            groups=_groups([given[place] for place in here], families),
        )
        for mark, here in places.items()
    }


def _groups(given: Sequence[GivenAnswer], families: Mapping[int, frozenset[str]]) -> dict[str, Truth]:
    """Return who belongs to which group; groups of fewer than five people are not looked at."""
    names = {"en", *(family for one in given for family in families.get(one.person_id, ()))}
    groups = {}
    for name in sorted(names):
        inside = [one.language == name or name in families.get(one.person_id, ()) for one in given]
        people = len({one.person_id for one, is_in in zip(given, inside, strict=True) if is_in})
        if people >= SMALLEST:
            groups[name] = np.array(inside, dtype=bool)
    return groups


def _names(framework: Framework) -> dict[str, Text]:
    return {"en": Text("qui lisent en anglais", "who read in English"), **framework.families}
