"""The content format (content/README.md) as pydantic models: what a module package may say."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, model_validator

from training_platform.catalogue.lab_format import Lab
from training_platform.catalogue.parts import DRAFT, is_draft
from training_platform.catalogue.parts import FactId as FactId
from training_platform.catalogue.parts import Identifier as Identifier
from training_platform.catalogue.parts import Part as Part
from training_platform.catalogue.parts import Wording as Wording


class Step(Part):
    """One competency raised from one level to another."""

    c: str
    from_level: Annotated[int, Field(alias="from", ge=0, le=4)]
    to: Annotated[int, Field(ge=1, le=5)]

    @model_validator(mode="after")
    def _upwards(self) -> Self:
        if self.to <= self.from_level:
            raise ValueError("a step goes up: `to` must be above `from`")
        return self


class Objective(Part):
    """What the reader will be able to do, and where the module makes it so."""

    bloom: Literal["remember", "understand", "apply", "analyze", "evaluate", "create"]
    text: Wording
    met_by: list[Annotated[str, Field(pattern=r"^(lesson:\d\d|(exercise|lab):[\w.-]+)$")]] = []


class PlannedExercise(Part):
    """An exercise that a planned module will have."""

    kind: Literal["quiz", "case", "decision_simulation"]
    title: Wording


class ModuleHead(Part):
    """module.yaml."""

    code: Identifier
    version: int = 1
    domain: str
    title: Wording
    summary: Wording | None = None
    audience: Wording
    minutes: Annotated[int, Field(ge=1, le=600)]
    requires: list[str] = []
    steps: list[Step]
    objectives: list[Objective] = []
    facts: list[FactId] = []
    authors: list[str] = []
    licence: str = "CC-BY-4.0"
    checked_on: date | None = None
    review_months: list[Annotated[int, Field(ge=1, le=12)]] = []
    planned_exercises: list[PlannedExercise] = []

    @model_validator(mode="after")
    def _climbs(self, info: ValidationInfo) -> Self:
        if not self.steps and not is_draft(info):
            raise ValueError("a module teaches at least one step")
        return self


class Option(Part):
    """One option of a question, with why it is right or wrong."""

    id: Identifier
    text: Wording
    correct: bool = False
    why: Wording


class Item(Part):
    """One element to put in order."""

    id: Identifier
    text: Wording


class Pair(Part):
    """Two sides that belong together."""

    id: Identifier
    left: Wording
    right: Wording


class PracticeQuestion(Part):
    """A question inside an exercise."""

    id: Identifier
    kind: Literal["single", "multiple", "order", "match", "number"]
    families: list[str] = []
    safety: bool = False
    facts: list[FactId] = []
    scene: Wording | None = None
    ask: Wording
    options: list[Option] = []
    items: list[Item] = []
    pairs: list[Pair] = []
    answer: float | None = None
    tolerance: Annotated[float, Field(ge=0)] = 0.0
    unit: Wording | None = None
    explanation: Wording

    @model_validator(mode="after")
    def _complete(self, info: ValidationInfo) -> Self:
        ids = [*(x.id for x in self.options), *(x.id for x in self.items), *(x.id for x in self.pairs)]
        if len(set(ids)) < len(ids):
            raise ValueError(f"question {self.id}: two options have the same id")
        if is_draft(info):
            return self
        right = sum(option.correct for option in self.options)
        problems = {
            "single": not (2 <= len(self.options) <= 6 and right == 1),
            "multiple": not (3 <= len(self.options) <= 8 and right >= 1),
            "order": len(self.items) < 3,
            "match": len(self.pairs) < 2 or len({pair.right.fr for pair in self.pairs}) < len(self.pairs),
            "number": self.answer is None,
        }
        if problems[self.kind]:
            raise ValueError(
                f"question {self.id}: its options, items, pairs or answer do not make a `{self.kind}` question"
            )
        return self


class BankQuestion(PracticeQuestion):
    """A question of the bank: evidence for one step of one competency."""

    step: Step
    difficulty: Literal["easier", "as_step", "harder"] = "as_step"
    discrimination: Literal["low", "medium", "high"] = "medium"
    reserved: bool = False

    @model_validator(mode="after")
    def _one_level(self) -> Self:
        if self.step.to != self.step.from_level + 1:
            raise ValueError(f"question {self.id}: its step must be one level, from n to n+1")
        return self


class Choice(Part):
    """One way to decide, what follows from it and where it leads."""

    id: Identifier
    text: Wording
    score: Literal[0, 1, 3]
    consequence: Wording
    next: str


class Moment(Part):
    """What leads to a decision: the scene, the question, and whether a written reason is asked for."""

    id: Identifier
    scene: Wording
    ask: Wording
    reason: bool = False


class Decision(Moment):
    """One moment of a decision simulation."""

    choices: Annotated[list[Choice], Field(min_length=2, max_length=5)]


class Exercise(Part):
    """A practice inside a lesson: quiz, case or decision simulation."""

    id: Identifier
    kind: Literal["quiz", "case", "decision_simulation"]
    title: Wording
    minutes: Annotated[int, Field(ge=1, le=120)]
    intro: Wording
    questions: list[PracticeQuestion] = []
    start: str = ""
    decisions: list[Decision] = []
    debrief: Wording | None = None

    @model_validator(mode="after")
    def _playable(self, info: ValidationInfo) -> Self:
        if is_draft(info):
            return self
        if self.kind != "decision_simulation":
            if not self.questions:
                raise ValueError(f"exercise {self.id}: a {self.kind} needs questions")
            return self
        following = {d.id: {c.next for c in d.choices} for d in self.decisions}
        require_ending(f"exercise {self.id}", self.start, following)
        return self


def require_ending(name: str, start: str, following: dict[str, set[str]]) -> None:
    """Raise ValueError unless every decision is reached from the start and every way ends."""
    reached: set[str] = set()

    def walk(decision: str, path: frozenset[str]) -> None:
        if decision == "end":
            return
        if decision not in following:
            raise ValueError(f"{name}: decision `{decision}` does not exist")
        if decision in path:
            raise ValueError(f"{name}: the decisions go in a circle through `{decision}`")
        reached.add(decision)
        for after in following[decision]:
            walk(after, path | {decision})

    walk(start, frozenset())
    if unreached := set(following) - reached:
        raise ValueError(f"{name}: no way leads to {', '.join(sorted(unreached))}")


class QuestionFile(Part):
    """questions.yaml."""

    questions: list[BankQuestion] = []


class ExerciseFile(Part):
    """exercises.yaml."""

    exercises: list[Exercise] = []


class LabFile(Part):
    """labs.yaml."""

    labs: list[Lab] = []


class Situations(Part):
    """situations.yaml: when this module helps, in the words of those whom it helps."""

    fr: list[str] = []
    en: list[str] = []

    def __getitem__(self, language: str) -> list[str]:
        return self.en if language == "en" else self.fr


class Lesson(Part):
    """One lesson in both languages: file name without its ending, and Markdown."""

    name: Wording
    text: Wording


class ModulePackage(Part):
    """One whole module: what a folder, a zip and a version's document all hold."""

    slug: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,119}$")]
    head: ModuleHead
    lessons: list[Lesson] = []
    exercises: list[Exercise] = []
    questions: list[BankQuestion] = []
    labs: list[Lab] = []
    situations: Situations = Situations()
    images: dict[str, str] = {}
    """By file name: the text of a drawing (.svg), or a photograph (.webp) in base64."""

    @property
    def planned(self) -> bool:
        """Tell whether this is a blueprint without lessons."""
        return not self.lessons


def read_draft(document: Any) -> ModulePackage:
    """Read the document of a draft: texts may be empty and questions incomplete, never of the wrong shape."""
    return ModulePackage.model_validate(document, context=DRAFT)
