"""The editor's form: the fields that show a package, and the package that the fields say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from training_platform.catalogue.format import Exercise, ExerciseFile, Lesson, ModulePackage, Objective, read_draft
from training_platform.catalogue.package import read_part
from training_platform.framework.rules import Framework
from training_platform.studio.drafts import too_long
from training_platform.text import LANGUAGES, Text

PAIRS = ("title", "summary", "audience")
MOST_LESSONS, LONGEST_YAML = 20, 300_000
CODE = re.compile(r"[\s,;]+")
Errors = dict[str, Text]
Document = dict[str, Any]


def fields_of(package: ModulePackage) -> dict[str, str]:
    """Return the fields of the editor that show a package; a box that is not ticked is left out, as browsers do."""
    head = package.head
    fields = {
        f"{part}_{language}": text[language] if (text := getattr(head, part)) else ""
        for part in PAIRS
        for language in LANGUAGES
    }
    fields |= {"minutes": str(head.minutes), "domain": head.domain, "requires": ", ".join(head.requires)}
    for number, step in enumerate(head.steps, 1):
        fields |= {
            f"step_{number}_c": step.c,
            f"step_{number}_from": str(step.from_level),
            f"step_{number}_to": str(step.to),
        }
    for number, objective in enumerate(head.objectives, 1):
        fields |= {f"objective_{number}_bloom": objective.bloom}
        fields |= {f"objective_{number}_{language}": objective.text[language] for language in LANGUAGES}
        fields |= {f"objective_{number}_met_{place}": "1" for place in objective.met_by}
    for lesson in package.lessons:
        fields |= {f"lesson_{key_of(lesson)}_{language}": lesson.text[language] for language in LANGUAGES}
    return fields | {"exercises": exercises_text(package)}


def key_of(lesson: Lesson) -> str:
    """Return what names a lesson whatever its place: its French file name without the number."""
    return lesson.name.fr[3:]


def exercises_text(package: ModulePackage) -> str:
    """Return the exercises as the YAML that the editor shows."""
    if not package.exercises:
        return ""
    data = ExerciseFile(exercises=package.exercises).model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return str(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=110))


def change(
    package: ModulePackage, fields: Mapping[str, str], framework: Framework, codes: set[str]
) -> tuple[ModulePackage, Errors]:
    """Return the package with the fields in it; a field that is wrong keeps its former value and is named.

    Fields that are not there change nothing: the form may have been opened before others added their part.
    """
    errors: Errors = {}
    head = package.head.model_dump(by_alias=True)
    _change_texts(head, fields, errors)
    _change_numbers(head, fields, framework, codes, errors)
    _change_steps(head, fields, framework, errors)
    _change_objectives(head, fields, errors)
    document = package.model_dump(by_alias=True) | {"head": head}
    document["lessons"] = [_lesson(lesson, fields, errors) for lesson in package.lessons]
    if (exercises := _exercises(package, fields, errors)) is not None:
        document["exercises"] = [one.model_dump(by_alias=True) for one in exercises]
    return read_draft(document), errors


def _change_texts(head: Document, fields: Mapping[str, str], errors: Errors) -> None:
    for part in PAIRS:
        if f"{part}_fr" in fields and f"{part}_en" in fields:
            pair = {language: fields[f"{part}_{language}"].strip() for language in LANGUAGES}
            wrong = {f"{part}_{language}": said for language, text in pair.items() if (said := too_long(text))}
            errors |= wrong
            if not wrong:
                head[part] = pair if part != "summary" or any(pair.values()) else None


def _change_numbers(
    head: Document, fields: Mapping[str, str], framework: Framework, codes: set[str], errors: Errors
) -> None:
    if "minutes" in fields:
        text = fields["minutes"].strip()
        if text.isdecimal() and 1 <= int(text) <= 600:
            head["minutes"] = int(text)
        else:
            errors["minutes"] = Text(
                "Indiquez un nombre de minutes entre 1 et 600.", "Give a number of minutes between 1 and 600."
            )
    if fields.get("domain") in framework.domains:
        head["domain"] = fields["domain"]
    if "requires" in fields:
        wanted = [code for code in CODE.split(fields["requires"]) if code]
        if unknown := [code for code in wanted if code not in codes]:
            errors["requires"] = Text(
                f"Aucun module n'a le code {', '.join(unknown)}. Écrivez les codes séparés par des virgules, par exemple M01, M03.",
                f"No module has the code {', '.join(unknown)}. Write the codes with commas between, for example M01, M03.",
            )
        else:
            head["requires"] = list(dict.fromkeys(code for code in wanted if code != head["code"]))


def _rows(fields: Mapping[str, str], name: str, part: str) -> list[int] | None:
    """Return the numbers of the rows of a list, None where the form does not show it."""
    numbers = [int(m[1]) for key in fields if (m := re.fullmatch(rf"{name}_(\d{{1,3}})_{part}", key))]
    return sorted(numbers) or None


def _change_steps(head: Document, fields: Mapping[str, str], framework: Framework, errors: Errors) -> None:
    rows = _rows(fields, "step", "c")
    if rows is None:
        return
    steps = []
    for row in rows:
        competency = fields[f"step_{row}_c"]
        if not competency:
            continue
        low, high = fields.get(f"step_{row}_from", ""), fields.get(f"step_{row}_to", "")
        levels = low.isdecimal() and high.isdecimal() and 0 <= int(low) < int(high) <= 5
        if competency not in framework.competencies or not levels:
            errors[f"step_{row}_c"] = Text(
                "Choisissez une compétence et deux niveaux, le second au-dessus du premier.",
                "Choose a competency and two levels, the second above the first.",
            )
            return
        steps.append({"c": competency, "from": int(low), "to": int(high)})
    head["steps"] = steps


def _change_objectives(head: Document, fields: Mapping[str, str], errors: Errors) -> None:
    rows = _rows(fields, "objective", "fr")
    if rows is None:
        return
    objectives = []
    for row in rows:
        pair = {language: fields.get(f"objective_{row}_{language}", "").strip() for language in LANGUAGES}
        if not any(pair.values()):
            continue
        bloom = fields.get(f"objective_{row}_bloom", "")
        met = [
            m[1]
            for key in fields
            if (m := re.fullmatch(rf"objective_{row}_met_(lesson:\d\d|(?:exercise|lab):[\w.-]+)", key))
        ]
        objectives.append({"bloom": bloom if bloom in BLOOM else "apply", "text": pair, "met_by": sorted(met)})
    head["objectives"] = objectives


BLOOM = Objective.model_fields["bloom"].annotation.__args__  # type: ignore[union-attr]


def _lesson(lesson: Lesson, fields: Mapping[str, str], errors: Errors) -> Document:
    document = lesson.model_dump()
    for language in LANGUAGES:
        name = f"lesson_{key_of(lesson)}_{language}"
        if name in fields:
            text = fields[name].strip()
            if said := too_long(text):
                errors[name] = said
            else:
                document["text"][language] = text + "\n" if text else ""
    return document


def _exercises(package: ModulePackage, fields: Mapping[str, str], errors: Errors) -> list[Exercise] | None:
    """Read the exercises as YAML; what is wrong is said with its line."""
    text = fields.get("exercises")
    if text is None or text.strip() == exercises_text(package).strip():
        return None
    if len(text) > LONGEST_YAML:
        errors["exercises"] = Text(
            "Ce texte est trop long pour des exercices (300 000 caractères au plus). Il reste ici.",
            "This text is too long for exercises (300,000 characters at most). It stays here.",
        )
        return None
    file, problems = read_part("exercises.yaml", text, ExerciseFile)
    if file is None:
        first = problems[0]
        errors["exercises"] = Text(f"Ligne {first.line} : {first.reason.fr}", f"Line {first.line}: {first.reason.en}")
        return None
    return file.exercises


def reshape(package: ModulePackage, action: str) -> ModulePackage:
    """Return the package with a lesson added, removed or moved: ``add``, ``remove:key``, ``up:key``, ``down:key``."""
    verb, _, key = action.partition(":")
    lessons = list(package.lessons)
    place = next((n for n, lesson in enumerate(lessons) if key_of(lesson) == key), None)
    if verb == "add" and len(lessons) < MOST_LESSONS:
        lessons.append(_new_lesson(package))
    elif verb == "remove" and place is not None:
        del lessons[place]
    elif verb == "up" and place:
        lessons[place - 1], lessons[place] = lessons[place], lessons[place - 1]
    elif verb == "down" and place is not None and place + 1 < len(lessons):
        lessons[place + 1], lessons[place] = lessons[place], lessons[place + 1]
    return _renumbered(package, lessons)


def _new_lesson(package: ModulePackage) -> Lesson:
    taken = {key_of(lesson) for lesson in package.lessons}
    number = next(n for n in range(len(taken) + 1, 1000) if f"lecon-{n}" not in taken)
    name = {"fr": f"00-lecon-{number}", "en": f"00-lesson-{number}"}
    return Lesson.model_validate({"name": name, "text": {"fr": "# Nouvelle leçon\n", "en": "# New lesson\n"}})


def _renumbered(package: ModulePackage, lessons: list[Lesson]) -> ModulePackage:
    """Number the lessons by their order, and let the objectives follow them."""
    before = {f"lesson:{n:02d}": key_of(lesson) for n, lesson in enumerate(package.lessons, 1)}
    after = {key_of(lesson): f"lesson:{n:02d}" for n, lesson in enumerate(lessons, 1)}
    document = package.model_dump(by_alias=True)
    for objective in document["head"]["objectives"]:
        moved = [after.get(before[place]) if place in before else place for place in objective["met_by"]]
        objective["met_by"] = [place for place in moved if place]
    document["lessons"] = [
        {
            "name": {language: f"{n:02d}{lesson.name[language][2:]}" for language in LANGUAGES},
            "text": lesson.text.model_dump(),
        }
        for n, lesson in enumerate(lessons, 1)
    ]
    return read_draft(document)


def label_of(field: str, package: ModulePackage) -> Text:
    """Return what a field is called on the page."""
    known = {
        "title": Text("Titre", "Title"),
        "summary": Text("Résumé", "Summary"),
        "audience": Text("Public", "Audience"),
        "minutes": Text("Durée", "Duration"),
        "domain": Text("Domaine", "Domain"),
        "requires": Text("Modules à suivre avant", "Modules to take before"),
        "step": Text("Paliers", "Steps"),
        "objective": Text("Objectifs", "Objectives"),
        "exercises": Text("Exercices", "Exercises"),
    }
    first = field.partition("_")[0]
    name = known.get(first, Text(field, field))
    if first == "lesson":
        key = field.removeprefix("lesson_").rpartition("_")[0]
        number = next((n for n, lesson in enumerate(package.lessons, 1) if key_of(lesson) == key), 0)
        name = Text(f"Leçon {number}", f"Lesson {number}")
    if field.endswith("_fr"):
        return Text(f"{name.fr} (français)", f"{name.en} (French)")
    if field.endswith("_en"):
        return Text(f"{name.fr} (anglais)", f"{name.en} (English)")
    return name


def gist(package: ModulePackage) -> str:
    """Return what a module says of itself in French: title, summary, objectives, the headings of its lessons."""
    head = package.head
    headings = [
        line.lstrip("# ") for lesson in package.lessons for line in lesson.text.fr.split("\n") if line[:1] == "#"
    ]
    summary = head.summary.fr if head.summary else ""
    return " ".join([head.title.fr, summary, *(o.text.fr for o in head.objectives), *headings])


BLOOM_NAMES = {
    "remember": Text("se rappeler", "remember"),
    "understand": Text("comprendre", "understand"),
    "apply": Text("appliquer", "apply"),
    "analyze": Text("analyser", "analyse"),
    "evaluate": Text("évaluer", "evaluate"),
    "create": Text("créer", "create"),
}
