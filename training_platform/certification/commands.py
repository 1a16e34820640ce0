"""Commands of certification."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from training_platform import framework
from training_platform.accounts.mail import mailer_for
from training_platform.certification import issuing
from training_platform.db import db
from training_platform.exams import closing, letters

certification = AppGroup("certification", help="Issue the certificates whose requirements are all met.")


@certification.command("conclude")
def conclude() -> None:
    """Close the exams whose time is over, tell examiners, issue each certificate whose requirements are met; for every night.

    Each of the three is kept before the next begins: no lock is held while mail leaves, and no letter leaves twice.
    """
    now, settings = datetime.now(UTC), current_app.extensions["settings"]
    closing.close_overdue(now)
    db.session.commit()
    told = letters.tell_examiners(mailer_for(settings.mail), settings.mail_from, settings.public_url, now)
    db.session.commit()
    issued = sum(len(issuing.conclude(person, framework.current(), now)) for person in issuing.to_conclude())
    db.session.commit()
    again = f", {told.failed} to be tried again" if told.failed else ""
    click.echo(f"{issued} certificates issued, {told.sent} examiners told{again}")
