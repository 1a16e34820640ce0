"""What is said about modules and roles, as passages to encode; the site and the evaluation use the same ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, kw_only=True)
class Passage:
    """One text about one item, in one language."""

    item: str
    language: str
    kind: str
    text: str


def module_passages(
    code: str, head: Mapping[str, Any], situations: Mapping[str, Iterable[str]], competencies: Mapping[str, Any]
) -> list[Passage]:
    """Return the passages of one module: its title with summary and audience, objectives, levels reached, situations."""
    passages = []
    for language in ("fr", "en"):
        summary = (head.get("summary") or {}).get(language, "")
        title = f"{head['title'][language]}. {summary}".strip()
        passages.append(Passage(item=code, language=language, kind="title", text=title))
        for objective in head.get("objectives", ()):
            passages.append(Passage(item=code, language=language, kind="objective", text=objective["text"][language]))
        for step in head["steps"]:
            competency = competencies[step["c"]]
            text = f"{competency['name'][language]} : {competency['levels'][step['to']][language]}"
            passages.append(Passage(item=code, language=language, kind="level", text=text))
        passages += [
            Passage(item=code, language=language, kind="situation", text=text) for text in situations.get(language, ())
        ]
    return passages


def role_passages(role: Mapping[str, Any], situations: Mapping[str, Iterable[str]]) -> list[Passage]:
    """Return the passages of one role: its name, other names, tasks, and how people describe it."""
    passages = []
    for language in ("fr", "en"):
        texts = [("title", role["name"][language])]
        texts += [("synonym", text) for text in role["synonyms"][language]]
        tasks = [task for kind in ("automated", "augmented", "unchanged") for task in role["impact"][kind][language]]
        texts.append(("tasks", f"{role['name'][language]} : {', '.join(tasks)}"))
        texts += [("situation", text) for text in situations.get(language, ())]
        passages += [Passage(item=role["id"], language=language, kind=kind, text=text) for kind, text in texts]
    return passages


def competency_passages(competency: Mapping[str, Any]) -> list[Passage]:
    """Return the passages of one competency: its name, and each level's description with the level as its kind."""
    passages = []
    for language in ("fr", "en"):
        name = competency["name"][language]
        passages.append(Passage(item=competency["id"], language=language, kind="name", text=name))
        passages += [
            Passage(item=competency["id"], language=language, kind=str(level), text=f"{name} : {text[language]}")
            for level, text in competency["levels"].items()
        ]
    return passages


def read_modules(content: Path) -> list[Passage]:
    """Return the passages of all module folders of a content folder."""
    framework = _yaml(content / "framework.yaml")
    competencies = {c["id"]: c for c in framework["competencies"]}
    passages: list[Passage] = []
    for folder in sorted((content / "modules").iterdir()):
        head = _yaml(folder / "module.yaml")
        passages += module_passages(head["code"], head, _yaml(folder / "situations.yaml"), competencies)
    return passages


def read_roles(content: Path) -> list[Passage]:
    """Return the passages of all role profiles of a content folder."""
    situations = _yaml(content / "role_situations.yaml").get("roles", {})
    roles = _yaml(content / "roles.yaml")["roles"]
    return [passage for role in roles for passage in role_passages(role, situations.get(role["id"], {}))]


def read_lessons(content: Path) -> list[dict[str, str]]:
    """Return each lesson of a content folder in both languages, the start of its plain text."""
    lessons = []
    for folder in sorted((content / "modules").iterdir()):
        files = [sorted((folder / language).glob("*.md")) for language in ("fr", "en")]
        for fr, en in zip(*files, strict=True):
            lessons.append({"fr": _plain(fr), "en": _plain(en)})
    return lessons


def _plain(file: Path) -> str:
    text = re.sub(r"\[\^[^\]]*\]|!\[[^\n]*|^:::?.*$|[*#|>`]", " ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return re.sub(r"\s+", " ", text)


def _yaml(file: Path) -> dict[str, Any]:
    if not file.exists():
        return {}
    data: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return data or {}
