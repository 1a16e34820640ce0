"""How alembic reaches the database: the engine and the metadata of the application."""

from __future__ import annotations

from alembic import context
from flask import current_app


def run_migrations() -> None:
    """Run over one connection; SQLite changes tables by copying them (batch mode)."""
    db = current_app.extensions["migrate"].db
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # A table that is copied is dropped in between; enforced foreign keys would delete what hangs on it.
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
