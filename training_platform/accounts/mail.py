"""Sending mail: to the console, to files, or through an SMTP server."""

from __future__ import annotations

import smtplib
import sys
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import uuid4


class Mailer(Protocol):
    """What delivers a message."""

    def send(self, message: EmailMessage) -> None:
        """Deliver, or raise OSError."""


class ConsoleMailer:
    """Print the message: for a first look on one machine."""

    def send(self, message: EmailMessage) -> None:
        """Print it to the standard error."""
        print(message, file=sys.stderr)


class FileMailer:
    """Write each message as one .eml file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage) -> None:
        """Write the file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{uuid4().hex}.eml").write_bytes(bytes(message))


class SmtpMailer:
    """Hand the message to an SMTP server, over TLS for smtps."""

    def __init__(self, address: str) -> None:
        self.address = urlsplit(address)

    def send(self, message: EmailMessage) -> None:
        """Open one connection, send, close."""
        kind = smtplib.SMTP_SSL if self.address.scheme == "smtps" else smtplib.SMTP
        with kind(self.address.hostname or "localhost", self.address.port or 0, timeout=10) as server:
            if self.address.username:
                server.login(unquote(self.address.username), unquote(self.address.password or ""))
            server.send_message(message)


def mailer_for(setting: str) -> Mailer:
    """Return the mailer of a setting: ``console``, ``file://folder``, ``smtp://…`` or ``smtps://…``."""
    if setting.startswith("file://"):
        return FileMailer(Path(setting.removeprefix("file://")))
    return SmtpMailer(setting) if setting.startswith("smtp") else ConsoleMailer()


def message(sender: str, recipient: str, subject: str, body: str) -> EmailMessage:
    """Build a plain-text message."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, recipient, " ".join(subject.split())
    mail.set_content(body)
    return mail
