"""Publishing: versions, imports that respect local edits, records that keep their version."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import NOW, Factory
from tests.packages import make_package
from training_platform.catalogue import service
from training_platform.catalogue.models import ModuleVersion, Question
from training_platform.db import db


def test_a_new_version_supersedes_the_live_one_and_keeps_it(make: Factory) -> None:
    first = service.publish(make_package(), NOW)
    second = service.publish(make_package(minutes=20), NOW)
    assert (first.number, first.state, second.number, second.state) == (1, "superseded", 2, "published")
    assert service.live_by_slug("essai-m90").head.minutes == 20
    assert service.package_of(first.id).head.minutes == 15
    assert db.session.scalar(select(func.count()).select_from(Question)) == 16


def test_the_live_list_follows_every_change_of_a_module(make: Factory) -> None:
    version = service.publish(make_package(), NOW)
    module, hospital = version.module, make.unit()
    original = service.publish(make_package("M91"), NOW).module
    before = service.live_by_slug("essai-m90")
    assert (before.family_id, before.unit_id, before.archived) == (module.id, None, False)
    module.slug, module.code, module.unit_id, module.original_id = "ailleurs", "L01", hospital.id, original.id
    db.session.flush()
    after = service.live_by_slug("ailleurs")
    assert (after.code, after.unit_id, after.family_id) == ("L01", hospital.id, original.id)
    module.archived = True
    db.session.flush()
    assert [live.code for live in service.live_modules()] == ["M91"]
    assert service.with_archived("ailleurs").archived


def test_import_is_idempotent_and_never_overwrites_a_local_edit_unasked(make: Factory) -> None:
    shipped = make_package()
    assert service.import_shipped([shipped], NOW).added == ("essai-m90",)
    assert service.import_shipped([shipped], NOW).unchanged == ("essai-m90",)
    assert service.import_shipped([make_package(minutes=16)], NOW).updated == ("essai-m90",)
    service.publish(make_package(minutes=99), NOW + timedelta(days=1))
    assert service.import_shipped([make_package(minutes=17)], NOW).kept_local == ("essai-m90",)
    assert service.import_shipped([make_package(minutes=16)], NOW).kept_local == ("essai-m90",)
    assert service.live_by_slug("essai-m90").head.minutes == 99
    assert service.import_shipped([make_package(minutes=17)], NOW, overwrite=True).updated == ("essai-m90",)
    assert service.live_by_slug("essai-m90").head.minutes == 17


def test_files_are_known_again_as_long_as_the_live_module_says_what_they_say(make: Factory) -> None:
    shipped, files = make_package(), {"essai-m90": "a" * 64}
    service.import_shipped([shipped], NOW)
    assert service.shipped_files() == set()
    service.import_shipped([shipped], NOW, files=files)
    assert service.shipped_files() == {"a" * 64}
    service.import_shipped([shipped], NOW)
    assert service.shipped_files() == {"a" * 64}
    service.publish(make_package(minutes=99), NOW)
    assert service.shipped_files() == set()
    service.publish(shipped, NOW)
    assert service.shipped_files() == {"a" * 64}
    service.import_shipped([make_package(minutes=16)], NOW)
    assert service.shipped_files() == set()
    service.import_shipped([make_package(minutes=17)], NOW, files={"essai-m90": "b" * 64})
    assert service.shipped_files() == {"b" * 64}


def test_a_draft_changes_nothing_until_published(make: Factory) -> None:
    service.publish(make_package(), NOW)
    author = make.person()
    draft = service.save_draft(make_package(minutes=30), NOW, author.id)
    assert service.save_draft(make_package(minutes=31), NOW, author.id).id == draft.id
    assert service.live_by_slug("essai-m90").head.minutes == 15
    service.publish(make_package(minutes=31), NOW, author_id=author.id)
    assert service.draft_of(draft.module_id) is None
    states = db.session.scalars(select(ModuleVersion.state).order_by(ModuleVersion.number)).all()
    assert list(states) == ["superseded", "published"]


def test_unknown_modules_are_not_found(make: Factory) -> None:
    with pytest.raises(service.UnknownModuleError):
        service.live_by_slug("nothing")
    with pytest.raises(service.UnknownModuleError):
        service.package_of(12345)
