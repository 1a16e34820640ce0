"""The threshold lab: patients as signs on a scale, and the line that one moves."""

from __future__ import annotations

from collections import Counter

from training_platform.catalogue.lab_format import ThresholdLab
from training_platform.labs.kinds.kind import Kind
from training_platform.labs.rules import drawing, threshold
from training_platform.labs.rules.threshold import Counts, Patient
from training_platform.labs.rules.view import (
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
    number,
)
from training_platform.labs.rules.wording import both, counted, figure, percent, say
from training_platform.text import Text

LEFT, STEP, BAND, BIN = 10, 4.6, 112, 2


class Threshold(Kind):
    """One threshold lab with its patients."""

    def __init__(self, lab: ThresholdLab) -> None:
        self.lab = lab
        self.patients = threshold.patients(lab)

    def controls(self) -> tuple[Control, ...]:
        """One line to move."""
        label = Text("Seuil de l'alerte (score sur 100)", "Alert threshold (score out of 100)")
        return (Control(name="threshold", kind="range", label=label, value="30", low=10, high=90, step=BIN),)

    def show(self, setting: Setting) -> View:
        """Show who is flagged at this threshold."""
        at = int(setting["threshold"])
        total = threshold.counts(self.patients, at)
        groups = threshold.by_group(self.lab, self.patients, at)
        load = threshold.burden(self.lab, total.alerts)
        summary = say(
            "Seuil {at} : {found} sur {septic} ({sensitivity}), {missed}, {alerts} "
            "dont {false}, soit {load} par infirmière et par poste.",
            "Threshold {at}: {found} of {septic} ({sensitivity}), {missed}, {alerts} of "
            "which {false}, that is {load} per nurse per shift.",
            at=at,
            found=counted(total.found, ("sepsis trouvé", "sepsis trouvés"), ("sepsis found", "sepses found")),
            septic=total.found + total.missed,
            sensitivity=percent(total.sensitivity),
            missed=counted(total.missed, ("manqué", "manqués"), ("missed", "missed")),
            alerts=_alerts(total.alerts),
            false=counted(total.false, ("fausse", "fausses"), ("false", "false")),
            load=round(load, 1),
        )
        return View(
            controls=self.controls(),
            setting=setting,
            summary=summary,
            figures=self._figures(total, load),
            pictures=(self._picture(at, summary),),
            tables=(self._table(total, groups),),
            asks=(
                Ask(name="alerts", unit=Text("alertes", "alerts")),
                Ask(name="group", options=tuple(Option(value=g.id, label=both(g.name)) for g in self.lab.groups)),
            ),
        )

    def judge(self, setting: Setting, given: Given) -> tuple[Finding, ...]:
        """Say whether this threshold holds, and whether its reader has read it rightly."""
        at = int(setting["threshold"])
        total = threshold.counts(self.patients, at)
        groups = threshold.by_group(self.lab, self.patients, at)
        load = threshold.burden(self.lab, total.alerts)
        return (
            self._threshold_holds(total, load),
            Finding(
                name="alerts",
                right=abs(float(given["alerts"]) - load) <= 0.051,
                said=say(
                    "{alerts} alertes ÷ ({shifts} postes × {nurses} infirmières) = {load} par infirmière et par poste.",
                    "{alerts} alerts ÷ ({shifts} shifts × {nurses} nurses) = {load} per nurse per shift.",
                    alerts=total.alerts,
                    shifts=self.lab.shifts,
                    nurses=self.lab.nurses,
                    load=round(load, 1),
                ),
            ),
            self._forgotten(groups, str(given["group"])),
        )

    def _forgotten(self, groups: dict[str, Counts], answer: str) -> Finding:
        worst = threshold.most_missed(groups)
        counts = groups[worst]
        if not counts.missed:
            said = Text(
                "À ce seuil, aucun sepsis n'est manqué : trouvez d'abord un seuil que l'équipe peut tenir.",
                "At this threshold no sepsis is missed: first find a threshold that the team can hold.",
            )
        else:
            said = say(
                "À ce seuil, le groupe le plus oublié est « {name} » : {found} trouvés sur {septic}. La moyenne ne le dit pas.",
                "At this threshold the group most forgotten is “{name}”: {found} found of {septic}. The average does not say so.",
                name=next(group.name for group in self.lab.groups if group.id == worst),
                found=counts.found,
                septic=counts.found + counts.missed,
            )
        right = counts.missed > 0 and groups[answer].sensitivity == counts.sensitivity
        return Finding(name="group", right=right, said=said)

    def _threshold_holds(self, total: Counts, load: float) -> Finding:
        low, heavy = 100 * total.sensitivity < self.lab.floor, load > self.lab.bearable
        if low:
            said = say(
                "Ce seuil laisse passer {missed} : {sensitivity} trouvés, l'équipe en veut au moins {floor}. Descendez la ligne.",
                "This threshold lets {missed} through: {sensitivity} found, the team wants at least {floor}. Lower the line.",
                missed=counted(total.missed, ("sepsis", "sepsis"), ("sepsis", "sepses")),
                sensitivity=percent(total.sensitivity),
                floor=percent(self.lab.floor / 100),
            )
        elif heavy:
            said = say(
                "Ce seuil trouve assez de sepsis, mais demande {load} par infirmière et par poste ; au-delà de {bearable}, "
                "on ne lit plus. Remontez la ligne.",
                "This threshold finds enough sepses, but asks {load} of each nurse each shift; beyond {bearable}, "
                "nobody reads any more. Raise the line.",
                load=counted(round(load, 1), ("réponse", "réponses"), ("answer", "answers")),
                bearable=self.lab.bearable,
            )
        else:
            said = say(
                "Ce seuil tient les deux bouts : {sensitivity} des sepsis trouvés, {load} par infirmière et par poste.",
                "This threshold holds both ends: {sensitivity} of sepses found, {load} per nurse per shift.",
                sensitivity=percent(total.sensitivity),
                load=_alerts(round(load, 1)),
            )
        return Finding(name="setting", right=not low and not heavy, said=said)

    def _figures(self, total: Counts, load: float) -> tuple[Figure, ...]:
        floor, bearable = self.lab.floor, self.lab.bearable
        return (
            Figure(
                label=Text("Sepsis trouvés (sensibilité)", "Sepses found (sensitivity)"),
                value=percent(total.sensitivity),
                tone="good" if 100 * total.sensitivity >= floor else "bad",
                note=say("au moins {floor} voulus", "at least {floor} wanted", floor=percent(floor / 100)),
            ),
            Figure(
                label=Text("Alertes qui sont justes (VPP)", "Alerts that are right (PPV)"),
                value=percent(total.predictive),
                note=say(
                    "{n} à ouvrir pour un sepsis",
                    "{n} to open for one sepsis",
                    n=_alerts(round(1 / total.predictive, 1) if total.predictive else 0),
                ),
            ),
            Figure(
                label=Text("Alertes par infirmière et par poste", "Alerts per nurse per shift"),
                value=figure(round(load, 1)),
                tone="good" if load <= bearable else "bad",
                note=say("{bearable} au plus pour rester lues", "{bearable} at most to stay read", bearable=bearable),
            ),
        )

    def _table(self, total: Counts, groups: dict[str, Counts]) -> Table:
        named = [(both(group.name), groups[group.id]) for group in self.lab.groups]
        return Table(
            caption=Text("Ce que l'image montre, par groupe d'âge", "What the picture shows, by age group"),
            head=(
                Text("Groupe", "Group"),
                Text("Trouvés", "Found"),
                Text("Manqués", "Missed"),
                Text("Fausses alertes", "False alerts"),
                Text("Sensibilité", "Sensitivity"),
                Text("VPP", "PPV"),
            ),
            rows=tuple(
                (
                    Cell(text=name),
                    number(str(c.found)),
                    number(str(c.missed), "bad" if 100 * c.sensitivity < self.lab.floor else ""),
                    number(str(c.false)),
                    Cell(text=percent(c.sensitivity), number=True),
                    Cell(text=percent(c.predictive), number=True),
                )
                for name, c in [*named, (Text("Ensemble", "All"), total)]
            ),
        )

    def _picture(self, at: int, label: Text) -> Picture:
        shapes: list[Shape] = []
        height = 30 + BAND * len(self.lab.groups) + 24
        x = LEFT + at * STEP
        for place, group in enumerate(self.lab.groups):
            floor = 30 + BAND * (place + 1) - 8
            shapes += [
                drawing.words(LEFT, floor - BAND + 26, both(group.name)),
                drawing.line(LEFT, floor + 2, LEFT + 100 * STEP, floor + 2, "axis"),
                *_signs([p for p in self.patients if p.group == group.id], at, floor),
            ]
        shapes += [
            drawing.line(x, 22, x, height - 22, "cut"),
            drawing.words(
                min(max(x, 60), 420), 15, say("seuil {at}", "threshold {at}", at=at), "text-strong", "middle"
            ),
            *(drawing.words(LEFT + n * STEP, height - 4, figure(n), "text-small", "middle") for n in (10, 50, 90)),
        ]
        return Picture(width=drawing.WIDTH, height=height, label=label, shapes=tuple(shapes), legends=_legends())


