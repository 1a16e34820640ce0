"""What the editor's form says, made a draft: fields to package, kept unless somebody else was faster."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import yaml
from pydantic import ValidationError

from training_platform.catalogue import service as catalogue
from training_platform.catalogue.format import Lesson, ModulePackage, QuestionFile, Wording
from training_platform.catalogue.models import ModuleVersion
from training_platform.errors import RefusedError
from training_platform.studio.service import editable, working_copy
from training_platform.text import LANGUAGES, Text


def change(package: ModulePackage, fields: Mapping[str, str]) -> tuple[ModulePackage, dict[str, Text]]:
    """Return the package with the fields of the form in it, and what is wrong by field (then nothing is changed)."""
    errors: dict[str, Text] = {}
    head = package.head.model_dump(by_alias=True)
    for part in ("title", "summary", "audience"):
        pair = {language: fields.get(f"{part}_{language}", "").strip() for language in LANGUAGES}
        for language, text in pair.items():
            if not text:
                errors[f"{part}_{language}"] = Text(
                    "Ce texte est nécessaire dans les deux langues.", "This text is needed in both languages."
                )
        head[part] = pair
    if not fields.get("minutes", "").isdecimal() or not 1 <= int(fields["minutes"]) <= 600:
        errors["minutes"] = Text(
            "Indiquez un nombre de minutes entre 1 et 600.", "Give a number of minutes between 1 and 600."
        )
    lessons = _lessons(package, fields, errors)
    questions = _questions(fields.get("questions", ""), errors)
    if errors or questions is None:
        return package, errors
    document = package.model_dump(by_alias=True) | {"head": head | {"minutes": int(fields["minutes"])}}
    document |= {"lessons": [x.model_dump() for x in lessons], "questions": questions}
    return ModulePackage.model_validate(document), errors


def _lessons(package: ModulePackage, fields: Mapping[str, str], errors: dict[str, Text]) -> list[Lesson]:
    lessons = []
    for number, lesson in enumerate(package.lessons, 1):
        texts = {lang: fields.get(f"lesson_{number}_{lang}", "").replace("\r\n", "\n").strip() for lang in LANGUAGES}
        for language, text in texts.items():
            if not text.startswith("# "):
                errors[f"lesson_{number}_{language}"] = Text(
                    "La leçon commence par un titre : « # Titre ».", "The lesson starts with a title: “# Title”."
                )
        if all(texts.values()):
            lessons.append(Lesson(name=lesson.name, text=Wording(fr=texts["fr"] + "\n", en=texts["en"] + "\n")))
    return lessons


def _questions(text: str, errors: dict[str, Text]) -> list[dict[str, object]] | None:
    """Parse the questions as YAML; what is wrong is said with its place."""
    try:
        file = QuestionFile.model_validate(yaml.safe_load(text) or {})
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        errors["questions"] = Text(f"YAML illisible à la ligne {line}.", f"Unreadable YAML on line {line}.")
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        errors["questions"] = Text(f"{place} : {first['msg']}", f"{place}: {first['msg']}")
    else:
        return [q.model_dump(by_alias=True) for q in file.questions]
    return None


def questions_text(package: ModulePackage) -> str:
    """Return the bank as the YAML that the editor shows."""
    data = QuestionFile(questions=package.questions).model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return str(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=110))


def save(person_id: int, slug: str, package: ModulePackage, seen_hash: str, now: datetime) -> ModuleVersion:
    """Keep a draft; raise RefusedError where somebody else saved since the form was opened."""
    edited = editable(person_id, slug)
    if catalogue.content_hash(working_copy(edited)) != seen_hash:
        raise RefusedError(
            Text(
                "Quelqu'un a enregistré ce module entre-temps. Votre texte est encore dans le formulaire : copiez-le, rechargez, puis reportez vos changements.",
                "Somebody saved this module in the meantime. Your text is still in the form: copy it, reload, then carry your changes over.",
            )
        )
    return catalogue.save_draft(package, now, person_id)


def gist(package: ModulePackage) -> str:
    """Return what a module says of itself in French: title, summary, objectives, the headings of its lessons."""
    head = package.head
    headings = [
        line.lstrip("# ") for lesson in package.lessons for line in lesson.text.fr.split("\n") if line[:1] == "#"
    ]
    summary = head.summary.fr if head.summary else ""
    return " ".join([head.title.fr, summary, *(o.text.fr for o in head.objectives), *headings])
