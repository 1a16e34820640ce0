"""Settings: the environment read once into one frozen object."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

ROOT = Path(__file__).parent


class UnsafeSettingsError(Exception):
    """Production was asked for with settings that are missing or unsafe; names them."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All that the application reads from outside."""

    name: str
    secret_key: str
    database_url: str
    content_folder: Path
    model: str
    index_folder: Path
    index_kind: Literal["exact", "hnsw", "ivf"]
    instance_folder: Path
    public_url: str
    mail: str
    mail_from: str
    rate_limit_storage: str
    rate_limits: bool
    broker: str
    decision_months: int
    four_eyes: bool
    time_zone: str
    production: bool


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; raise UnsafeSettingsError in production where one is missing or unsafe."""
    production = environment.get("SILLAGE_PRODUCTION") == "1"
    instance = Path(environment.get("SILLAGE_INSTANCE", ROOT / "instance")).resolve()
    if production:
        _refuse_unsafe(environment)
    else:
        instance.mkdir(parents=True, exist_ok=True)
    return Settings(
        name=environment.get("SILLAGE_NAME", "Sillage"),
        secret_key=environment.get("SECRET_KEY") or _local_secret(instance),
        database_url=environment.get("DATABASE_URL", f"sqlite:///{instance / 'sillage.sqlite'}"),
        content_folder=Path(environment.get("SILLAGE_CONTENT", ROOT / "content")),
        model=environment.get("SILLAGE_MODEL", str(ROOT / "embeddings" / "model")),
        index_folder=Path(environment.get("SILLAGE_INDEX", instance / "index")),
        index_kind=_index_kind(environment),
        instance_folder=instance,
        public_url=environment.get("SILLAGE_URL", "http://127.0.0.1:5000"),
        mail=environment.get("SILLAGE_MAIL", "console"),
        mail_from=environment.get("SILLAGE_MAIL_FROM", "sillage@localhost"),
        rate_limit_storage=environment.get("SILLAGE_RATE_LIMIT_STORAGE", "memory://"),
        rate_limits=environment.get("SILLAGE_RATE_LIMITS", "1") == "1",
        broker=environment.get("SILLAGE_BROKER", ""),
        decision_months=_whole_number(environment, "SILLAGE_DECISION_MONTHS", 36),
        four_eyes=environment.get("SILLAGE_FOUR_EYES", "1" if production else "0") == "1",
        time_zone=_time_zone(environment),
        production=production,
    )


def _index_kind(environment: Mapping[str, str]) -> Literal["exact", "hnsw", "ivf"]:
    kind = environment.get("SILLAGE_INDEX_KIND", "exact")
    if kind not in ("exact", "hnsw", "ivf"):
        raise UnsafeSettingsError(f"SILLAGE_INDEX_KIND: exact, hnsw or ivf, not {kind!r}")
    return kind  # type: ignore[return-value]


def _time_zone(environment: Mapping[str, str]) -> str:
    name = environment.get("SILLAGE_TIME_ZONE", "Europe/Paris")
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError) as error:
        raise UnsafeSettingsError(f"SILLAGE_TIME_ZONE: a zone such as Europe/Paris, not {name!r}") from error


def _whole_number(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name, str(default))
    if not value.isdecimal() or int(value) == 0:
        raise UnsafeSettingsError(f"{name}: a whole number above zero is needed, not {value!r}")
    return int(value)


def _refuse_unsafe(environment: Mapping[str, str]) -> None:
    problems = []
    if len(environment.get("SECRET_KEY", "")) < 32:
        problems.append(
            "SECRET_KEY: missing or under 32 characters (python -c 'import secrets; print(secrets.token_hex(32))')"
        )
    if not environment.get("SILLAGE_URL", "").startswith("https://"):
        problems.append("SILLAGE_URL: the public address, must start with https://")
    if not environment.get("DATABASE_URL"):
        problems.append("DATABASE_URL: name the database (postgresql+psycopg://… or sqlite:////absolute/path)")
    if not environment.get("SILLAGE_MAIL", "").startswith("smtp"):
        problems.append("SILLAGE_MAIL: an SMTP server (smtp://host:port or smtps://user:password@host:port)")
    if problems:
        raise UnsafeSettingsError("\n".join(problems))


def _local_secret(instance: Path) -> str:
    """Keep one random secret per checkout, so that sessions outlive a restart and none is in the repository."""
    file = instance / "secret"
    if not file.exists():
        file.write_text(secrets.token_hex(32))
        file.chmod(0o600)
    return file.read_text().strip()
