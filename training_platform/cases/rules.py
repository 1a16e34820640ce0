"""Playing a case: state after the choices, the open decision, score, faults, every way through it; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from training_platform.cases.arithmetic import evaluate, spell_out
from training_platform.cases.format import Aside, Case, Choice, Condition, Decision, Document, Fault, State, ways_on
from training_platform.catalogue.format import Wording
from training_platform.text import Text

SOUND = 3
FIGURE, CELL = re.compile(r"\{(\w+)\}"), re.compile(r"[a-z]\w*\.\w+\.\w+")


@dataclass(frozen=True, kw_only=True)
class Taken:
    """An answer to one decision: the choice, and the written reason where one was asked for."""

    choice: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One decision taken, with the state before and after."""

    decision: Decision
    choice: Choice
    reason: str
    before: Mapping[str, int]
    after: Mapping[str, int]
    scene: tuple[Wording, ...]
    consequence: tuple[Wording, ...]


@dataclass(frozen=True, kw_only=True)
class Play:
    """A case as far as it was played."""

    case: Case
    steps: tuple[Step, ...]
    open: Decision | None
    """The decision to take now, None where the case has ended."""
    state: Mapping[str, int]

    @property
    def finished(self) -> bool:
        """Tell whether the way has come to its end."""
        return self.open is None

    @property
    def score(self) -> int:
        """Points of the choices: 3 sound, 1 defensible, 0 unsafe."""
        return sum(step.choice.score for step in self.steps)

    @property
    def max(self) -> int:
        """Most points that the decisions taken could give."""
        return SOUND * len(self.steps)

    @property
    def faults(self) -> tuple[tuple[str, Fault], ...]:
        """Eliminatory faults: the decision and the fault (pass rule of the certifications)."""
        return tuple((step.decision.id, step.choice.fault) for step in self.steps if step.choice.fault)

    @property
    def reasons(self) -> dict[str, str]:
        """Return the written reasons by decision, to be marked against the rubric."""
        return {step.decision.id: step.reason for step in self.steps if step.decision.reason}

    @property
    def chosen(self) -> frozenset[str]:
        """Return the choices made, each as decision.choice."""
        return frozenset(f"{step.decision.id}.{step.choice.id}" for step in self.steps)


@dataclass(frozen=True, kw_only=True)
class Total:
    """The whole score: choices count half, written reasons the other half."""

    choices: float
    reasons: float

    @property
    def percent(self) -> int:
        """The whole, rounded."""
        return round(50 * (self.choices + self.reasons))


def play(case: Case, decisions: Mapping[str, Taken]) -> Play:
    """Follow the decisions from the start; stop at the first that is missing or that this version no longer offers."""
    state = {one.id: one.start for one in case.state}
    played = Play(case=case, steps=(), open=case.by_id[case.start], state=state)
    while played.open is not None:
        taken = decisions.get(played.open.id)
        choice = next((c for c in offered(played) if taken and c.id == taken.choice), None)
        if taken is None or choice is None:
            break
        played = _after(played, played.open, choice, taken.reason)
    return played


def _after(played: Play, decision: Decision, choice: Choice, reason: str) -> Play:
    bounds = {one.id: one for one in played.case.state}
    state = {key: _within(bounds[key], value + choice.effects.get(key, 0)) for key, value in played.state.items()}
    chosen = played.chosen | {f"{decision.id}.{choice.id}"}
    step = Step(
        decision=decision,
        choice=choice,
        reason=reason,
        before=played.state,
        after=state,
        scene=scene(played, decision),
        consequence=(choice.consequence, *_asides(choice.also, chosen, state)),
    )
    following = next((d.next for d in choice.detours if holds(d.if_, chosen, state)), choice.next)
    return Play(case=played.case, steps=(*played.steps, step), open=played.case.by_id.get(following), state=state)


def _within(state: State, value: int) -> int:
    return min(max(value, state.low), state.high)


def holds(condition: Condition | None, chosen: Set[str], state: Mapping[str, int]) -> bool:
    """Tell whether a condition holds; none always does."""
    if condition is None:
        return True
    value = state[condition.state] if condition.state else 0
    return (
        (not condition.chose or bool(chosen & set(condition.chose)))
        and (condition.below is None or value < condition.below)
        and (condition.at_least is None or value >= condition.at_least)
    )


def offered(played: Play) -> tuple[Choice, ...]:
    """Return the choices of the open decision that this way allows."""
    if played.open is None:
        return ()
    return tuple(c for c in played.open.choices if holds(c.if_, played.chosen, played.state))


def scene(played: Play, decision: Decision) -> tuple[Wording, ...]:
    """Return the paragraphs that lead to a decision on this way."""
    return (decision.scene, *_asides(decision.also, played.chosen, played.state))


