"""Commands: ``flask --app training_platform award <command>``; each commits once, at its end."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from training_platform.accounts.mail import mailer_for
from training_platform.awards import keys, letters
from training_platform.awards.site import site
from training_platform.db import db

awards = AppGroup("award", help="Certificates: reminders before expiry, signing keys.")


@awards.command("remind")
def remind() -> None:
    """Mail the reminders that are due (90, 30 and 7 days before expiry); to be run every morning."""
    settings = current_app.extensions["settings"]
    done = letters.remind(mailer_for(settings.mail), settings.mail_from, settings.public_url, datetime.now(UTC))
    db.session.commit()
    click.echo(f"{done.sent} reminders sent" + (f", {done.failed} to be tried again" if done.failed else ""))


@awards.command("rotate-key")
def rotate_key() -> None:
    """Make a new signing key; what the former ones signed stays verifiable."""
    kid = keys.rotate(site(), datetime.now(UTC))
    db.session.commit()
    click.echo(f"credentials are now signed with {kid}")
