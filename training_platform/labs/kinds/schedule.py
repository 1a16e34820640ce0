"""The roster lab: a week with its broken rules marked, exchanges to try, and bars that show who carries what."""

from __future__ import annotations

from training_platform.catalogue.lab_format import ScheduleLab
from training_platform.labs.kinds.kind import Kind
from training_platform.labs.rules import drawing, schedule
from training_platform.labs.rules.schedule import Exchange, Roster, Violation
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
from training_platform.labs.rules.wording import both, counted, figure, joined, say
from training_platform.text import Text

EXCHANGES = 5
DAYS = (
    Text("lundi", "Monday"),
    Text("mardi", "Tuesday"),
    Text("mercredi", "Wednesday"),
    Text("jeudi", "Thursday"),
    Text("vendredi", "Friday"),
    Text("samedi", "Saturday"),
    Text("dimanche", "Sunday"),
)
SHIFTS = {"M": Text("Matin", "Morning"), "E": Text("Soir", "Evening"), "N": Text("Nuit", "Night"), ".": Text("–", "–")}
FAULTS = {
    "rest": Text("repos trop court", "too little rest"),
    "most": Text("trop de postes dans la semaine", "too many shifts in the week"),
    "absent": Text("en arrêt, et pourtant au planning", "absent, and yet on duty"),
}
TOLD = {
    "rest": (("repos trop court", "repos trop courts"), ("rest too short", "rests too short")),
    "most": (("semaine trop lourde", "semaines trop lourdes"), ("week too heavy", "weeks too heavy")),
    "absent": (
        ("poste confié à une absente", "postes confiés à une absente"),
        ("shift given to somebody absent", "shifts given to somebody absent"),
    ),
}
OVERRIDE = {
    "software": (
        Text(
            "Le logiciel, seul : il connaît les compteurs de tous", "The software alone: it knows everybody's counters"
        ),
        Text(
            "Un logiciel peut signaler ; s'il déplace seul des personnes, nul n'en répond et nul ne peut le contester.",
            "Software may point out; if it moves people alone, nobody answers for it and nobody can contest it.",
        ),
    ),
    "manager": (
        Text(
            "La cadre, avec les deux agents, et la raison écrite dans le journal",
            "The ward manager, with both colleagues, and the reason written in the log",
        ),
        Text(
            "Quelqu'un qui en répond, des personnes à qui l'on a demandé, une trace que l'on peut relire.",
            "Somebody who answers for it, people who were asked, a trace that can be read again.",
        ),
    ),
    "colleagues": (
        Text("Deux collègues entre eux, par message", "Two colleagues among themselves, by message"),
        Text(
            "L'entraide compte, mais un échange que la cadre ignore peut casser un repos sans que personne ne le voie.",
            "Helping each other counts, but an exchange unknown to the manager can break a rest without anybody seeing it.",
        ),
    ),
    "nobody": (
        Text("Personne, une fois le planning publié", "Nobody, once the roster is published"),
        Text(
            "Alors une absence n'a pas de réponse, et la règle de repos reste cassée.",
            "Then an absence has no answer, and the rest rule stays broken.",
        ),
    ),
}