def documents(played: Play) -> tuple[Document, ...]:
    """Return the documents that the player holds by now."""
    return tuple(d for d in played.case.documents if holds(d.if_, played.chosen, played.state))


def _asides(asides: Sequence[Aside], chosen: Set[str], state: Mapping[str, int]) -> tuple[Wording, ...]:
    return tuple(aside.text for aside in asides if holds(aside.if_, chosen, state))


def band(state: State, value: int) -> tuple[Text, str]:
    """Return the words and the tone for a value of a state."""
    found = [one for one in state.bands if one.from_value <= value][-1]
    return Text(found.text.fr, found.text.en), found.tone


def total(played: Play, met: Mapping[str, Set[str]]) -> Total:
    """Add the share of sound choices and the share of criteria met by the written reasons, per decision."""
    asked = [step.decision for step in played.steps if step.decision.reason]
    criteria = sum(len(decision.rubric) for decision in asked)
    found = sum(len({c.id for c in d.rubric} & met.get(d.id, frozenset())) for d in asked)
    return Total(
        choices=played.score / played.max if played.max else 0.0, reasons=found / criteria if criteria else 0.0
    )


def ways(case: Case) -> Iterator[Play]:
    """Yield every whole way through the case."""
    yield from _ways(play(case, {}))


def _ways(played: Play) -> Iterator[Play]:
    if played.open is None:
        yield played
        return
    for choice in offered(played):
        yield from _ways(_after(played, played.open, choice, ""))


def length(case: Case) -> tuple[int, int]:
    """Return how many decisions the shortest and the longest way have."""
    by_id = case.by_id

    def measure(decision_id: str) -> tuple[int, int]:
        if decision_id == "end":
            return 0, 0
        found = [measure(after) for after in ways_on(by_id[decision_id])]
        return 1 + min(low for low, _ in found), 1 + max(high for _, high in found)

    return measure(case.start)


def cells(case: Case) -> dict[str, float]:
    """Return every figure of the documents by its name ``document.row.column``."""
    return {
        f"{document.id}.{row.id}.{column.id}": float(cell)
        for document in case.documents
        if document.table
        for row in document.table.rows
        for column, cell in zip(document.table.columns, row.cells, strict=True)
    }


@dataclass(frozen=True, kw_only=True)
class Computed:
    """A figure of the debrief with the calculation that gives it."""

    name: Text
    calculation: Text
    result: Text


def figures(case: Case) -> dict[str, Computed]:
    """Recompute the figures of the debrief; raise ValueError where one cannot be."""
    known = cells(case)
    return {
        figure.id: Computed(
            name=Text(figure.name.fr, figure.name.en),
            calculation=Text(
                spell_out(figure.of, known, lambda value: written(value, "fr")),
                spell_out(figure.of, known, lambda value: written(value, "en")),
            ),
            result=_result(
                compute(figure.of, known, percent=figure.percent), figure.decimals, figure.percent, figure.unit
            ),
        )
        for figure in case.figures
    }


def shown(played: Play) -> dict[str, Computed]:
    """Return the recomputed figures that rest on documents which this way has brought."""
    unseen = {document.id for document in played.case.documents} - {document.id for document in documents(played)}
    found = figures(played.case)
    return {
        figure.id: found[figure.id]
        for figure in played.case.figures
        if not unseen & {name.split(".")[0] for name in CELL.findall(figure.of)}
    }


def compute(expression: str, known: Mapping[str, float], *, percent: bool) -> float:
    """Compute one figure, times a hundred where it is a percentage."""
    return evaluate(expression, known) * (100 if percent else 1)


def _result(value: float, decimals: int, percent: bool, unit: Wording | None) -> Text:
    units = (
        ("\N{NO-BREAK SPACE}%", "%")
        if percent
        else (f"\N{NO-BREAK SPACE}{unit.fr}", f"\N{NO-BREAK SPACE}{unit.en}")
        if unit
        else ("", "")
    )
    return Text(written(value, "fr", decimals) + units[0], written(value, "en", decimals) + units[1])


def written(value: float, language: str, decimals: int | None = None) -> str:
    """Write a number by the rules of its language; without ``decimals``, as many as it has."""
    text = f"{value:,.{decimals}f}" if decimals is not None else f"{value:,.10g}" if value % 1 else f"{value:,.0f}"
    return text if language == "en" else text.replace(",", "\N{NARROW NO-BREAK SPACE}").replace(".", ",")


def filled(text: str, computed: Mapping[str, Computed], language: str) -> str:
    """Put the recomputed figures in the place of ``{figure}``."""
    return FIGURE.sub(lambda match: computed[match.group(1)].result[language], text)
