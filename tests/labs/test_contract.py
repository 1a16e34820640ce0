"""The contract lab: sums recomputed, a supplier that keeps its word, agreements that exist and have to be looked for."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from tests.labs.shipped import lab
from training_platform.catalogue.lab_format import ContractLab
from training_platform.labs.kinds.contract import Contract
from training_platform.labs.rules import contract

LAB = lab(ContractLab)
PROPOSALS = list(product(*(range(len(clause.options)) for clause in LAB.clauses)))
proposals = st.lists(st.sampled_from(PROPOSALS), max_size=6)
DEFENSIBLE = [p for p in PROPOSALS if contract.risk(LAB, p) <= LAB.risk_limit and not contract.forbidden(LAB, p)]


def choose(proposal: tuple[int, ...]) -> dict[str, str]:
    return {clause.id: str(index) for clause, index in zip(LAB.clauses, proposal, strict=True)}


@given(proposals)
def test_the_supplier_answers_in_turn_and_stops_at_an_agreement(made: list[tuple[int, ...]]) -> None:
    answers = contract.negotiate(LAB, made)
    assert len(answers) <= len(LAB.patience)
    for turn, answer in enumerate(answers):
        worth = sum(clause.options[index].theirs for clause, index in zip(LAB.clauses, answer.proposal, strict=True))
        assert answer.accepted == (worth >= LAB.patience[turn])
        assert not answer.accepted or turn == len(answers) - 1
        if answer.hurts is not None:
            loss = [
                c.options[0].theirs - c.options[i].theirs for c, i in zip(LAB.clauses, answer.proposal, strict=True)
            ]
            assert loss[answer.hurts] == max(loss) > 0
    assert contract.read(LAB, contract.written(made)) == made[: len(LAB.patience)]


@given(st.text(alphabet="0123-9x", max_size=40))
def test_what_is_no_proposal_is_left_out(text: str) -> None:
    for proposal in contract.read(LAB, text):
        assert proposal in PROPOSALS


def test_the_offer_is_signed_at_once_and_cannot_be_defended() -> None:
    offer = contract.offer(LAB)
    assert contract.negotiate(LAB, [offer])[0].accepted
    assert contract.forbidden(LAB, offer)
    assert contract.risk(LAB, offer) > LAB.risk_limit


def test_defensible_agreements_exist_but_not_at_the_first_turn() -> None:
    worth = [contract.keeps(LAB, proposal) for proposal in DEFENSIBLE]
    possible = [sum(keeps >= wanted for keeps in worth) for wanted in LAB.patience]
    assert possible[0] == 0
    assert 5 <= possible[-1] <= len(PROPOSALS) / 10


def test_a_negotiation_played_to_its_end() -> None:
    kind = Contract(LAB)
    best = max(DEFENSIBLE, key=lambda proposal: contract.keeps(LAB, proposal))
    state = kind.read({})
    while not contract.over(LAB, contract.negotiate(LAB, contract.read(LAB, state["made"]))):
        state = kind.read(state | choose(best) | {"turn": "1"})
    view = kind.show(state)
    assert view.action.fr == ""
    total = sum(LAB.clauses[n].options[i].cost for n, i in enumerate(best))
    assert all(f.right for f in kind.judge(state, {"cost": float(total), "line": "hosting"}))
    assert kind.read(state | {"turn": "1"}) == state
    assert "signé" in view.figures[2].value.fr


def test_each_bad_end_has_its_sentence() -> None:
    kind = Contract(LAB)
    answers: dict[str, float | str] = {"cost": 0.0, "line": "term"}

    def first(made: list[tuple[int, ...]]) -> str:
        return kind.judge(kind.read({"made": contract.written(made)}), answers)[0].said.fr

    least = min(PROPOSALS, key=lambda proposal: contract.keeps(LAB, proposal))
    risky = next(
        p
        for p in PROPOSALS
        if contract.keeps(LAB, p) >= LAB.patience[0]
        and not contract.forbidden(LAB, p)
        and contract.risk(LAB, p) > LAB.risk_limit
    )
    assert "Rien n'est signé" in first([])
    assert "Le fournisseur est parti" in first([least] * 4)
    assert "Signé, mais interdit : Hébergement" in first([contract.offer(LAB)])
    assert "points de risque ; la direction" in first([risky])
    assert [f.right for f in kind.judge(kind.read({}), answers)] == [False, False, False]