def _signs(people: list[Patient], at: int, floor: float) -> list[Shape]:
    """Stack the patients of each pair of scores, the sepses lowest."""
    tallest = max(Counter(person.score // BIN for person in people).values())
    pitch = min(7.2, (BAND - 24) / tallest)
    stacked: Counter[int] = Counter()
    shapes = []
    for person in sorted(people, key=lambda p: (not p.septic, p.score)):
        column = person.score // BIN
        x, y = LEFT + (column * BIN + BIN / 2) * STEP, floor - 4 - pitch * stacked[column]
        stacked[column] += 1
        shapes.append(_sign(x, y, person.septic, person.score >= at))
    return shapes


def _sign(x: float, y: float, septic: bool, flagged: bool) -> Shape:
    if septic:
        return drawing.diamond(x, y, 5.4, "found" if flagged else "missed")
    return drawing.circle(x, y, 3, "false" if flagged else "quiet")


def _legends() -> tuple[Legend, ...]:
    return (
        Legend(shape=_sign(8, 8, True, True), words=Text("sepsis trouvé", "sepsis found")),
        Legend(shape=_sign(8, 8, True, False), words=Text("sepsis manqué", "sepsis missed")),
        Legend(shape=_sign(8, 8, False, True), words=Text("fausse alerte", "false alert")),
        Legend(shape=_sign(8, 8, False, False), words=Text("ni sepsis ni alerte", "neither sepsis nor alert")),
    )


def _alerts(count: float) -> Text:
    return counted(count, ("alerte", "alertes"), ("alert", "alerts"))
