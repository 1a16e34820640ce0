"""A negotiation by turns: what a proposal costs, risks and leaves to the supplier, and what the supplier answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from training_platform.catalogue.lab_format import ClauseOption, ContractLab

Proposal = tuple[int, ...]
"""The option chosen for each clause."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the supplier answers to one proposal."""

    proposal: Proposal
    keeps: int
    """What the proposal is worth to the supplier."""
    accepted: bool
    hurts: int | None
    """The clause of which the supplier complains, None once it has accepted or where nothing was taken from it."""


def options(lab: ContractLab, proposal: Proposal) -> list[ClauseOption]:
    """Return the options of a proposal."""
    return [clause.options[index] for clause, index in zip(lab.clauses, proposal, strict=True)]


def offer(lab: ContractLab) -> Proposal:
    """Return what the supplier offers: the first option of each clause."""
    return (0,) * len(lab.clauses)


def risk(lab: ContractLab, proposal: Proposal) -> int:
    """Return the risk points of a proposal."""
    return sum(option.risk for option in options(lab, proposal))


def keeps(lab: ContractLab, proposal: Proposal) -> int:
    """Return what a proposal is worth to the supplier."""
    return sum(option.theirs for option in options(lab, proposal))


def cost(lab: ContractLab, proposal: Proposal) -> int:
    """Return what a proposal costs the hospital over the contract, thousands of euros."""
    return sum(option.cost for option in options(lab, proposal))


def forbidden(lab: ContractLab, proposal: Proposal) -> list[int]:
    """Return the clauses written as no hospital may sign them."""
    return [index for index, option in enumerate(options(lab, proposal)) if option.forbidden]


def negotiate(lab: ContractLab, proposals: Sequence[Proposal]) -> list[Answer]:
    """Return the supplier's answers, until it accepts or its patience ends."""
    answers: list[Answer] = []
    for wanted, proposal in zip(lab.patience, proposals, strict=False):
        worth = keeps(lab, proposal)
        accepted = worth >= wanted
        answers.append(
            Answer(proposal=proposal, keeps=worth, accepted=accepted, hurts=None if accepted else _worst(lab, proposal))
        )
        if accepted:
            break
    return answers


def _worst(lab: ContractLab, proposal: Proposal) -> int | None:
    """Return the clause in which the supplier loses most against its own offer."""
    losses = [
        clause.options[0].theirs - clause.options[index].theirs
        for clause, index in zip(lab.clauses, proposal, strict=True)
    ]
    return losses.index(max(losses)) if max(losses) > 0 else None


def over(lab: ContractLab, answers: Sequence[Answer]) -> bool:
    """Tell whether the negotiation is over."""
    return len(answers) == len(lab.patience) or any(answer.accepted for answer in answers)


def deal(answers: Sequence[Answer]) -> Proposal | None:
    """Return the proposal that was accepted, None where there is none."""
    return next((answer.proposal for answer in answers if answer.accepted), None)


def written(proposals: Sequence[Proposal]) -> str:
    """Write proposals as digits, one group for each."""
    return "-".join("".join(map(str, proposal)) for proposal in proposals)


def read(lab: ContractLab, text: str) -> list[Proposal]:
    """Read proposals back; what names no option is left out, with all that follows it."""
    proposals: list[Proposal] = []
    for group in text.split("-") if text else []:
        proposal = tuple(int(digit) for digit in group if digit.isdecimal())
        known = len(proposal) == len(lab.clauses) == len(group)
        if not known or any(index >= len(clause.options) for clause, index in zip(lab.clauses, proposal, strict=True)):
            break
        proposals.append(proposal)
    return proposals[: len(lab.patience)]
