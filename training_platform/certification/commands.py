"""Commands of certification; each commits once, at its end."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from training_platform import framework
from training_platform.certification import service
from training_platform.db import db

certification = AppGroup("certification", help="Issue the certificates whose requirements are all met.")


@certification.command("conclude")
def conclude() -> None:
    """Issue every certificate whose requirements are all met; to be run every night."""
    now = datetime.now(UTC)
    issued = sum(len(service.conclude(person, framework.current(), now)) for person in service.to_conclude())
    db.session.commit()
    click.echo(f"{issued} certificates issued")
