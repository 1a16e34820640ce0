"""Letters with a one-time link, in the language of the person who receives them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from training_platform.accounts import service
from training_platform.accounts.mail import mailer_for, message
from training_platform.accounts.models import Person
from training_platform.text import Text

if TYPE_CHECKING:
    from config import Settings

SUBJECTS = {
    "reset": Text("Votre lien de connexion à {name}", "Your sign-in link to {name}"),
    "invitation": Text("Votre parcours vous attend sur {name}", "Your path awaits you on {name}"),
}
BODIES = {
    "reset": Text(
        "Bonjour,\n\nCe lien vous connecte une fois, pendant deux heures :\n{address}\n\n"
        "Si vous ne l'avez pas demandé, ignorez ce message.",
        "Hello,\n\nThis link signs you in once, within two hours:\n{address}\n\n"
        "If you did not ask for it, ignore this message.",
    ),
    "invitation": Text(
        "Bonjour,\n\nVotre établissement vous ouvre {name}, pour vous former aux données et aux algorithmes, "
        "quelques minutes par semaine.\nCe lien vous connecte une fois, pendant quatorze jours :\n{address}",
        "Hello,\n\nYour hospital opens {name} to you, to learn about data and algorithms, "
        "a few minutes a week.\nThis link signs you in once, within fourteen days:\n{address}",
    ),
}


def send_link(person: Person, purpose: str, settings: Settings, now: datetime) -> None:
    """Issue a link (``reset`` or ``invitation``) and mail it; raise OSError where the mail cannot leave."""
    token = service.issue_link(person, purpose, now)
    words = {"name": settings.name, "address": f"{settings.public_url}/link/{token}"}
    subject, body = (texts[purpose][person.language].format(**words) for texts in (SUBJECTS, BODIES))
    mailer_for(settings.mail).send(message(settings.mail_from, person.email, subject, body))
