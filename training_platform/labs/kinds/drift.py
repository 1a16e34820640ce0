"""The drift lab: three curves that show only what is known today, a logbook, and the week at which one stops."""

from __future__ import annotations

from training_platform.catalogue.lab_format import DriftLab
from training_platform.labs.kinds.kind import Kind
from training_platform.labs.rules import drawing, drift
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
    Tone,
    View,
)
from training_platform.labs.rules.wording import both, counted, figure, say
from training_platform.text import Text

LEFT, SPAN, PANEL, TOP = 16, 448, 104, 26
NAMES = {
    "input": Text("Valeur moyenne mesurée", "Mean value measured"),
    "alerts": Text("Alertes de la semaine", "Alerts of the week"),
    "right": Text("Part d'alertes justes", "Share of alerts that were right"),
}


class Drift(Kind):
    """One drift lab with its weeks."""

    def __init__(self, lab: DriftLab) -> None:
        self.lab = lab
        self.weeks = drift.weeks(lab)
        self.units = {"input": lab.unit, "alerts": "", "right": "%"}

    def controls(self) -> tuple[Control, ...]:
        """Today's week."""
        label = Text("Nous sommes en semaine", "We are in week")
        start, end = self.lab.baseline, self.lab.weeks
        return (Control(name="week", kind="range", label=label, value=str(start), low=start, high=end),)

    def show(self, setting: Setting) -> View:
        """Show what is known this week, and nothing of what follows."""
        today = int(setting["week"])
        summary = self._summary(today)
        return View(
            controls=self.controls(),
            setting=setting,
            summary=summary,
            figures=self._figures(today),
            pictures=(self._picture(today, summary),),
            tables=(self._journal(today), self._table(today)),
            asks=(
                Ask(name="first", options=tuple(Option(value=c, label=NAMES[c]) for c in drift.CURVES)),
                Ask(
                    name="cause",
                    options=tuple(
                        Option(value=str(place), label=both(entry.text)) for place, entry in enumerate(self.lab.journal)
                    ),
                ),
            ),
        )

    def judge(self, setting: Setting, given: Given) -> tuple[Finding, ...]:
        """Say whether the model was stopped in time, on what sign, for what cause."""
        week, curve = drift.earliest(self.lab, self.weeks)
        entry = self.lab.journal[self.lab.cause]
        return (
            self._in_time(int(setting["week"]), week),
            Finding(
                name="first",
                right=given["first"] == curve,
                said=say(
                    "Premier signe sûr en semaine {week} : « {name} », deux semaines de suite hors de la bande, du même côté.",
                    "First sure sign in week {week}: “{name}”, two weeks in a row outside the band, on the same side.",
                    week=week,
                    name=NAMES[curve],
                ),
            ),
            Finding(
                name="cause",
                right=given["cause"] == str(self.lab.cause),
                said=say(
                    "Ce qui entre dans le modèle monte à partir de la semaine {week} : « {text} ». Les patients, eux, n'ont pas changé.",
                    "What goes into the model rises from week {week} on: “{text}”. The patients have not changed.",
                    week=self.lab.change,
                    text=entry.text,
                ),
            ),
        )

    def _in_time(self, stopped: int, sign: int) -> Finding:
        if stopped < sign:
            said = say(
                "Semaine {stopped} : aucun signe sûr encore. Une semaine hors de la bande arrive par hasard ; l'arrêter maintenant, c'est "
                "se priver d'un outil qui marche. Vérifiez ce qui entre, et avancez.",
                "Week {stopped}: no sure sign yet. A week outside the band happens by chance; stopping now means doing "
                "without a tool that works. Check what goes in, and go on.",
                stopped=stopped,
            )
        elif stopped > sign + self.lab.patience:
            said = say(
                "Semaine {stopped} : le signe sûr était là en semaine {sign}. Dans l'intervalle, {extra} de trop, pour rien.",
                "Week {stopped}: the sure sign was there in week {sign}. In between, {extra} too many, for nothing.",
                stopped=stopped,
                sign=sign,
                extra=_alerts(drift.excess(self.lab, self.weeks, stopped) - drift.excess(self.lab, self.weeks, sign)),
            )
        else:
            said = say(
                "Semaine {stopped} : signe sûr en semaine {sign}, arrêt à temps. {extra} de trop depuis le changement.",
                "Week {stopped}: sure sign in week {sign}, stopped in time. {extra} too many since the change.",
                stopped=stopped,
                sign=sign,
                extra=_alerts(drift.excess(self.lab, self.weeks, stopped)),
            )
        return Finding(name="setting", right=sign <= stopped <= sign + self.lab.patience, said=said)

    def _known(self, curve: str, today: int) -> int:
        """Return the last week of a curve that is known today."""
        return max(week for week in range(today + 1) if drift.known_in(self.lab, curve, week) <= today or week == 0)

    def _shown(self, curve: str, value: float) -> Text:
        unit = self.units[curve]
        return figure(round(value, 1), f" {unit}" if unit else "", None if unit != "%" else "%")

    def _summary(self, today: int) -> Text:
        said = []
        for curve in drift.CURVES:
            week = self._known(curve, today)
            side = drift.outside(self.lab, self.weeks, curve, week)
            place = (
                Text("dans la bande", "inside the band"),
                Text("au-dessus de la bande", "above the band"),
                Text("au-dessous de la bande", "below the band"),
            )[side]
            said.append(
                say(
                    "{name} : {value} (semaine {week}, {place})",
                    "{name}: {value} (week {week}, {place})",
                    name=NAMES[curve],
                    value=self._shown(curve, self.weeks[week - 1].value(curve)),
                    week=week,
                    place=place,
                )
            )
        return Text(" ; ".join(x.fr for x in said) + ".", "; ".join(x.en for x in said) + ".")

    def _figures(self, today: int) -> tuple[Figure, ...]:
        figures = []
        for curve in drift.CURVES:
            week = self._known(curve, today)
            low, high = drift.band(self.lab, self.weeks, curve)
            out = drift.outside(self.lab, self.weeks, curve, week)
            again = out and out == drift.outside(self.lab, self.weeks, curve, week - 1)
            note = say(
                "semaine {week} ; bande : {low} à {high}",
                "week {week}; band: {low} to {high}",
                week=week,
                low=low,
                high=high,
            )
            tone: Tone = "bad" if again else "warn" if out else ""
            figures.append(
                Figure(
                    label=NAMES[curve],
                    value=self._shown(curve, self.weeks[week - 1].value(curve)),
                    note=note,
                    tone=tone,
                )
            )
        return tuple(figures)

    def _journal(self, today: int) -> Table:
        entries = [entry for entry in self.lab.journal if entry.week <= today]
        return Table(
            caption=Text("Le cahier du service jusqu'à aujourd'hui", "The unit's logbook until today"),
            head=(Text("Semaine", "Week"), Text("Ce qui a changé", "What changed")),
            rows=tuple((Cell(text=figure(entry.week)), Cell(text=both(entry.text))) for entry in entries),
        )

    def _table(self, today: int) -> Table:
        return Table(
            caption=Text("Les dix dernières semaines en chiffres", "The last ten weeks in figures"),
            head=(Text("Semaine", "Week"), *(NAMES[curve] for curve in drift.CURVES)),
            rows=tuple(
                (Cell(text=figure(week)), *(self._cell(curve, week, today) for curve in drift.CURVES))
                for week in range(max(1, today - 9), today + 1)
            ),
            folded=True,
        )

    def _cell(self, curve: str, week: int, today: int) -> Cell:
        if drift.known_in(self.lab, curve, week) > today:
            return Cell(text=Text("pas encore connu", "not known yet"), tone="soft", number=True)
        side = drift.outside(self.lab, self.weeks, curve, week)
        mark = ("", "▲", "▼")[side]
        said = (Text("", ""), Text("au-dessus", "above"), Text("au-dessous", "below"))[side]
        tone: Tone = "warn" if side else ""
        return Cell(
            text=self._shown(curve, self.weeks[week - 1].value(curve)), mark=mark, said=said, tone=tone, number=True
        )

    def _picture(self, today: int, label: Text) -> Picture:
        bottom = TOP + 3 * (PANEL + 20)
        x = self._x(today) + SPAN / self.lab.weeks / 2
        shapes: list[Shape] = [drawing.line(x, 10, x, bottom, "cut")]
        for place, curve in enumerate(drift.CURVES):
            shapes += self._panel(curve, TOP + place * (PANEL + 20), today)
        shapes.append(drawing.words(min(x + 6, 380), 18, say("semaine {n}", "week {n}", n=today), "text-strong"))
        shapes += [
            drawing.words(self._x(entry.week), bottom + 8, Text("▲", "▲"), "text-strong", "middle")
            for entry in self.lab.journal
            if entry.week <= today
        ]
        return Picture(width=drawing.WIDTH, height=bottom + 14, label=label, shapes=tuple(shapes), legends=_legends())

    def _x(self, week: float) -> float:
        return LEFT + SPAN * (week - 0.5) / self.lab.weeks

    def _panel(self, curve: str, top: float, today: int) -> list[Shape]:
        values = [week.value(curve) for week in self.weeks]
        least, most = min(values), max(values)
        low, high = drift.band(self.lab, self.weeks, curve)

        def y(value: float) -> float:
            return top + 22 + (PANEL - 26) * (1 - (value - least) / ((most - least) or 1))

        known = range(1, self._known(curve, today) + 1)
        points = [(self._x(week), y(self.weeks[week - 1].value(curve))) for week in known]
        shapes = [
            drawing.words(LEFT, top + 12, NAMES[curve]),
            drawing.bar(LEFT, y(high), SPAN, y(low) - y(high), "band"),
            drawing.curve(points, "series"),
        ]
        for week, (x, height) in zip(known, points, strict=True):
            out = drift.outside(self.lab, self.weeks, curve, week)
            shapes.append(_point(x, height, bool(out)))
        return shapes


def _point(x: float, y: float, outside: bool) -> Shape:
    return drawing.diamond(x, y, 6, "out") if outside else drawing.circle(x, y, 3.2, "in")


def _legends() -> tuple[Legend, ...]:
    return (
        Legend(
            shape=drawing.bar(0, 3, 16, 10, "band"),
            words=Text("bande des semaines ordinaires", "band of ordinary weeks"),
        ),
        Legend(shape=_point(8, 8, False), words=Text("dans la bande", "inside")),
        Legend(shape=_point(8, 8, True), words=Text("hors de la bande", "outside")),
        Legend(
            shape=drawing.words(8, 13, Text("▲", "▲"), "text-strong", "middle"),
            words=Text("une ligne du cahier", "a line of the logbook"),
        ),
    )


def _alerts(count: float) -> Text:
    return counted(count, ("alerte", "alertes"), ("alert", "alerts"))
