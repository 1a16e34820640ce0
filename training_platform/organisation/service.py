"""Units, positions and rights: who works where, who may do what and how far down the tree."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import BindParameter, Select, bindparam, func, literal, select

from training_platform.accounts.models import Person
from training_platform.db import db
from training_platform.errors import ForbiddenError, NotFoundError, RefusedError
from training_platform.framework.rules import Framework, RoleProfile
from training_platform.organisation.models import Grant, Position, Unit
from training_platform.organisation.staff_file import LONGEST_TITLE
from training_platform.text import Text, excess

RIGHTS = {
    "training_officer": Text("responsable de formation", "training officer"),
    "manager": Text("cadre", "manager"),
    "examiner": Text("examinateur", "examiner"),
    "hr": Text("ressources humaines", "human resources"),
    "dpo": Text("délégué à la protection des données", "data-protection officer"),
    "administrator": Text("administrateur", "administrator"),
}


class UnknownPositionError(NotFoundError):
    """The person has no such position."""


class TitleTooLongError(RefusedError):
    """The job in the person's own words is longer than what is kept."""


@dataclass(frozen=True, kw_only=True)
class PositionView:
    """A position as pages show it."""

    id: int
    role_id: str
    title: str
    unit: str


def positions_of(person_id: int) -> list[PositionView]:
    """Return the person's positions, the oldest first; one query."""
    query = select(Position.id, Position.role_id, Position.title, Unit.name).outerjoin(Position.unit)
    rows = db.session.execute(query.where(Position.person_id == person_id).order_by(Position.id))
    return [PositionView(id=row.id, role_id=row.role_id, title=row.title, unit=row.name or "") for row in rows]


def roles_of(framework: Framework, person_id: int) -> list[RoleProfile]:
    """Return the role profiles of the person's positions, those that the framework still knows."""
    rows = db.session.scalars(select(Position.role_id).where(Position.person_id == person_id).order_by(Position.id))
    return [framework.roles[role_id] for role_id in dict.fromkeys(rows) if role_id in framework.roles]


def set_position(person_id: int, role_id: str, unit_id: int | None, title: str, now: datetime) -> None:
    """Add a position, or change the words of the same one where there are new ones.

    The unit is that of the other positions where not given. Raise TitleTooLongError.
    """
    if over := excess(title.strip(), LONGEST_TITLE):
        raise TitleTooLongError(over)
    held = list(db.session.scalars(select(Position).where(Position.person_id == person_id)))
    if unit_id is None and held:
        unit_id = held[0].unit_id
    same = next((p for p in held if p.role_id == role_id and p.unit_id == unit_id), None)
    if same is None:
        same = Position(person_id=person_id, role_id=role_id, unit_id=unit_id, since=now.date(), title="")
        db.session.add(same)
    same.title = title.strip() or same.title
    db.session.flush()


def remove_position(person_id: int, position_id: int) -> None:
    """Remove one of the person's own positions; raise UnknownPositionError."""
    position = db.session.get(Position, position_id)
    if position is None or position.person_id != person_id:
        raise UnknownPositionError(Text("Ce poste n'est pas le vôtre.", "This position is not yours."))
    db.session.delete(position)
    db.session.flush()


def units_within(person_id: int, right: str) -> set[int]:
    """Return the units on which the person holds the right: those of the grants and all below."""
    granted = select(Grant.unit_id).where(Grant.person_id == person_id, Grant.right == right)
    tree = select(Unit.id).where(Unit.id.in_(granted)).cte("tree", recursive=True)
    tree = tree.union(select(Unit.id).join(tree, Unit.parent_id == tree.c.id))
    return set(db.session.scalars(select(tree.c.id)))


def people_within(person_id: int | BindParameter[int], *rights: str) -> Select[tuple[int]]:
    """Return, as a query to build on, the people with a position in a unit on which the person holds one of the rights."""
    granted = select(Grant.unit_id).where(Grant.person_id == person_id, Grant.right.in_(rights))
    tree = select(Unit.id).where(Unit.id.in_(granted)).cte(recursive=True)
    tree = tree.union(select(Unit.id).join(tree, Unit.parent_id == tree.c.id))
    return select(Position.person_id).where(Position.unit_id.in_(select(tree.c.id)))


def rights_over(holder_id: int, person_id: int) -> frozenset[str]:
    """Return the rights that somebody holds on a unit where the person works, or above; one query."""
    above = _units_above(person_id)
    query = select(Grant.right).where(Grant.person_id == holder_id, Grant.unit_id.in_(above))
    return frozenset(db.session.scalars(query))


def holders_over(person_id: int, right: str) -> list[Person]:
    """Return the other people who hold the right on a unit where the person works, or above, by name."""
    holders = select(Grant.person_id).where(Grant.right == right, Grant.unit_id.in_(_units_above(person_id)))
    query = select(Person).where(Person.id.in_(holders), Person.id != person_id)
    return list(db.session.scalars(query.order_by(Person.name, Person.id)))


