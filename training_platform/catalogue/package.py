"""Module packages on disk: a folder or a zip, read whole or refused whole, with file, line and reason."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from training_platform.archives import DAMAGED
from training_platform.catalogue import pictures
from training_platform.catalogue.format import (
    ExerciseFile,
    LabFile,
    Lesson,
    ModuleHead,
    ModulePackage,
    QuestionFile,
    Situations,
    Wording,
)
from training_platform.catalogue.parts import DRAFT
from training_platform.errors import RefusedError
from training_platform.text import LANGUAGES, Text

MAX_FILES = 200
MAX_BYTES = 8 * 1024 * 1024
DEEPEST = 30
"""Levels of a YAML file; the format needs eight."""
ALLOWED = re.compile(
    r"^(module|situations|questions|exercises|labs)\.yaml$|^(fr|en)/\d\d-[\w-]+\.md$|^img/[\w.-]+\.(svg|webp)$"
)
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something wrong in a package: where, and why."""

    file: str
    line: int
    reason: Text

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason.en}"


class PackageError(RefusedError):
    """A package is refused whole; ``problems`` says all that is wrong."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        where = "; ".join(f"{p.file}:{p.line}" for p in problems[:3])
        super().__init__(
            Text(
                f"Le paquet est refusé ({where}) : {problems[0].reason.fr}",
                f"The package is refused ({where}): {problems[0].reason.en}",
            )
        )
        self.problems = problems


def read_folder(folder: Path) -> ModulePackage:
    """Read a module folder; raise PackageError."""
    return read_files(folder.name, _files_of(folder))


def fingerprint(folder: Path) -> str:
    """Return the SHA-256 of a module folder and of the code that reads it: the same gives the same package."""
    found = hashlib.sha256(_reader())
    for name, data in (("", folder.name.encode()), *_files_of(folder).items()):
        found.update(f"{len(name)} {name} {len(data)} ".encode() + data)
    return found.hexdigest()


@cache
def _reader() -> bytes:
    return b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))


def _files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def read_zip(data: bytes) -> ModulePackage:
    """Read a zipped module folder; raise PackageError on a bomb, a path that leaves the folder, or any other fault."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            _refuse_unsafe(members)
            files = {info.filename: _read_member(archive, info) for info in members}
    except (*DAMAGED, zipfile.LargeZipFile) as error:
        raise _refuse(
            "", "Ce fichier n'est pas une archive zip lisible.", "This file is not a readable zip archive."
        ) from error
    roots = {PurePosixPath(name).parts[0] for name in files}
    if len(roots) != 1 or any(len(PurePosixPath(name).parts) < 2 for name in files):
        raise _refuse(
            "",
            "L'archive doit contenir un seul dossier, celui du module.",
            "The archive must hold one folder, the module's.",
        )
    root = roots.pop()
    return read_files(root, {name[len(root) + 1 :]: data for name, data in files.items()})


def _refuse_unsafe(members: list[zipfile.ZipInfo]) -> None:
    if not members:
        raise _refuse("", "L'archive est vide.", "The archive is empty.")
    if len(members) > MAX_FILES or sum(info.file_size for info in members) > MAX_BYTES:
        raise _refuse(
            "",
            "L'archive est trop grosse une fois ouverte (200 fichiers et 8 Mo au plus).",
            "The archive is too large once opened (200 files and 8 MB at most).",
        )
    for info in members:
        path = PurePosixPath(info.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in info.filename or ":" in info.filename:
            raise _refuse(info.filename, "Un chemin sort du dossier du module.", "A path leaves the module's folder.")


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Read no more than announced: a header may lie about the size."""
    with archive.open(info) as member:
        data = member.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _refuse(info.filename, "Ce fichier est trop gros une fois ouvert.", "This file is too large once opened.")
    return data


def read_files(slug: str, files: Mapping[str, bytes]) -> ModulePackage:
    """Build the package from its files; raise PackageError with every problem found."""
    problems: list[Problem] = []
    texts: dict[str, str] = {}
    for name, data in files.items():
        if not ALLOWED.match(name):
            problems.append(
                _problem(name, 1, "Ce fichier n'a pas sa place dans un module.", "This file has no place in a module.")
            )
            continue
        try:
            texts[name] = pictures.webp(data) if name.endswith(".webp") else data.decode("utf-8")
        except pictures.PictureError as error:
            problems.append(Problem(file=name, line=1, reason=error.message))
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            problems.append(_problem(name, line, "Ce fichier n'est pas en UTF-8.", "This file is not UTF-8."))
    head = _part("module.yaml", texts, ModuleHead, problems)
    questions = _part("questions.yaml", texts, QuestionFile, problems, missing=QuestionFile())
    exercises = _part("exercises.yaml", texts, ExerciseFile, problems, missing=ExerciseFile())
    labs = _part("labs.yaml", texts, LabFile, problems, missing=LabFile())
    situations = _part("situations.yaml", texts, Situations, problems, missing=Situations())
    lessons = _lessons(texts, files, problems)
    if problems or not (head and questions and exercises and labs and situations):
        raise PackageError(tuple(problems))
    try:
        return ModulePackage(
            slug=slug,
            head=head,
            lessons=lessons,
            exercises=exercises.exercises,
            labs=labs.labs,
            questions=questions.questions,
            situations=situations,
            images={name.removeprefix("img/"): text for name, text in texts.items() if name.startswith("img/")},
        )
    except ValidationError as error:
        raise _refuse(
            slug, f"Nom de dossier : {error.errors()[0]['msg']}", f"Folder name: {error.errors()[0]['msg']}"
        ) from error


def _part(
    name: str,
    texts: Mapping[str, str],
    model: type[Model],
    problems: list[Problem],
    missing: Model | None = None,
    context: dict[str, bool] | None = None,
) -> Model | None:
    """Parse one YAML file; what is wrong goes to ``problems`` with its line."""
    if name not in texts:
        if missing is None:
            problems.append(_problem(name, 1, "Ce fichier manque.", "This file is missing."))
        return missing
    try:
        if trick := _trick(name, texts[name]):
            problems.append(trick)
            return None
        return model.model_validate(yaml.load(texts[name], Loader=yaml.CSafeLoader) or {}, context=context)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        reason = str(getattr(error, "problem", error))
        problems.append(_problem(name, line, f"YAML illisible : {reason}", f"Unreadable YAML: {reason}"))
    except ValidationError as error:
        # The tree with its lines is made only where something is wrong: it takes a third of the reading.
        node = yaml.compose(texts[name], Loader=yaml.CSafeLoader)
        for fault in error.errors()[:20]:
            place = ".".join(str(part) for part in fault["loc"])
            reason = f"{place}: {fault['msg']}"
            problems.append(_problem(name, _line_of(node, fault["loc"]), reason, reason))
    return None


def read_part(name: str, text: str, model: type[Model]) -> tuple[Model | None, list[Problem]]:
    """Read one YAML file of a draft; where it is wrong, return None and what is wrong by line."""
    problems: list[Problem] = []
    return _part(name, {name: text}, model, problems, context=DRAFT), problems


def _trick(name: str, text: str) -> Problem | None:
    """Return what would keep the server busy or end it: aliases, which multiply, and depth, which overflows the parser."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            return _problem(
                name, line, "Les alias YAML (*nom) ne sont pas admis.", "YAML aliases (*name) are not allowed."
            )
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            return _problem(name, line, "Trop de niveaux l'un dans l'autre.", "Too many levels inside each other.")
    return None


