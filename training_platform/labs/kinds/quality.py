"""The quality hunt: a sheet to check line by line, and the mean length of stay that moves with each correction."""

from __future__ import annotations

from collections import Counter

from training_platform.catalogue.lab_format import QualityLab
from training_platform.labs.kinds.kind import Kind
from training_platform.labs.rules import drawing, quality
from training_platform.labs.rules.quality import Stay
from training_platform.labs.rules.view import (
    EMPTY,
    Ask,
    Cell,
    Control,
    Figure,
    Finding,
    Given,
    Legend,
    Picture,
    Setting,
    Shape,
    Table,
    View,
)
from training_platform.labs.rules.wording import counted, figure, joined, say
from training_platform.text import Text

LEFT, SPAN, FLOOR = 16, 448, 120
UNITS = {
    "medicine": Text("médecine", "medicine"),
    "surgery": Text("chirurgie", "surgery"),
    "maternity": Text("maternité", "maternity"),
    "geriatrics": Text("gériatrie", "geriatrics"),
}
LEFT_OUT = {
    "swapped": Text("une sortie avant l'entrée", "an exit before its entry"),
    "double": Text("un séjour écrit deux fois", "a stay written twice"),
    "month": Text("un mois de sortie mal saisi", "an exit month typed wrong"),
    "sex": Text("un sexe impossible dans ce service", "a sex that this unit rules out"),
    "birth": Text("un âge impossible", "an impossible age"),
    "missing": Text("une sortie manquante", "a missing exit"),
    "default": Text("une date remplie d'office", "a date filled in by default"),
}


