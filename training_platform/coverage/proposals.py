"""What to write next: the planner asked again with modules that do not exist yet, and the draft that starts one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from training_platform.catalogue import service as catalogue
from training_platform.catalogue import visible
from training_platform.catalogue.format import BankQuestion, Objective, Step, Wording, read_draft
from training_platform.catalogue.models import Module, ModuleVersion
from training_platform.catalogue.parts import DRAFT
from training_platform.catalogue.service import LiveModule
from training_platform.coverage import people, service
from training_platform.coverage.people import Filter, Group, PersonNeeds, UnitChoice
from training_platform.coverage.rules import proposals as rules
from training_platform.coverage.rules.demand import ENOUGH_QUESTIONS, TOP, lacking
from training_platform.coverage.rules.proposals import Proposal
from training_platform.db import db
from training_platform.errors import RefusedError
from training_platform.framework.rules import Framework
from training_platform.learning.models import Enrolment
from training_platform.organisation.groups import SMALLEST
from training_platform.recommendations.asked import plan_once
from training_platform.recommendations.models import Choice
from training_platform.recommendations.rules import Request
from training_platform.recommendations.situation import WEEKS
from training_platform.text import Text

SAMPLE = 30
"""People who lack a step for whom the planner is asked again; where fewer lack it, all of them."""
TRIED = 10
"""Steps tried, those with most to win."""
SEED = 7
FAMILIES = 2
"""Job families named as the audience of a draft."""


class NothingToTeachError(RefusedError):
    """No such step in the framework."""

    def __init__(self) -> None:
        super().__init__(Text("Ce palier n'existe pas dans le référentiel.", "This step is not in the framework."))


@dataclass(frozen=True, kw_only=True)
class NextModules:
    """What to write next for the people of a filter, and on what it rests."""

    proposals: tuple[Proposal, ...]
    """Gains are for all people of the filter, within the twelve weeks that a path looks ahead."""
    idle: tuple[tuple[str, int], ...]
    """Steps that nothing teaches and that nobody would reach in that time."""
    group: Group
    units: tuple[UnitChoice, ...]
    modules: dict[str, LiveModule]
    audiences: dict[tuple[str, int], tuple[str, ...]]
    """The job families that lack each step most."""

    @property
    def too_few(self) -> bool:
        """Tell whether the people are too few to show anything."""
        return self.group.total < SMALLEST


def next_modules(officer_id: int, wanted: Filter, framework: Framework, now: datetime) -> NextModules:
    """Return what to write next, the best first; the same people and catalogue always give the same answer."""
    units = people.units_of(officer_id)
    modules = visible.modules_for(officer_id)
    group = people.group_of(people.chosen(units, wanted.unit_id), wanted.family, framework, modules, now)
    tried = _tried(group, modules) if group.total >= SMALLEST else []
    found = rules.ranked(tried)
    kept = {one.step for one in found}
    taught = {step for module in service.teachable(modules) for step in module.steps}
    return NextModules(
        proposals=tuple(found),
        idle=tuple(one.step for one in tried if one.step not in taught | kept),
        group=group,
        units=tuple(units),
        modules={live.code: live for live in modules},
        audiences={one.step: audience(group.people, one.step) for one in found},
    )


def _tried(group: Group, modules: Sequence[LiveModule]) -> list[Proposal]:
    """Return what each step worth trying would bring to all people who lack it."""
    teachable = service.teachable(modules)
    minutes = rules.minutes_per_step(teachable)
    safety = catalogue.safety_steps(modules)
    order = random.Random(SEED).sample(group.people, len(group.people))
    counts = lacking(person.needs for person in order)
    demand = {
        step: number * (service.SAFETY_WEIGHT if step in safety else 1.0)
        for step, number in counts.items()
        if number * group.factor >= SMALLEST
    }
    steps = rules.worth_trying(demand, teachable, minutes, TRIED)
    drawn = {step: [person for person in order if step in person.needs.steps()][:SAMPLE] for step in steps}
    requests = _requests({person.id: person for some in drawn.values() for person in some}, modules)
    return [
        rules.gain(
            rules.hypothetical(step, teachable, minutes),
            [requests[person.id] for person in some],
            [plan_once(requests[person.id]) for person in some],
            plan_once,
        ).times(counts[step] * group.factor)
        for step, some in drawn.items()
    ]


def _requests(drawn: Mapping[int, PersonNeeds], modules: Sequence[LiveModule]) -> dict[int, Request]:
    """Return what the planner is asked for each person; two queries. Obligations are left out: they stay as they are."""
    codes = {live.module_id: live.code for live in modules}
    teachable = tuple(service.teachable(modules))
    completed: dict[int, set[str]] = {}
    done = (
        select(Enrolment.person_id, ModuleVersion.module_id)
        .join(ModuleVersion)
        .where(Enrolment.person_id.in_(drawn), Enrolment.completed_at.is_not(None))
    )
    for person_id, module_id in db.session.execute(done):
        completed.setdefault(person_id, set()).add(codes.get(module_id, ""))
    choices: dict[tuple[int, str], set[str]] = {}
    for choice in db.session.scalars(select(Choice).where(Choice.person_id.in_(drawn))):
        choices.setdefault((choice.person_id, choice.kind), set()).add(codes.get(choice.module_id, ""))
    return {
        key: Request(
            levels=person.needs.held,
            targets=person.needs.targets,
            minutes=person.minutes_per_week * WEEKS,
            modules=teachable,
            completed=frozenset(completed.get(key, ())),
            refused=frozenset(choices.get((key, "refused"), ())),
            pinned=frozenset(choices.get((key, "pinned"), ())),
            waives_known=True,
        )
        for key, person in drawn.items()
    }


def audience(drawn: Iterable[PersonNeeds], step: tuple[str, int]) -> tuple[str, ...]:
    """Return the job families in which most people lack a step, none with fewer than five people."""
    counts = Counter(family for person in drawn if step in person.needs.steps() for family in person.needs.families)
    return tuple(family for family, number in counts.most_common(FAMILIES) if number >= SMALLEST)


def start_draft(officer_id: int, wanted: Filter, step: tuple[str, int], framework: Framework, now: datetime) -> Module:
    """Create a module with a draft in the officer's unit: step, prerequisite, audience, objective, questions to write."""
    competency_id, level = step
    if competency_id not in framework.competencies or not 0 <= level < TOP:
        raise NothingToTeachError
    competency = framework.competencies[competency_id]
    units = people.units_of(officer_id)
    inside = people.chosen(units, wanted.unit_id)
    modules = visible.modules_for(officer_id)
    teachable = service.teachable(modules)
    module = rules.hypothetical(step, teachable, rules.minutes_per_step(teachable))
    group = people.group_of(inside, wanted.family, framework, modules, now)
    families = audience(group.people, step)
    created = catalogue.create_draft(
        title=Text(
            f"{competency.name.fr} : du niveau {level} au niveau {level + 1}",
            f"{competency.name.en}: from level {level} to level {level + 1}",
        ),
        domain=competency.domain,
        author_id=officer_id,
        unit_id=inside[0],
        now=now,
        audience=_names([framework.families[family] for family in families]),
        minutes=module.minutes,
        steps=[_step(competency_id, level)],
        requires=module.requires,
    )
    _fill_in(created, step, competency.levels[level + 1], families, officer_id, now)
    return created