class Schedule(Kind):
    """One week of a team, as the machine proposes it."""

    def __init__(self, lab: ScheduleLab) -> None:
        self.lab = lab
        self.proposal = schedule.proposal(lab)

    def controls(self) -> tuple[Control, ...]:
        """A few exchanges: a day and two people."""
        none = Option(value="", label=Text("–", "–"))
        days = (none, *(Option(value=str(n), label=day) for n, day in enumerate(DAYS)))
        people = (none, *(Option(value=str(n), label=both(name)) for n, name in enumerate(self.lab.people)))
        made = []
        for number in range(1, EXCHANGES + 1):
            for name, fr, en, options in (
                ("d", "jour", "day", days),
                ("a", "agent", "person", people),
                ("b", "avec", "with", people),
            ):
                label = say(f"Échange {{n}}, {fr}", f"Exchange {{n}}, {en}", n=number)
                made.append(Control(name=f"{name}{number}", kind="choice", inside=True, label=label, options=options))
        return tuple(made)

    def show(self, setting: Setting) -> View:
        """Show the week after the exchanges."""
        exchanges = _exchanges(setting)
        roster = schedule.exchanged(self.proposal, exchanges)
        broken = schedule.violations(self.lab, roster)
        summary = self._summary(roster, broken, exchanges)
        return View(
            controls=self.controls(),
            setting=setting,
            summary=summary,
            figures=self._figures(roster, broken, exchanges),
            pictures=(self._picture(roster, summary),),
            tables=(self._roster(roster, broken, exchanges), self._exchanges()),
            asks=(
                Ask(name="violations", unit=Text("règles cassées", "broken rules")),
                Ask(
                    name="override",
                    options=tuple(Option(value=key, label=label) for key, (label, _) in OVERRIDE.items()),
                ),
            ),
        )

    def judge(self, setting: Setting, given: Given) -> tuple[Finding, ...]:
        """Say whether the week is lawful and fair, what the machine had broken, and who may change it."""
        roster = schedule.exchanged(self.proposal, _exchanges(setting))
        broken = schedule.violations(self.lab, roster)
        first = schedule.violations(self.lab, self.proposal)
        return (
            self._holds(roster, broken),
            Finding(
                name="violations",
                right=given["violations"] == len(first),
                said=say(
                    "Dans le planning proposé, {n} : {rest}, {most}, {absent}.",
                    "In the proposed roster, {n}: {rest}, {most}, {absent}.",
                    n=_rules(len(first)),
                    **{fault: counted(sum(v.fault == fault for v in first), *said) for fault, said in TOLD.items()},
                ),
            ),
            Finding(name="override", right=given["override"] == "manager", said=OVERRIDE[str(given["override"])][1]),
        )

    def _holds(self, roster: Roster, broken: list[Violation]) -> Finding:
        gap = schedule.nights_gap(roster, schedule.present(self.lab))
        if broken:
            said = say(
                "Il reste {n}, d'abord pour {name}, {day} : {fault}.",
                "{n} left, first for {name} on {day}: {fault}.",
                n=_rules(len(broken)),
                name=self.lab.people[broken[0].person],
                day=DAYS[broken[0].day],
                fault=FAULTS[broken[0].fault],
            )
        elif gap > self.lab.nights_gap:
            said = say(
                "Tout est légal, mais les nuits vont de l'un à l'autre avec {gap} d'écart ; l'équipe trouve juste {fair} au plus.",
                "All is lawful, but nights differ by {gap} from one to another; the team finds {fair} at most fair.",
                gap=gap,
                fair=self.lab.nights_gap,
            )
        else:
            said = Text(
                "Repos tenus, absence couverte, nuits partagées. Chaque échange touche deux vies : il se demande avant de se faire.",
                "Rest kept, absence covered, nights shared. Each exchange touches two lives: it is asked for before it is made.",
            )
        return Finding(name="setting", right=not broken and gap <= self.lab.nights_gap, said=said)

    def _summary(self, roster: Roster, broken: list[Violation], exchanges: list[Exchange]) -> Text:
        return say(
            "{broken} dans la semaine, {gap} d'écart entre agents présents, {n}.",
            "{broken} in the week, {gap} between people present, {n}.",
            broken=_rules(len(broken)),
            gap=counted(
                schedule.nights_gap(roster, schedule.present(self.lab)), ("nuit", "nuits"), ("night", "nights")
            ),
            n=_made(len(exchanges)),
        )

    def _figures(self, roster: Roster, broken: list[Violation], exchanges: list[Exchange]) -> tuple[Figure, ...]:
        gap = schedule.nights_gap(roster, schedule.present(self.lab))
        touched = {person for e in exchanges for person in (e.one, e.other)}
        return (
            Figure(
                label=Text("Règles cassées", "Broken rules"),
                value=figure(len(broken)),
                tone="bad" if broken else "good",
                note=say(
                    "{rest} h de repos, {most} postes au plus",
                    "{rest} h of rest, {most} shifts at most",
                    rest=self.lab.rest,
                    most=self.lab.at_most,
                ),
            ),
            Figure(
                label=Text("Écart de nuits", "Gap in nights"),
                value=figure(gap),
                tone="good" if gap <= self.lab.nights_gap else "bad",
                note=say("{n} au plus pour être juste", "{n} at most to be fair", n=self.lab.nights_gap),
            ),
            Figure(
                label=Text("Agents dont la semaine change", "People whose week changes"),
                value=figure(len(touched)),
                note=_made(len(exchanges)),
            ),
        )

    def _roster(self, roster: Roster, broken: list[Violation], exchanges: list[Exchange]) -> Table:
        faults = {(v.person, v.day): v.fault for v in broken}
        moved = {(person, e.day) for e in exchanges for person in (e.one, e.other)}
        rows = []
        for person, week in enumerate(roster):
            cells = [Cell(text=both(self.lab.people[person]))]
            for day, shift in enumerate(week):
                fault = faults.get((person, day))
                absent = person == self.lab.absent and day + 1 >= self.lab.absent_from
                cells.append(
                    Cell(
                        text=Text("en arrêt", "absent") if absent and not fault else SHIFTS[shift],
                        tone="bad" if fault else "accent" if (person, day) in moved else "soft" if shift == "." else "",
                        mark="✕" if fault else "⇄" if (person, day) in moved else "☾" if shift == "N" else "",
                        said=FAULTS[fault]
                        if fault
                        else Text("échangé", "exchanged")
                        if (person, day) in moved
                        else EMPTY,
                    )
                )
            rows.append(tuple(cells))
        return Table(
            caption=say(
                "La semaine ; ✕ : règle cassée, ⇄ : échangé, ☾ : nuit. Matin 7–14 h, soir 14–21 h, nuit 21–7 h",
                "The week; ✕: broken rule, ⇄: exchanged, ☾: night. Morning 7–14, evening 14–21, night 21–7",
            ),
            head=(Text("Agent", "Person"), *DAYS),
            rows=tuple(rows),
            style="roster",
        )

    def _exchanges(self) -> Table:
        controls = self.controls()
        return Table(
            caption=Text(
                "Échanges : le même jour, deux agents prennent la place l'un de l'autre",
                "Exchanges: on the same day, two people take each other's place",
            ),
            head=(Text("Échange", "Exchange"), Text("Jour", "Day"), Text("Agent", "Person"), Text("Avec", "With")),
            rows=tuple(
                (
                    Cell(text=figure(number + 1)),
                    *(Cell(text=EMPTY, control=control) for control in controls[3 * number : 3 * number + 3]),
                )
                for number in range(EXCHANGES)
            ),
            style="sheet",
        )

    def _picture(self, roster: Roster, label: Text) -> Picture:
        shapes: list[Shape] = []
        for person, week in enumerate(roster):
            y = 10 + 26 * person
            shapes.append(drawing.words(16, y + 15, both(self.lab.people[person])))
            for place, shift in enumerate(sorted(week.replace(".", ""), key="NEM".index)):
                shapes.append(_sign(110 + 26 * place, y + 10, shift))
            shapes.append(drawing.words(300, y + 15, _carried(week), "text-small"))
        limit = 110 + 26 * self.lab.at_most - 13
        height = 10 + 26 * len(roster) + 20
        shapes += [
            drawing.line(limit, 4, limit, height - 20, "cut"),
            drawing.words(
                limit,
                height - 4,
                say("{n} postes au plus", "{n} shifts at most", n=self.lab.at_most),
                "text-small",
                "middle",
            ),
        ]
        legends = tuple(Legend(shape=_sign(8, 8, shift), words=SHIFTS[shift]) for shift in "NEM")
        return Picture(width=drawing.WIDTH, height=height, label=label, shapes=tuple(shapes), legends=legends)


def _carried(week: str) -> Text:
    return joined(
        [
            counted(schedule.worked(week), ("poste", "postes"), ("shift", "shifts")),
            counted(week.count("N"), ("nuit", "nuits"), ("night", "nights")),
        ]
    )


def _rules(count: int) -> Text:
    return counted(count, ("règle cassée", "règles cassées"), ("broken rule", "broken rules"))


def _made(count: int) -> Text:
    return counted(count, ("échange", "échanges"), ("exchange", "exchanges"))


def _sign(x: float, y: float, shift: str) -> Shape:
    if shift == "N":
        return drawing.diamond(x, y, 9, "night")
    return drawing.square(x, y, 7, "evening") if shift == "E" else drawing.circle(x, y, 7, "morning")


def _exchanges(setting: Setting) -> list[Exchange]:
    """Return the exchanges that are complete, in their order."""
    found = []
    for number in range(1, EXCHANGES + 1):
        day, one, other = (setting[f"{name}{number}"] for name in "dab")
        if day and one and other and one != other:
            found.append(Exchange(day=int(day), one=int(one), other=int(other)))
    return found
