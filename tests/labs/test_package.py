"""A lab travels with its module: through files and zips, through the editor, into the preview; the check finds its faults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.factories import NOW, Factory
from tests.labs.shipped import modules
from tests.pages import Reader
from tests.studio.forms import fields
from training_platform.catalogue import package
from training_platform.catalogue import service as catalogue
from training_platform.catalogue.check import check_package
from training_platform.catalogue.format import ModulePackage
from training_platform.framework.files import read_framework

MODULE = next(module for module in modules() if module.slug == "atelier-performance")
FRAMEWORK = read_framework(Path(__file__).parents[2] / "content")


def test_a_zip_and_a_folder_give_the_labs_back(tmp_path: Path) -> None:
    package.write_folder(MODULE, tmp_path)
    assert package.read_folder(tmp_path / MODULE.slug) == MODULE
    assert package.read_zip(package.write_zip(MODULE)) == MODULE


def test_a_fault_in_a_lab_is_said_with_its_file_and_line(tmp_path: Path) -> None:
    package.write_folder(MODULE, tmp_path)
    file = tmp_path / MODULE.slug / "labs.yaml"
    text = file.read_text(encoding="utf-8").replace("nurses: 3", "nurses: 0")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(package.PackageError) as caught:
        package.read_folder(tmp_path / MODULE.slug)
    [problem] = caught.value.problems
    assert problem.file == "labs.yaml"
    assert "nurses: 0" in text.split("\n")[problem.line - 1]


def faults(**changes: Any) -> str:
    """Return what the check says of the module with its document changed."""
    document = MODULE.model_dump(by_alias=True) | changes
    found = check_package(ModulePackage.model_validate(document), FRAMEWORK, {"M14", *MODULE.head.requires, "M11"})
    return " | ".join(problem.reason.en for problem in found)


def test_the_check_finds_labs_that_are_not_there_not_placed_or_not_sourced() -> None:
    document = MODULE.model_dump(by_alias=True)
    [lab] = document["labs"]
    assert "lab" not in faults()
    assert "Unknown lab: seuil-sepsis" in faults(labs=[])
    assert "autre: a lab has an id of its own and one place" in faults(labs=[lab, lab | {"id": "autre"}])
    assert "seuil-sepsis: a lab has an id of its own and one place" in faults(labs=[lab, lab])
    assert "fact XXX-01 unknown" in faults(labs=[lab | {"facts": ["XXX-01"]}])
    lessons = [dict(lesson, text=dict(lesson["text"])) for lesson in document["lessons"]]
    lessons[1]["text"]["en"] = lessons[1]["text"]["en"].replace("::lab{seuil-sepsis}", "")
    assert "French and English differ in structure" in faults(lessons=lessons)


def test_the_editor_keeps_a_lab_and_the_preview_names_its_place(make: Factory, reader: Reader) -> None:
    alone = MODULE.model_copy(update={"head": MODULE.head.model_copy(update={"requires": []})})
    catalogue.publish(alone, NOW)
    officer = make.person()
    make.right(officer, "training_officer", make.unit())
    make.save()
    reader.sign_in(officer)
    page = reader.get(f"/studio/{MODULE.slug}")
    reader.post(f"/studio/{MODULE.slug}", fields(page, title_fr="Titre changé"))
    assert "Laboratoire seuil-sepsis" in reader.get(f"/studio/{MODULE.slug}/preview").text
    draft = catalogue.draft_of(catalogue.live_by_slug(MODULE.slug).module_id)
    assert draft is not None
    kept = ModulePackage.model_validate(draft.document)
    assert kept.labs == MODULE.labs
    assert [o.met_by for o in kept.head.objectives] == [sorted(o.met_by) for o in MODULE.head.objectives]