def _line_of(node: Any, location: tuple[Any, ...]) -> int:
    """Follow a pydantic location down the YAML tree as far as it goes; return the line there, from 1."""
    for part in location:
        below = None
        if isinstance(node, yaml.MappingNode):
            below = next((value for key, value in node.value if key.value == str(part)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            below = node.value[part]
        # A tagged union adds the tag to the location: what is not in the tree is passed over.
        node = below or node
    return int(node.start_mark.line) + 1 if node is not None else 1


def _lessons(texts: Mapping[str, str], files: Mapping[str, bytes], problems: list[Problem]) -> list[Lesson]:
    """Pair the lessons of both languages by number."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    for name, text in texts.items():
        language, _, file = name.partition("/")
        if language in LANGUAGES and file.endswith(".md"):
            found.setdefault(file[:2], {})[language] = (file.removesuffix(".md"), text)
    lessons = []
    for number, both in sorted(found.items()):
        if set(both) != set(LANGUAGES):
            absent = "en" if "fr" in both else "fr"
            if any(name.startswith(f"{absent}/{number}") for name in files):
                continue
            problems.append(
                _problem(
                    f"{absent}/{number}-*.md",
                    1,
                    f"La leçon {number} manque dans cette langue.",
                    f"Lesson {number} is missing in this language.",
                )
            )
            continue
        if empty := [f"{language}/{name}.md" for language, (name, text) in both.items() if not text.strip()]:
            problems.append(_problem(empty[0], 1, "Cette leçon est vide.", "This lesson is empty."))
            continue
        lessons.append(
            Lesson(name=Wording(fr=both["fr"][0], en=both["en"][0]), text=Wording(fr=both["fr"][1], en=both["en"][1]))
        )
    return lessons


def _problem(file: str, line: int, fr: str, en: str) -> Problem:
    return Problem(file=file, line=line, reason=Text(fr, en))


def _refuse(file: str, fr: str, en: str) -> PackageError:
    return PackageError((_problem(file, 1, fr, en),))


def to_files(package: ModulePackage) -> dict[str, bytes]:
    """Return the files of a package: reading them back gives the same package."""
    files: dict[str, str] = {"module.yaml": _yaml(package.head)}
    if package.questions:
        files["questions.yaml"] = _yaml(QuestionFile(questions=package.questions))
    if package.exercises:
        files["exercises.yaml"] = _yaml(ExerciseFile(exercises=package.exercises))
    if package.labs:
        files["labs.yaml"] = _yaml(LabFile(labs=package.labs))
    if package.situations.fr or package.situations.en:
        files["situations.yaml"] = _yaml(package.situations)
    for lesson in package.lessons:
        for language in LANGUAGES:
            files[f"{language}/{lesson.name[language]}.md"] = lesson.text[language]
    images = {f"img/{name}": pictures.data_of(name, kept)[0] for name, kept in package.images.items()}
    return {name: text.encode() for name, text in files.items()} | images


def _yaml(part: BaseModel) -> str:
    data = part.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=110)


def write_folder(package: ModulePackage, folder: Path) -> None:
    """Write the package as a folder named by its slug below ``folder``."""
    for name, data in to_files(package).items():
        file = folder / package.slug / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def write_zip(package: ModulePackage) -> bytes:
    """Return the zipped folder; the same package gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(to_files(package).items()):
            archive.writestr(
                zipfile.ZipInfo(f"{package.slug}/{name}", (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED
            )
    return out.getvalue()
