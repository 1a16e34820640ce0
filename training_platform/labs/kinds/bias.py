"""The bias lab: two curves that should lie on each other, and the weight that brings them there."""

from __future__ import annotations

from math import exp

from training_platform.catalogue.lab_format import BiasLab, ServedGroup
from training_platform.labs.kinds.kind import Kind
from training_platform.labs.rules import bias, drawing
from training_platform.labs.rules.bias import Served
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
from training_platform.labs.rules.wording import both, counted, figure, percent, points, say
from training_platform.text import Text

LEFT, SPAN, FLOOR, PEAK, SPREAD = 16, 448, 178, 140, 4.5
FROM = 40
"""The picture begins at this percentile of the score: below it there is hardly anybody with a high need."""


class Bias(Kind):
    """One bias lab with its people."""

    def __init__(self, lab: BiasLab) -> None:
        self.lab = lab
        self.people = bias.members(lab)

    def controls(self) -> tuple[Control, ...]:
        """The part of need in the score."""
        label = Text(
            "Poids du besoin dans le score (le reste : le coût)", "Weight of need in the score (the rest: cost)"
        )
        return (Control(name="weight", kind="range", label=label, value="0", step=5, unit=Text("%", "%")),)

    def show(self, setting: Setting) -> View:
        """Show who gets a place at this weight."""
        weight = int(setting["weight"])
        groups = bias.served(self.lab, self.people, weight)
        summary = self._summary(weight, groups)
        return View(
            controls=self.controls(),
            setting=setting,
            summary=summary,
            figures=self._figures(weight, groups),
            pictures=(self._picture(weight, summary),),
            tables=(self._table(groups),),
            asks=(
                Ask(name="group", options=tuple(Option(value=g.id, label=both(g.name)) for g in self.lab.groups)),
                Ask(name="lost", unit=Text("points", "points")),
            ),
        )

    def judge(self, setting: Setting, given: Given) -> tuple[Finding, ...]:
        """Say whether the score is mended, for whom, and at what price."""
        weight = int(setting["weight"])
        groups = bias.served(self.lab, self.people, weight)
        first = bias.served(self.lab, self.people, 0)
        forgotten = next(group for group in self.lab.groups if group.id == bias.least_served(first))
        before, after = (bias.covered(self.lab, self.people, w) for w in (0, weight))
        return (
            self._mended(groups),
            Finding(
                name="group",
                right=given["group"] == forgotten.id,
                said=say(
                    "Avec le coût seul, « {name} » : {served} des besoins élevés servis. À maladies égales, on y dépense moins, donc "
                    "le score y voit moins de besoin.",
                    "With cost alone, “{name}”: {served} of high needs served. For the same illness less is spent there, "
                    "so the score sees less need.",
                    name=forgotten.name,
                    served=percent(first[forgotten.id].share),
                ),
            ),
            Finding(
                name="lost",
                right=abs(float(given["lost"]) - (before - after)) <= 0.51,
                said=say(
                    "Le programme couvrait {before} des dépenses à venir, il en couvre {after} : {lost} de moins.",
                    "The programme covered {before} of spending to come, it covers {after}: {lost} less.",
                    before=percent(before / 100),
                    after=percent(after / 100),
                    lost=points(before - after),
                ),
            ),
        )

    def _mended(self, groups: dict[str, Served]) -> Finding:
        between = bias.gap(groups)
        if between <= self.lab.tolerance:
            said = say(
                "À besoin égal, les chances de place sont à {gap} près les mêmes.",
                "At equal need, the chances of a place are the same to within {gap}.",
                gap=points(between),
            )
        else:
            said = say(
                "À besoin égal, il reste {gap} d'écart entre les groupes ; l'équipe en accepte {tolerance}. Donnez plus de poids au besoin.",
                "At equal need, a gap of {gap} is left between the groups; the team accepts {tolerance}. Give need more weight.",
                gap=points(between),
                tolerance=self.lab.tolerance,
            )
        return Finding(name="setting", right=between <= self.lab.tolerance, said=said)

    def _summary(self, weight: int, groups: dict[str, Served]) -> Text:
        told = [
            say(
                "{name} : {served} sur {high} ({share})",
                "{name}: {served} of {high} ({share})",
                name=group.name,
                served=groups[group.id].high_served,
                high=groups[group.id].high,
                share=percent(groups[group.id].share),
            )
            for group in self.lab.groups
        ]
        return say(
            "Besoin à {weight} du score. Personnes à besoin élevé qui ont une place – {told}. Écart : {gap}.",
            "Need makes {weight} of the score. People with a high need who get a place – {told}. Gap: {gap}.",
            weight=percent(weight / 100),
            told=Text(" ; ".join(x.fr for x in told), "; ".join(x.en for x in told)),
            gap=points(bias.gap(groups)),
        )

    def _figures(self, weight: int, groups: dict[str, Served]) -> tuple[Figure, ...]:
        between = bias.gap(groups)
        hours = len(self.people) * self.lab.minutes_per_record / 60 if weight else 0
        return (
            Figure(
                label=Text("Écart entre groupes, à besoin élevé", "Gap between groups, at high need"),
                value=points(between),
                tone="good" if between <= self.lab.tolerance else "bad",
                note=counted(
                    self.lab.tolerance, ("point accepté", "points acceptés"), ("point accepted", "points accepted")
                ),
            ),
            Figure(
                label=Text("Dépenses à venir que le programme couvre", "Spending to come that the programme covers"),
                value=percent(bias.covered(self.lab, self.people, weight) / 100),
                note=say(
                    "{n} avec le coût seul",
                    "{n} with cost alone",
                    n=percent(bias.covered(self.lab, self.people, 0) / 100),
                ),
            ),
            Figure(
                label=Text("Lire le besoin dans les dossiers", "Reading need in the records"),
                value=figure(round(hours), " h"),
                note=counted(len(self.people) if weight else 0, ("dossier", "dossiers"), ("record", "records")),
            ),
        )

    def _table(self, groups: dict[str, Served]) -> Table:
        high = say("Besoin élevé ({n} maladies ou plus)", "High need ({n} conditions or more)", n=self.lab.high_need)
        least = bias.least_served(groups)
        wide = bias.gap(groups) > self.lab.tolerance
        return Table(
            caption=Text("Ce que l'image montre, par groupe", "What the picture shows, by group"),
            head=(
                Text("Groupe", "Group"),
                Text("Personnes", "People"),
                Text("Places", "Places"),
                high,
                Text("Servis", "Served"),
                Text("Part", "Share"),
                Text("Maladies par place", "Conditions per place"),
            ),
            rows=tuple(
                (
                    Cell(text=both(group.name)),
                    number(str(got.people)),
                    number(str(got.places)),
                    number(str(got.high)),
                    number(str(got.high_served)),
                    Cell(text=percent(got.share), number=True, tone="bad" if wide and group.id == least else ""),
                    Cell(text=figure(round(got.conditions, 1)), number=True),
                )
                for group in self.lab.groups
                for got in (groups[group.id],)
            ),
        )

    def _picture(self, weight: int, label: Text) -> Picture:
        rank = bias.ranks(self.people, weight)
        cut = _x(100 - 100 * self.lab.places / len(self.people))
        shapes: list[Shape] = [drawing.bar(cut, 20, LEFT + SPAN - cut, FLOOR - 20, "place")]
        places = {
            group.id: [
                100 - 100 * (rank[index] + 0.5) / len(self.people)
                for index, person in enumerate(self.people)
                if person.group == group.id and person.conditions >= self.lab.high_need
            ]
            for group in self.lab.groups
        }
        curves = {key: _curve(found) for key, found in places.items()}
        highest = max((y for points in curves.values() for _, y in points), default=1) or 1
        for number_, group in enumerate(self.lab.groups):
            shapes.append(
                drawing.curve(
                    [(_x(x), FLOOR - PEAK * y / highest) for x, y in curves[group.id]],
                    f"curve-{number_ + 1}",
                )
            )
        shapes.append(drawing.line(LEFT, FLOOR, LEFT + SPAN, FLOOR, "axis"))
        shapes.append(drawing.line(cut, 20, cut, FLOOR + 24 * len(self.lab.groups) + 8, "cut"))
        shapes.append(
            drawing.words(cut - 6, 32, Text("une place à droite", "a place on the right"), "text-strong", "end")
        )
        for number_, group in enumerate(self.lab.groups):
            y = FLOOR + 18 + 24 * number_
            shapes += [_sign(_x(x), y, number_, inside=_x(x) > cut) for x in sorted(places[group.id])]
        bottom = FLOOR + 24 * len(self.lab.groups)
        shapes += [
            drawing.words(LEFT, bottom + 22, Text("score moyen", "middling score"), "text-small"),
            drawing.words(LEFT + SPAN, bottom + 22, Text("score haut", "high score"), "text-small", "end"),
        ]
        return Picture(
            width=drawing.WIDTH,
            height=bottom + 30,
            label=label,
            shapes=tuple(shapes),
            legends=_legends(self.lab.groups),
        )