def _units_above(person_id: int) -> Select[tuple[int]]:
    """Return, as a query, the units of the person's positions and all above them."""
    own = select(Unit.id, Unit.parent_id).where(
        Unit.id.in_(select(Position.unit_id).where(Position.person_id == person_id))
    )
    tree = own.cte(recursive=True)
    tree = tree.union(select(Unit.id, Unit.parent_id).join(tree, Unit.id == tree.c.parent_id))
    return select(tree.c.id)


def units_around(person_id: int) -> dict[int, int]:
    """Return the units of the person's positions and all above, each with how many levels up it is; one query."""
    return dict(db.session.execute(_around(), {"person": person_id}).tuples().all())


@cache
def _around() -> Select[tuple[int, int]]:
    """Return the query of ``units_around``, built once: that takes ten times as long as the query itself."""
    own = select(Unit.id, Unit.parent_id, literal(0).label("up"))
    tree = own.where(Unit.id.in_(select(Position.unit_id).where(Position.person_id == bindparam("person"))))
    above = tree.cte("around", recursive=True)
    above = above.union(select(Unit.id, Unit.parent_id, above.c.up + 1).join(above, Unit.id == above.c.parent_id))
    return select(above.c.id, func.min(above.c.up)).group_by(above.c.id)


def reaches_the_top(person_id: int, right: str) -> bool:
    """Tell whether the person holds the right on a unit that has none above: the nation, or this hospital where it is alone."""
    top = select(Unit.id).where(Unit.parent_id.is_(None))
    query = select(Grant.id).where(Grant.person_id == person_id, Grant.right == right, Grant.unit_id.in_(top))
    return db.session.scalar(query.limit(1)) is not None


def units_above(unit_ids: Collection[int]) -> set[int]:
    """Return these units and all above them; one query."""
    tree = select(Unit.id, Unit.parent_id).where(Unit.id.in_(unit_ids)).cte("above", recursive=True)
    tree = tree.union(select(Unit.id, Unit.parent_id).join(tree, Unit.id == tree.c.parent_id))
    return set(db.session.scalars(select(tree.c.id)))


def holders(right: str, unit_id: int | None) -> list[Person]:
    """Return who holds the right on a unit, there or further up, by name; without a unit, on a unit that has none above."""
    top = select(Unit.id).where(Unit.parent_id.is_(None))
    units = top if unit_id is None else units_above({unit_id})
    people = select(Grant.person_id).where(Grant.right == right, Grant.unit_id.in_(units))
    return list(db.session.scalars(select(Person).where(Person.id.in_(people)).order_by(Person.name, Person.id)))


def tree_within(person_id: int) -> list[Unit]:
    """Return the units that the person administers, by code."""
    within = units_within(person_id, "administrator")
    return list(db.session.scalars(select(Unit).where(Unit.id.in_(within)).order_by(Unit.code)))


def unit_ids_of_people(person_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Return the units of the positions of each of several people; one query."""
    query = select(Position.person_id, Position.unit_id).where(
        Position.person_id.in_(person_ids), Position.unit_id.is_not(None)
    )
    found: dict[int, set[int]] = {person_id: set() for person_id in person_ids}
    for person_id, unit_id in db.session.execute(query).tuples():
        if unit_id is not None:
            found[person_id].add(unit_id)
    return {person_id: frozenset(units) for person_id, units in found.items()}


def unit_ids_of(person_id: int) -> list[int]:
    """Return the units of the person's positions, the oldest first."""
    query = select(Position.unit_id).where(Position.person_id == person_id, Position.unit_id.is_not(None))
    return [unit_id for unit_id in db.session.scalars(query.order_by(Position.id)) if unit_id is not None]


def has_right(person_id: int, right: str, unit_id: int | None = None) -> bool:
    """Tell whether the person holds the right: on this unit, or anywhere where none is given."""
    if unit_id is not None:
        return unit_id in units_within(person_id, right)
    query = select(Grant.id).where(Grant.person_id == person_id, Grant.right == right).limit(1)
    return db.session.scalar(query) is not None


def rights_of(person_id: int) -> frozenset[str]:
    """Return the rights that the person holds anywhere; one query."""
    return frozenset(db.session.scalars(select(Grant.right).where(Grant.person_id == person_id)))


def require_right(person_id: int, right: str, unit_id: int | None = None) -> None:
    """Raise ForbiddenError unless the person holds the right."""
    if not has_right(person_id, right, unit_id):
        raise ForbiddenError(
            Text(
                f"Cette page demande le droit « {RIGHTS[right].fr} ». Demandez-le à l'administrateur de votre établissement.",
                f"This page needs the right “{RIGHTS[right].en}”. Ask the administrator of your hospital for it.",
            )
        )
