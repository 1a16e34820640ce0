"""Settings: safe defaults for one machine, refusal by name in production."""

from __future__ import annotations

from pathlib import Path

import pytest

import config

SAFE = {
    "SILLAGE_PRODUCTION": "1",
    "SECRET_KEY": "x" * 40,
    "SILLAGE_URL": "https://sillage.example.org",
    "DATABASE_URL": "postgresql+psycopg://sillage@db/sillage",
    "SILLAGE_MAIL": "smtps://user:secret@mail.example.org",
}


def test_production_starts_with_safe_settings(tmp_path: Path) -> None:
    settings = config.read_settings({**SAFE, "SILLAGE_INSTANCE": str(tmp_path)})
    assert settings.production
    assert settings.database_url.startswith("postgresql")


@pytest.mark.parametrize(
    ("environment", "asked"),
    [({}, False), (SAFE, True), ({**SAFE, "SILLAGE_FOUR_EYES": "0"}, False), ({"SILLAGE_FOUR_EYES": "1"}, True)],
)
def test_four_eyes_are_asked_for_in_production_unless_told_otherwise(
    tmp_path: Path, environment: dict[str, str], asked: bool
) -> None:
    settings = config.read_settings({**environment, "SILLAGE_INSTANCE": str(tmp_path)})
    assert settings.four_eyes is asked


@pytest.mark.parametrize("zone", ["Nowhere/Else", "../secret", "/etc/localtime"])
def test_a_time_zone_that_does_not_exist_is_refused(tmp_path: Path, zone: str) -> None:
    with pytest.raises(config.UnsafeSettingsError, match="SILLAGE_TIME_ZONE"):
        config.read_settings({"SILLAGE_INSTANCE": str(tmp_path), "SILLAGE_TIME_ZONE": zone})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("SILLAGE_URL", "http://sillage.example.org"),
        ("DATABASE_URL", ""),
        ("SILLAGE_MAIL", "console"),
    ],
)
def test_production_refuses_each_unsafe_setting_by_its_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(config.UnsafeSettingsError) as refused:
        config.read_settings({**SAFE, name: value, "SILLAGE_INSTANCE": str(tmp_path)})
    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == [name]


def test_the_local_secret_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    first = config.read_settings({"SILLAGE_INSTANCE": str(tmp_path)})
    second = config.read_settings({"SILLAGE_INSTANCE": str(tmp_path)})
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0
