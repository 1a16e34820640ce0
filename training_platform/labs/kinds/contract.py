"""The contract lab: clauses to choose, a supplier that answers by turns, and bars that show what each proposal gives away."""

from __future__ import annotations

from training_platform.catalogue.lab_format import ContractLab
from training_platform.labs.kinds.kind import Kind
from training_platform.labs.rules import contract, drawing
from training_platform.labs.rules.contract import Answer, Proposal
from training_platform.labs.rules.view import (
    EMPTY,
    Ask,
    Cell,
    Control,
    Figure,
    Finding,
    Given,
    Legend,
    Option,
    Picture,
    Setting,
    Shape,
    Table,
    View,
)
from training_platform.labs.rules.wording import both, figure, joined, points, say
from training_platform.text import Text

LEFT, SPAN, LINE = 150, 314, 48


class Contract(Kind):
    """One negotiation."""

    def __init__(self, lab: ContractLab) -> None:
        self.lab = lab
        self.most = max(
            sum(max(o.risk for o in clause.options) for clause in lab.clauses),
            sum(max(o.theirs for o in clause.options) for clause in lab.clauses),
        )

    def controls(self) -> tuple[Control, ...]:
        """One choice for each clause, and the proposals made so far."""
        clauses = tuple(
            Control(
                name=clause.id,
                kind="choice",
                inside=True,
                label=both(clause.name),
                value="0",
                options=tuple(Option(value=str(n), label=both(option.text)) for n, option in enumerate(clause.options)),
            )
            for clause in self.lab.clauses
        )
        return (*clauses, Control(name="made", kind="hidden", pattern=r"[0-9-]{0,60}"))

    def read(self, fields: Setting) -> dict[str, str]:
        """Return the setting; where the button was pressed, the clauses chosen become one more proposal."""
        setting = super().read(fields)
        proposals = contract.read(self.lab, setting["made"])
        if fields.get("turn") and not contract.over(self.lab, contract.negotiate(self.lab, proposals)):
            proposals.append(self._chosen(setting))
        return setting | {"made": contract.written(proposals)}

    def _chosen(self, setting: Setting) -> Proposal:
        return tuple(int(setting[clause.id]) for clause in self.lab.clauses)

    def _answers(self, setting: Setting) -> list[Answer]:
        return contract.negotiate(self.lab, contract.read(self.lab, setting["made"]))

    def show(self, setting: Setting) -> View:
        """Show the proposal on the table and what was said so far."""
        answers = self._answers(setting)
        over = contract.over(self.lab, answers)
        chosen = contract.deal(answers) or self._chosen(setting)
        summary = self._summary(chosen, answers)
        return View(
            controls=self.controls(),
            setting=setting,
            summary=summary,
            figures=self._figures(chosen, answers),
            pictures=(self._picture(chosen, answers, summary),),
            tables=(self._clauses(chosen, over), *self._turns(answers)),
            asks=(
                Ask(name="cost", unit=Text("milliers d'euros", "thousand euros")),
                Ask(name="line", options=tuple(Option(value=c.id, label=both(c.name)) for c in self.lab.clauses)),
            ),
            action=EMPTY
            if over
            else say(
                "Proposer ces clauses (tour {n} sur {m})",
                "Propose these clauses (turn {n} of {m})",
                n=len(answers) + 1,
                m=len(self.lab.patience),
            ),
        )

    def judge(self, setting: Setting, given: Given) -> tuple[Finding, ...]:
        """Say whether the contract can be defended, what it costs, and what is never traded."""
        answers = self._answers(setting)
        agreed = contract.deal(answers)
        chosen = agreed or self._chosen(setting)
        total = contract.cost(self.lab, chosen)
        lines = [clause for clause in self.lab.clauses if any(option.forbidden for option in clause.options)]
        return (
            self._defensible(answers, agreed),
            Finding(
                name="cost",
                right=abs(float(given["cost"]) - total) <= 0.51,
                said=say(
                    "{sum} = {total} milliers d'euros sur la durée du contrat. « Gratuit » n'était que le prix de la première page.",
                    "{sum} = {total} thousand euros over the contract. “Free” was only the price on the first page.",
                    sum=_sum([option.cost for option in contract.options(self.lab, chosen)]),
                    total=total,
                ),
            ),
            Finding(
                name="line",
                right=given["line"] in {clause.id for clause in lines},
                said=say(
                    "Hors négociation : {lines}. Une règle ne s'échange pas contre un avantage.",
                    "Not for trade: {lines}. A rule is not exchanged for an advantage.",
                    lines=joined([both(clause.name) for clause in lines]),
                ),
            ),
        )

    def _defensible(self, answers: list[Answer], agreed: Proposal | None) -> Finding:
        limit = self.lab.risk_limit
        if agreed is None and not contract.over(self.lab, answers):
            said = Text("Rien n'est signé : proposez vos clauses.", "Nothing is signed: propose your clauses.")
        elif agreed is None:
            said = Text(
                "Le fournisseur est parti. Mieux vaut cela qu'un mauvais contrat ; pourtant un accord défendable existait. Cédez sur ce qui "
                "vous coûte peu et lui rapporte.",
                "The supplier has left. Better that than a bad contract; yet a defensible agreement existed. Give way where it "
                "costs you little and brings it something.",
            )
        elif unlawful := contract.forbidden(self.lab, agreed):
            said = say(
                "Signé, mais interdit : {clauses}. Aucun avantage ne rachète cette clause.",
                "Signed, but forbidden: {clauses}. No advantage makes up for this clause.",
                clauses=joined([both(self.lab.clauses[index].name) for index in unlawful]),
            )
        elif contract.risk(self.lab, agreed) > limit:
            said = say(
                "Signé avec {risk} de risque ; la direction en accepte {limit}. Trop vite accepté : il restait des tours.",
                "Signed with {risk} of risk; management accepts {limit}. Agreed too fast: turns were left.",
                risk=points(contract.risk(self.lab, agreed)),
                limit=limit,
            )
        else:
            said = say(
                "Signé au tour {n}, avec {risk} de risque sur {limit} acceptés, et rien d'interdit.",
                "Signed at turn {n}, with {risk} of risk of {limit} accepted, and nothing forbidden.",
                n=len(answers),
                risk=points(contract.risk(self.lab, agreed)),
                limit=limit,
            )
        right = (
            agreed is not None and not contract.forbidden(self.lab, agreed) and contract.risk(self.lab, agreed) <= limit
        )
        return Finding(name="setting", right=right, said=said)

    def _said(self, answer: Answer) -> Text:
        if answer.accepted:
            return Text("« C'est d'accord. »", "“Agreed.”")
        if answer.hurts is None:
            return Text("« Ce n'est pas assez pour nous. »", "“That is not enough for us.”")
        return both(self.lab.clauses[answer.hurts].options[answer.proposal[answer.hurts]].reaction)

    def _summary(self, chosen: Proposal, answers: list[Answer]) -> Text:
        on_table = say(
            "Sur la table : {risk} de risque pour l'hôpital, {keeps} pour le fournisseur.",
            "On the table: {risk} of risk for the hospital, {keeps} for the supplier.",
            risk=points(contract.risk(self.lab, chosen)),
            keeps=points(contract.keeps(self.lab, chosen)),
        )
        if not answers:
            return on_table
        return say(
            "{on_table} Sa dernière réponse : {said}",
            "{on_table} Its last answer: {said}",
            on_table=on_table,
            said=self._said(answers[-1]),
        )

    def _figures(self, chosen: Proposal, answers: list[Answer]) -> tuple[Figure, ...]:
        at_risk, unlawful = contract.risk(self.lab, chosen), contract.forbidden(self.lab, chosen)
        state = (
            Text("signé", "signed")
            if contract.deal(answers)
            else Text("rompu", "broken off")
            if contract.over(self.lab, answers)
            else Text("en cours", "going on")
        )
        return (
            Figure(
                label=Text("Risque pour l'hôpital", "Risk for the hospital"),
                value=points(at_risk),
                tone="good" if at_risk <= self.lab.risk_limit else "bad",
                note=say("{n} acceptés par la direction", "{n} accepted by management", n=self.lab.risk_limit),
            ),
            Figure(
                label=Text("Clauses interdites", "Forbidden clauses"),
                value=figure(len(unlawful)),
                tone="bad" if unlawful else "good",
                note=joined([both(self.lab.clauses[index].name) for index in unlawful]),
            ),
            Figure(
                label=Text("Négociation", "Negotiation"),
                value=state,
                note=say(
                    "tour {n} sur {m}",
                    "turn {n} of {m}",
                    n=len(answers) + (not contract.over(self.lab, answers)),
                    m=len(self.lab.patience),
                ),
            ),
        )

    def _clauses(self, chosen: Proposal, over: bool) -> Table:
        rows = []
        for clause, option, control in zip(
            self.lab.clauses, contract.options(self.lab, chosen), self.controls(), strict=False
        ):
            rows.append(
                (
                    Cell(text=both(clause.name)),
                    Cell(text=both(option.text)) if over else Cell(text=EMPTY, control=control),
                    Cell(
                        text=Text("interdit", "forbidden") if option.forbidden else figure(option.risk),
                        mark="✕" if option.forbidden else "",
                        tone="bad" if option.forbidden else "warn" if option.risk >= 5 else "",
                        number=True,
                    ),
                    Cell(text=figure(option.theirs), number=True),
                    Cell(text=figure(option.cost, " k€"), number=True),
                )
            )
        return Table(
            caption=Text("Les clauses sur la table", "The clauses on the table"),
            head=(
                Text("Clause", "Clause"),
                Text("Rédaction", "Wording"),
                Text("Risque", "Risk"),
                Text("Pour eux", "For them"),
                Text("Coût", "Cost"),
            ),
            rows=tuple(rows),
            style="clauses",
        )

    def _turns(self, answers: list[Answer]) -> tuple[Table, ...]:
        if not answers:
            return ()
        rows = tuple(
            (
                Cell(text=figure(number)),
                Cell(text=figure(contract.risk(self.lab, answer.proposal)), number=True),
                Cell(text=figure(answer.keeps), number=True),
                Cell(
                    text=self._said(answer),
                    mark="✓" if answer.accepted else "✕",
                    tone="good" if answer.accepted else "",
                ),
            )
            for number, answer in enumerate(answers, 1)
        )
        head = (
            Text("Tour", "Turn"),
            Text("Notre risque", "Our risk"),
            Text("Pour eux", "For them"),
            Text("Réponse", "Answer"),
        )
        return (Table(caption=Text("Ce qui s'est dit", "What was said"), head=head, rows=rows),)

    def _picture(self, chosen: Proposal, answers: list[Answer], label: Text) -> Picture:
        lines: list[tuple[Text, Proposal]] = [(Text("leur offre", "their offer"), contract.offer(self.lab))]
        lines += [(say("tour {n}", "turn {n}", n=n), answer.proposal) for n, answer in enumerate(answers, 1)]
        if contract.deal(answers) is None:
            lines.append((Text("sur la table", "on the table"), chosen))
        shapes: list[Shape] = []
        for place, (name, proposal) in enumerate(lines):
            y = 24 + LINE * place
            shapes.append(drawing.words(16, y + 20, name))
            for row, (much, tone) in enumerate(
                (
                    (
                        contract.risk(self.lab, proposal),
                        "risk" if contract.risk(self.lab, proposal) > self.lab.risk_limit else "safe",
                    ),
                    (contract.keeps(self.lab, proposal), "theirs"),
                )
            ):
                width = SPAN * much / self.most
                shapes.append(drawing.bar(LEFT, y + 17 * row, width, 14, tone))
                shapes.append(drawing.words(min(LEFT + width + 5, 455), y + 12 + 17 * row, figure(much), "text-small"))
        x, bottom = LEFT + SPAN * self.lab.risk_limit / self.most, 24 + LINE * len(lines)
        shapes += [
            drawing.line(x, 20, x, bottom, "cut"),
            drawing.words(
                x, 15, say("risque accepté : {n}", "accepted risk: {n}", n=self.lab.risk_limit), "text-strong", "middle"
            ),
        ]
        return Picture(width=drawing.WIDTH, height=bottom + 6, label=label, shapes=tuple(shapes), legends=_legends())


def _sum(costs: list[int]) -> str:
    return " + ".join(f"({cost})" if cost < 0 else str(cost) for cost in costs)


def _legends() -> tuple[Legend, ...]:
    return (
        Legend(shape=drawing.bar(0, 3, 16, 10, "risk"), words=Text("notre risque, trop haut", "our risk, too high")),
        Legend(shape=drawing.bar(0, 3, 16, 10, "safe"), words=Text("notre risque, accepté", "our risk, accepted")),
        Legend(shape=drawing.bar(0, 3, 16, 10, "theirs"), words=Text("ce qu'ils gardent", "what they keep")),
    )
