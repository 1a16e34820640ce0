"""Units, the positions that people hold in them, and the rights granted on them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from training_platform.accounts.models import Person
from training_platform.db import Table
from training_platform.organisation.staff_file import LONGEST_TITLE


class Unit(Table):
    """A node of the tree nation, region, GHT, establishment, department."""

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint("kind IN ('nation', 'region', 'ght', 'establishment', 'department')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(14))
    name: Mapped[str] = mapped_column(String(160))
    demo: Mapped[bool] = mapped_column(default=False)


class Position(Table):
    """A person's job in a unit; a person may hold several."""

    __tablename__ = "position"
    __table_args__ = (UniqueConstraint("person_id", "unit_id", "role_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    role_id: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE), default="")
    """The job in the person's own words."""
    since: Mapped[date | None]
    person: Mapped[Person] = relationship()
    unit: Mapped[Unit | None] = relationship()


class Grant(Table):
    """A right held on a unit and on all units below it."""

    __tablename__ = "grant_on_unit"
    __table_args__ = (
        UniqueConstraint("person_id", "unit_id", "right"),
        CheckConstraint(
            "\"right\" IN ('training_officer', 'manager', 'examiner', 'hr', 'dpo', 'administrator')", name="right"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    right: Mapped[str] = mapped_column(String(20))
    person: Mapped[Person] = relationship()
    unit: Mapped[Unit] = relationship()