def _names(names: Sequence[Text]) -> Text:
    if not names:
        return Text("Tous les métiers", "All roles")
    return Text(", ".join(name.fr for name in names), ", ".join(name.en for name in names))


def _step(competency: str, level: int) -> Step:
    return Step.model_validate({"c": competency, "from": level, "to": level + 1})


def _fill_in(
    module: Module, step: tuple[str, int], descriptor: Text, families: Sequence[str], officer_id: int, now: datetime
) -> None:
    """Add what the level asks for as the objective, and the questions wanted, empty, spread over the families."""
    draft = catalogue.draft_of(module.id)
    assert draft is not None
    package = read_draft(draft.document)
    objective = Objective(bloom="apply", text=Wording(fr=descriptor.fr, en=descriptor.en))
    questions = [_question(module.code, number, step, families) for number in range(1, ENOUGH_QUESTIONS + 1)]
    head = package.head.model_copy(update={"objectives": [objective]})
    catalogue.save_draft(package.model_copy(update={"head": head, "questions": questions}), now, officer_id)


def _question(code: str, number: int, step: tuple[str, int], families: Sequence[str]) -> BankQuestion:
    nothing = {"fr": "", "en": ""}
    options = [{"id": key, "text": nothing, "why": nothing, "correct": key == "a"} for key in "abcd"]
    data = {
        "id": f"{code.lower()}-q{number:02d}",
        "kind": "single",
        "families": [families[number % len(families)]] if families else [],
        "step": _step(*step),
        "ask": nothing,
        "options": options,
        "explanation": nothing,
    }
    return BankQuestion.model_validate(data, context=DRAFT)
