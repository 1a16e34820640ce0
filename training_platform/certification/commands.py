"""Commands of certification; each commits once, at its end."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from training_platform import framework
from training_platform.certification import issuing
from training_platform.db import db
from training_platform.exams import closing

certification = AppGroup("certification", help="Issue the certificates whose requirements are all met.")


@certification.command("conclude")
def conclude() -> None:
    """Close the exams whose time is over, then issue every certificate whose requirements are met; for every night."""
    now = datetime.now(UTC)
    closing.close_overdue(now)
    issued = sum(len(issuing.conclude(person, framework.current(), now)) for person in issuing.to_conclude())
    db.session.commit()
    click.echo(f"{issued} certificates issued")
