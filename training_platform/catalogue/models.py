"""Modules, their versions, and the questions of each version."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training_platform.db import Table


class Module(Table):
    """A module of the live catalogue; what it says is in its versions."""

    __tablename__ = "module"
    __table_args__ = (UniqueConstraint("original_id", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    shipped_hash: Mapped[str | None] = mapped_column(String(64))
    shipped_files: Mapped[str | None] = mapped_column(String(64))
    """The fingerprint of the files that were read for it: the same files need not be read again."""
    archived: Mapped[bool] = mapped_column(default=False)
    origin_id: Mapped[int | None] = mapped_column(ForeignKey("module.id", ondelete="SET NULL"), index=True)
    """The module that this one was adopted from."""
    origin_number: Mapped[int | None]
    """The version of it that was adopted, or last taken over."""
    original_id: Mapped[int | None] = mapped_column(ForeignKey("module.id", ondelete="SET NULL"), index=True)
    """The module at the root of its copies; none for what was not adopted."""


class ModuleVersion(Table):
    """One immutable publication of a module, or its draft; records of learning point here."""

    __tablename__ = "module_version"
    __table_args__ = (
        UniqueConstraint("module_id", "number"),
        CheckConstraint("state IN ('planned', 'draft', 'published', 'superseded')", name="state"),
        Index(
            "uq_module_version_one_live",
            "module_id",
            unique=True,
            sqlite_where=text("state IN ('planned', 'published')"),
            postgresql_where=text("state IN ('planned', 'published')"),
        ),
        # All that a list of the live catalogue asks: SQLite would read past each document to reach the hash.
        Index("ix_module_version_live", "state", "module_id", "number", "content_hash"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("module.id"), index=True)
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    head: Mapped[dict[str, Any]]
    """As format.ModuleHead dumps it: all that lists, paths and search need."""
    document: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    """The whole package as format.ModulePackage dumps it: module, lessons, exercises, questions, situations, images."""
    content_hash: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    module: Mapped[Module] = relationship()


class ModuleOffer(Table):
    """A module offered by its unit to a unit above: there for adoption, and for learners once it is accepted."""

    __tablename__ = "module_offer"
    __table_args__ = (
        UniqueConstraint("module_id", "unit_id"),
        CheckConstraint("state IN ('open', 'accepted', 'declined', 'withdrawn')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    module_id: Mapped[int] = mapped_column(ForeignKey("module.id", ondelete="CASCADE"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="open")
    offered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    offered_at: Mapped[datetime]
    module: Mapped[Module] = relationship()


class Question(Table):
    """One bank question of one module version: evidence for one step of one competency."""

    __tablename__ = "question"
    __table_args__ = (UniqueConstraint("version_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("module_version.id"), index=True)
    key: Mapped[str] = mapped_column(String(60), index=True)
    competency: Mapped[str] = mapped_column(String(8), index=True)
    from_level: Mapped[int]
    reserved: Mapped[bool] = mapped_column(default=False)
    document: Mapped[dict[str, Any]]
    """As format.BankQuestion dumps it."""
    version: Mapped[ModuleVersion] = relationship()