def _x(percentile: float) -> float:
    return LEFT + SPAN * max(percentile - FROM, 0) / (100 - FROM)


def _curve(values: list[float]) -> list[tuple[float, float]]:
    """Smooth the values (0 to 100) to the density of a group, one point for each unit."""
    return [
        (float(x), sum(exp(-(((x - value) / SPREAD) ** 2) / 2) for value in values) / max(len(values), 1))
        for x in range(FROM, 101)
    ]


def _sign(x: float, y: float, group: int, *, inside: bool) -> Shape:
    tone = "found" if inside else "missed"
    return drawing.circle(x, y, 4.5, tone) if group == 0 else drawing.square(x, y, 4, tone)


def _legends(groups: list[ServedGroup]) -> tuple[Legend, ...]:
    curves = tuple(
        Legend(shape=drawing.line(0, 8, 16, 8, f"curve-{place}"), words=both(group.name))
        for place, group in enumerate(groups, 1)
    )
    inside, outside = (
        Text("besoin élevé, une place", "high need, a place"),
        Text("besoin élevé, sans place", "high need, no place"),
    )
    return (
        *curves,
        Legend(shape=_sign(8, 8, 0, inside=True), words=inside),
        Legend(shape=_sign(8, 8, 0, inside=False), words=outside),
    )
