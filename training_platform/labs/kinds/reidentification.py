"""The re-identification lab: a sign for each row, and a colleague who lights up when she stands alone."""

from __future__ import annotations

from training_platform.catalogue.lab_format import ReidentificationLab
from training_platform.labs.kinds.kind import Kind
from training_platform.labs.rules import drawing, reidentification
from training_platform.labs.rules.reidentification import COLUMNS, LEVELS, Row
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

PER_LINE, PITCH, LEFT, TOP = 20, 22, 31, 20
NAMES = {
    "age": Text("Âge", "Age"),
    "sex": Text("Sexe", "Sex"),
    "place": Text("Commune", "Town"),
    "entry": Text("Entrée", "Admission"),
}
HIDDEN = Text("supprimé", "removed")
WAYS = {
    "age": (
        Text("année exacte", "exact year"),
        Text("par dix ans", "by ten years"),
        Text("par vingt ans", "by twenty years"),
    ),
    "sex": (Text("indiqué", "given"),),
    "place": (Text("commune exacte", "exact town"), Text("secteur", "sector")),
    "entry": (Text("jour exact", "exact day"), Text("mois", "month")),
}
MONTHS = (Text("janvier", "January"), Text("février", "February"), Text("mars", "March"))


class Reidentification(Kind):
    """One extract and the colleague in it."""

    def __init__(self, lab: ReidentificationLab) -> None:
        self.lab = lab
        self.rows = reidentification.rows(lab)
        self.colleague = reidentification.colleague(self.rows)

    def controls(self) -> tuple[Control, ...]:
        """How far each column is blurred."""
        return tuple(
            Control(
                name=column,
                kind="choice",
                label=NAMES[column],
                value="0",
                options=tuple(Option(value=str(n), label=way) for n, way in enumerate((*WAYS[column], HIDDEN))),
            )
            for column in COLUMNS
        )

    def show(self, setting: Setting) -> View:
        """Show who stands alone at this blur."""
        levels = _levels(setting)
        sizes = reidentification.sizes(self.rows, levels)
        alike = reidentification.alike(self.rows, levels, self.colleague)
        summary = self._summary(sizes, alike)
        return View(
            controls=self.controls(),
            setting=setting,
            summary=summary,
            figures=self._figures(levels, sizes, alike),
            pictures=(self._picture(sizes, alike, summary),),
            tables=(self._alike(levels, alike), self._extract(levels, sizes)),
            asks=(
                Ask(name="columns", unit=Text("colonnes", "columns")),
                Ask(name="smallest", unit=Text("lignes", "rows")),
                Ask(name="secrets", unit=Text("diagnostics", "diagnoses")),
            ),
        )

    def judge(self, setting: Setting, given: Given) -> tuple[Finding, ...]:
        """Say whether nobody stands out, whether the study can still be made, and what is still given away."""
        levels = _levels(setting)
        smallest = min(reidentification.sizes(self.rows, levels))
        alike = reidentification.alike(self.rows, levels, self.colleague)
        needed = reidentification.columns_needed(self.rows, self.colleague)
        secrets = reidentification.secrets(self.rows, alike)
        return (
            self._safe_and_useful(levels, smallest),
            Finding(
                name="columns",
                right=given["columns"] == needed,
                said=say(
                    "Dans l'extrait brut, {n} colonnes bien choisies suffisent : aucune autre ligne ne les partage.",
                    "In the raw extract, {n} well-chosen columns are enough: no other row shares them.",
                    n=needed,
                ),
            ),
            Finding(
                name="smallest",
                right=given["smallest"] == smallest,
                said=say(
                    "À votre réglage, le plus petit groupe compte {k} : c'est le k de l'extrait.",
                    "At your setting the smallest group has {k}: that is the k of the extract.",
                    k=smallest,
                ),
            ),
            Finding(
                name="secrets",
                right=given["secrets"] == secrets,
                said=say(
                    "{n} de la description de votre collègue, avec {secrets} diagnostics différents. S'il n'en restait qu'un, le groupe "
                    "entier le révélerait, si grand soit-il.",
                    "{n} of your colleague's description, with {secrets} different diagnoses. Were only one left, the whole "
                    "group would give it away, however large.",
                    n=_rows(len(alike)),
                    secrets=secrets,
                ),
            ),
        )

    def _safe_and_useful(self, levels: dict[str, int], smallest: int) -> Finding:
        useful = reidentification.useful(levels)
        if not useful:
            said = Text(
                "Plus personne ne ressort, mais l'étude n'est plus possible : il lui faut le mois d'entrée et une classe d'âge. "
                "Supprimez plutôt ce dont elle n'a pas besoin.",
                "The study can no longer be made: it needs the month of admission and an age group. Remove instead what it does not need.",
            )
        elif smallest < self.lab.target:
            said = say(
                "Le plus petit groupe n'a que {k} ; la déléguée à la protection des données en veut au moins {target}. Élargissez encore.",
                "The smallest group has only {k}; the data protection officer wants at least {target}. Widen further.",
                k=_rows(smallest),
                target=self.lab.target,
            )
        else:
            said = say(
                "Chaque ligne se perd parmi {k} au moins, et l'étude garde le mois et l'âge. C'est moins risqué ; ce n'est pas encore « anonyme ».",
                "Each row is lost among at least {k}, and the study keeps month and age. This is less risky; it is not yet “anonymous”.",
                k=smallest,
            )
        return Finding(name="setting", right=useful and smallest >= self.lab.target, said=said)

    def _known(self) -> Text:
        row = self.rows[self.colleague]
        return say(
            "{colleague} elle a {age} ans, habite {place}, est entrée le {day} {month}.",
            "{colleague} she is {age}, lives in {place}, was admitted on {day} {month}.",
            colleague=self.lab.colleague,
            age=row.age,
            place=self.lab.places[row.place],
            day=row.day,
            month=MONTHS[row.month],
        )

    def _summary(self, sizes: list[int], alike: list[int]) -> Text:
        return say(
            "{known} À ce réglage, {alike} de cette description ; {alone} de leur espèce sur {rows} ; le plus petit groupe compte {k}.",
            "{known} At this setting {alike} of this description; {alone} of their kind out of {rows}; the smallest group has {k}.",
            known=self._known(),
            alike=_rows(len(alike)),
            alone=counted(sizes.count(1), ("ligne seule", "lignes seules"), ("row alone", "rows alone")),
            rows=len(sizes),
            k=min(sizes),
        )

    def _figures(self, levels: dict[str, int], sizes: list[int], alike: list[int]) -> tuple[Figure, ...]:
        secrets = reidentification.secrets(self.rows, alike)
        return (
            Figure(
                label=Text("Lignes seules de leur espèce", "Rows alone of their kind"),
                value=figure(sizes.count(1)),
                tone="bad" if 1 in sizes else "good",
                note=say("sur {n}", "of {n}", n=len(sizes)),
            ),
            Figure(
                label=Text("Plus petit groupe (k)", "Smallest group (k)"),
                value=figure(min(sizes)),
                tone="good" if min(sizes) >= self.lab.target else "bad",
                note=say("au moins {n} voulus", "at least {n} wanted", n=self.lab.target),
            ),
            Figure(
                label=Text("Diagnostics possibles de votre collègue", "Possible diagnoses of your colleague"),
                value=figure(secrets),
                tone="bad" if secrets == 1 else "",
                note=Text("le secret est perdu", "the secret is lost")
                if secrets == 1
                else say("parmi {n}", "among {n}", n=_rows(len(alike))),
            ),
            Figure(
                label=Text("L'étude reste possible", "The study is still possible"),
                value=Text("oui", "yes") if reidentification.useful(levels) else Text("non", "no"),
                tone="good" if reidentification.useful(levels) else "bad",
                note=Text("mois d'entrée et classe d'âge", "month of admission and age group"),
            ),
        )

    def _written(self, row: Row, column: str, level: int) -> Text:
        if level == LEVELS[column] - 1:
            return Text("–", "–")
        if column == "sex":
            return Text("femme", "woman") if row.sex == "F" else Text("homme", "man")
        if column == "age":
            width = (1, 10, 20)[level]
            low = row.age // width * width
            return (
                figure(row.age)
                if level == 0
                else say("{low} à {high}", "{low} to {high}", low=low, high=low + width - 1)
            )
        if column == "place":
            if level == 0:
                return both(self.lab.places[row.place])
            return say("secteur {n}", "sector {n}", n=row.place // reidentification.SECTOR + 1)
        return MONTHS[row.month] if level else say("{d} {m}", "{d} {m}", d=row.day, m=MONTHS[row.month])

    def _cells(self, index: int, levels: dict[str, int]) -> tuple[Cell, ...]:
        row = self.rows[index]
        return tuple(
            Cell(text=self._written(row, c, levels[c]), tone="soft" if levels[c] == LEVELS[c] - 1 else "")
            for c in COLUMNS
        )

    def _alike(self, levels: dict[str, int], alike: list[int]) -> Table:
        tone = "bad" if reidentification.secrets(self.rows, alike) == 1 else ""
        return Table(
            caption=Text(
                "Ce que trouve un curieux qui connaît votre collègue (dix lignes au plus)",
                "What a curious person who knows your colleague finds (ten rows at most)",
            ),
            head=(Text("Ligne", "Row"), *(NAMES[c] for c in COLUMNS), Text("Diagnostic", "Diagnosis")),
            rows=tuple(
                (
                    Cell(text=figure(index + 1)),
                    *self._cells(index, levels),
                    Cell(
                        text=both(self.lab.diagnoses[self.rows[index].diagnosis]),
                        tone="bad" if tone else "",
                        mark="!" if tone else "",
                        said=Text("révélé", "given away") if tone else Text("", ""),
                    ),
                )
                for index in alike[:10]
            ),
            style="sheet",
        )

    def _extract(self, levels: dict[str, int], sizes: list[int]) -> Table:
        return Table(
            caption=Text("Les vingt premières lignes de l'extrait", "The first twenty rows of the extract"),
            head=(Text("Ligne", "Row"), *(NAMES[c] for c in COLUMNS), Text("Lignes semblables", "Rows alike")),
            rows=tuple(
                (
                    Cell(text=figure(index + 1)),
                    *self._cells(index, levels),
                    Cell(text=figure(sizes[index]), number=True, tone=_tone(sizes[index], self.lab.target)),
                )
                for index in range(20)
            ),
            folded=True,
            style="sheet",
        )

    def _picture(self, sizes: list[int], alike: list[int], label: Text) -> Picture:
        shapes: list[Shape] = []
        for index in range(len(sizes)):
            x, y = LEFT + PITCH * (index % PER_LINE), TOP + PITCH * (index // PER_LINE)
            if index in alike:
                shapes.append(drawing.square(x, y, 10, "halo"))
            shapes.append(_sign(x, y, sizes[index], self.lab.target))
        x, y = LEFT + PITCH * (self.colleague % PER_LINE), TOP + PITCH * (self.colleague // PER_LINE)
        shapes.append(drawing.circle(x, y, 10, "ring"))
        height = TOP + PITCH * ((len(sizes) - 1) // PER_LINE) + 16
        return Picture(width=drawing.WIDTH, height=height, label=label, shapes=tuple(shapes), legends=self._legends())

    def _legends(self) -> tuple[Legend, ...]:
        target = self.lab.target
        return (
            Legend(shape=drawing.circle(8, 8, 7, "ring"), words=Text("votre collègue", "your colleague")),
            Legend(shape=drawing.square(8, 8, 8, "halo"), words=Text("lui ressemble", "looks like her")),
            Legend(shape=_sign(8, 8, 1, target), words=Text("seule", "alone")),
            Legend(shape=_sign(8, 8, 2, target), words=say("groupe de 2 à {n}", "group of 2 to {n}", n=target - 1)),
            Legend(
                shape=_sign(8, 8, target, target), words=say("groupe de {n} ou plus", "group of {n} or more", n=target)
            ),
        )


def _rows(count: int) -> Text:
    return counted(count, ("ligne", "lignes"), ("row", "rows"))


def _levels(setting: Setting) -> dict[str, int]:
    return {column: int(setting[column]) for column in COLUMNS}


def _tone(size: int, target: int) -> Tone:
    return "bad" if size == 1 else "warn" if size < target else ""


def _sign(x: float, y: float, size: int, target: int) -> Shape:
    if size == 1:
        return drawing.diamond(x, y, 6, "out")
    return drawing.square(x, y, 4, "false") if size < target else drawing.circle(x, y, 4, "in")