class Quality(Kind):
    """One file of stays."""

    def __init__(self, lab: QualityLab) -> None:
        self.lab = lab
        self.file = quality.lines(lab)
        self.wrong = quality.wrong(self.file)
        self.true_mean = quality.mean_length(quality.now(self.file, range(len(self.file))))

    def controls(self) -> tuple[Control, ...]:
        """One mark for each line: check it at the source."""
        return tuple(
            Control(
                name=f"s{number}",
                kind="mark",
                inside=True,
                label=say("Vérifier le séjour {n} à la source", "Check stay {n} at the source", n=number),
            )
            for number in range(1, len(self.file) + 1)
        )

    def show(self, setting: Setting) -> View:
        """Show the file with the checked lines corrected."""
        checked = _checked(setting)
        summary = self._summary(checked)
        return View(
            controls=self.controls(),
            setting=setting,
            summary=summary,
            figures=self._figures(checked),
            pictures=(self._picture(checked, summary),),
            tables=(self._sheet(checked),),
            asks=(
                Ask(name="errors", unit=Text("séjours", "stays")),
                Ask(name="mean", unit=Text("jours", "days")),
            ),
        )

    def judge(self, setting: Setting, given: Given) -> tuple[Finding, ...]:
        """Say what is left in the file, how many were wrong, and what the indicator is worth."""
        checked = _checked(setting)
        return (
            self._hunted(checked),
            Finding(
                name="errors",
                right=given["errors"] == len(self.wrong),
                said=say(
                    "{n} séjours sur {stays} portaient une erreur. Le très long et celui d'un jour étaient vrais : une valeur rare n'est pas une valeur fausse.",
                    "{n} of {stays} stays bore an error. The very long one and the one of a single day were true: a rare value is not a wrong one.",
                    n=len(self.wrong),
                    stays=len(self.file),
                ),
            ),
            Finding(
                name="mean",
                right=abs(float(given["mean"]) - self.true_mean) <= 0.051,
                said=say(
                    "Fichier brut : {raw} jours. Fichier corrigé : {mean} jours. Les erreurs ne se compensaient pas.",
                    "Raw file: {raw} days. Corrected file: {mean} days. The errors did not cancel out.",
                    raw=quality.mean_length(quality.now(self.file, ())),
                    mean=self.true_mean,
                ),
            ),
        )

    def _hunted(self, checked: set[int]) -> Finding:
        left = [self.file[index].error for index in self.wrong if index not in checked]
        if left:
            said = say(
                "Il reste dans le fichier : {left}.",
                "Left in the file: {left}.",
                left=joined([LEFT_OUT[error] for error in left if error]),
            )
        elif len(checked) > self.lab.checks:
            said = say(
                "Tout est corrigé, mais {n} séjours vérifiés, c'est plus que les {checks} dont l'équipe a le temps. Choisissez sur des règles, pas au hasard.",
                "All is corrected, but {n} stays checked is more than the {checks} that the team has time for. Choose by rules, not at random.",
                n=len(checked),
                checks=self.lab.checks,
            )
        else:
            said = say(
                "Toutes les erreurs trouvées en {n}, soit {minutes} min.",
                "All errors found in {n}, that is {minutes} min.",
                n=counted(len(checked), ("vérification", "vérifications"), ("check", "checks")),
                minutes=len(checked) * self.lab.minutes_per_check,
            )
        return Finding(name="setting", right=not left and len(checked) <= self.lab.checks, said=said)

    def _summary(self, checked: set[int]) -> Text:
        return say(
            "{n}, {found}. Durée moyenne de séjour : {mean} jours ({raw} dans le fichier brut).",
            "{n}, {found}. Mean length of stay: {mean} days ({raw} in the raw file).",
            n=counted(len(checked), ("séjour vérifié", "séjours vérifiés"), ("stay checked", "stays checked")),
            found=counted(len(checked & set(self.wrong)), ("corrigé", "corrigés"), ("corrected", "corrected")),
            mean=quality.mean_length(quality.now(self.file, checked)),
            raw=quality.mean_length(quality.now(self.file, ())),
        )

    def _figures(self, checked: set[int]) -> tuple[Figure, ...]:
        return (
            Figure(
                label=Text("Durée moyenne de séjour", "Mean length of stay"),
                value=figure(quality.mean_length(quality.now(self.file, checked)), " jours", " days"),
                note=say(
                    "{n} dans le fichier brut", "{n} in the raw file", n=quality.mean_length(quality.now(self.file, ()))
                ),
            ),
            Figure(
                label=Text("Séjours vérifiés à la source", "Stays checked at the source"),
                value=figure(len(checked)),
                tone="bad" if len(checked) > self.lab.checks else "",
                note=say(
                    "{n} au plus ; {minutes} min passées",
                    "{n} at most; {minutes} min spent",
                    n=self.lab.checks,
                    minutes=len(checked) * self.lab.minutes_per_check,
                ),
            ),
            Figure(
                label=Text("Erreurs corrigées", "Errors corrected"),
                value=figure(len(checked & set(self.wrong))),
                note=EMPTY,
            ),
        )

    def _sheet(self, checked: set[int]) -> Table:
        controls = self.controls()
        return Table(
            caption=Text(
                "Le fichier : cochez un séjour pour ouvrir le dossier et voir ce que dit la source",
                "The file: tick a stay to open the record and see what the source says",
            ),
            head=(
                Text("Séjour", "Stay"),
                Text("Sexe", "Sex"),
                Text("Âge", "Age"),
                Text("Service", "Unit"),
                Text("Entrée", "Entry"),
                Text("Sortie", "Exit"),
                Text("Jours", "Days"),
                Text("Source", "Source"),
            ),
            rows=tuple(self._row(index, controls[index], index in checked) for index in range(len(self.file))),
            style="sheet",
        )

    def _row(self, index: int, control: Control, checked: bool) -> tuple[Cell, ...]:
        line = self.file[index]
        first = Cell(text=figure(index + 1), control=control)
        before = _written(line.written)
        if not checked:
            return (first, *(Cell(text=text) for text in before), Cell(text=EMPTY))
        if line.true is None:
            gone = tuple(Cell(text=EMPTY, was=text, tone="good") for text in before)
            return (first, *gone, Cell(text=Text("doublon retiré", "double removed"), mark="✓", tone="good"))
        after = _written(line.true)
        cells = tuple(
            Cell(text=new) if old == new else Cell(text=new, was=old, tone="good")
            for old, new in zip(before, after, strict=True)
        )
        if line.error:
            return (first, *cells, Cell(text=Text("corrigé", "corrected"), mark="✓", tone="good"))
        return (first, *cells, Cell(text=Text("exact", "right"), mark="=", tone="soft"))

    def _picture(self, checked: set[int], label: Text) -> Picture:
        stays = quality.now(self.file, checked)
        known = [
            line.length
            for entry in self.file
            for line in (entry.written, entry.true)
            if line and line.length is not None
        ]
        low, high = min(known), max(known)

        def x(days: float) -> float:
            return LEFT + SPAN * (days - low) / (high - low)

        stacked: Counter[int] = Counter()
        shapes: list[Shape] = [
            drawing.line(LEFT, FLOOR, LEFT + SPAN, FLOOR, "axis"),
            drawing.line(x(0), 44, x(0), FLOOR, "grid"),
        ]
        for index, stay in enumerate(stays):
            if stay is None or stay.length is None:
                continue
            column = round(x(stay.length) / 9)
            y = FLOOR - 7 - 10 * stacked[column]
            stacked[column] += 1
            before = self.file[index].written.length
            corrected = index in checked and self.file[index].error is not None
            if corrected and before is not None and before != stay.length:
                shapes += [
                    drawing.line(x(before), FLOOR - 7, x(stay.length), y, "trail"),
                    drawing.cross(x(before), FLOOR - 7, 4, "gone"),
                ]
            shapes.append(_sign(x(stay.length), y, corrected, index in checked))
        raw, mean = quality.mean_length(quality.now(self.file, ())), quality.mean_length(stays)
        shapes += [
            drawing.line(x(raw), 40, x(raw), FLOOR + 6, "grid-strong"),
            drawing.line(x(mean), 24, x(mean), FLOOR + 10, "cut"),
            drawing.words(
                min(max(x(mean), 80), 400),
                18,
                say("moyenne : {n} jours", "mean: {n} days", n=mean),
                "text-strong",
                "middle",
            ),
            *(
                drawing.words(x(days), FLOOR + 24, figure(days), "text-small", "middle")
                for days in range(low // 50 * 50, high + 1, 50)
                if low <= days
            ),
        ]
        return Picture(
            width=drawing.WIDTH, height=FLOOR + 32, label=label, shapes=tuple(shapes), legends=_legends(), sticky=True
        )


def _checked(setting: Setting) -> set[int]:
    return {int(name[1:]) - 1 for name, value in setting.items() if value == "1"}


def _written(stay: Stay) -> tuple[Text, ...]:
    length = stay.length
    return (
        Text("femme", "woman") if stay.sex == "F" else Text("homme", "man"),
        figure(stay.age),
        UNITS[stay.unit],
        _date(stay.entry),
        _date(stay.exit) if stay.exit is not None else Text("–", "–"),
        figure(length) if length is not None else Text("–", "–"),
    )


def _date(day: int) -> Text:
    written = quality.day(day).strftime("%d/%m")
    return Text(written, written)


def _sign(x: float, y: float, corrected: bool, checked: bool) -> Shape:
    if corrected:
        return drawing.diamond(x, y, 5.5, "found")
    return drawing.square(x, y, 4, "in") if checked else drawing.circle(x, y, 4, "plain")


def _legends() -> tuple[Legend, ...]:
    return (
        Legend(shape=_sign(8, 8, False, False), words=Text("séjour non vérifié", "stay not checked")),
        Legend(shape=_sign(8, 8, False, True), words=Text("vérifié, exact", "checked, right")),
        Legend(shape=_sign(8, 8, True, True), words=Text("corrigé", "corrected")),
        Legend(shape=drawing.cross(8, 8, 5, "gone"), words=Text("où il était", "where it was")),
    )
