"""Letters about a proof, in the language of the person who receives them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from training_platform.accounts.mail import mailer_for, message
from training_platform.accounts.models import Person
from training_platform.text import Text

if TYPE_CHECKING:
    from config import Settings

SUBJECTS = {
    "submitted": Text("Une preuve de terrain attend votre avis", "A workplace proof awaits your opinion"),
    "second": Text("Votre second avis est demandé sur une preuve", "Your second opinion is asked for on a proof"),
    "validated_once": Text("Votre preuve a un premier avis favorable", "Your proof has a first favourable opinion"),
    "accepted": Text("Votre preuve est acceptée", "Your proof is accepted"),
    "refused": Text("Votre preuve est à reprendre", "Your proof needs more work"),
}
BODIES = {
    "submitted": Text(
        "{person} vous présente une preuve de son travail : « {title} ».\nLisez-la, puis validez-la ou refusez-la avec votre raison :",
        "{person} hands in a proof of their work: “{title}”.\nRead it, then validate or refuse it with your reason:",
    ),
    "second": Text(
        "Un cadre a validé la preuve « {title} » de {person} et vous demande le second avis :",
        "A manager validated the proof “{title}” of {person} and asks for your second opinion:",
    ),
    "validated_once": Text(
        "Votre cadre a validé « {title} ». Il manque l'avis d'un second évaluateur :",
        "Your manager validated “{title}”. The opinion of a second assessor is still missing:",
    ),
    "accepted": Text(
        "Deux évaluateurs ont validé « {title} ». Les niveaux attestés vous sont accordés :",
        "Two assessors validated “{title}”. The levels that it attests are granted to you:",
    ),
    "refused": Text(
        "« {title} » n'est pas encore acceptée. La raison est écrite ; vous pouvez présenter une nouvelle version :",
        "“{title}” is not accepted yet. The reason is written down; you may hand in a new version:",
    ),
}


def tell(event: str, people: Iterable[Person], *, person: str, title: str, proof_id: int, settings: Settings) -> None:
    """Mail what happened to each of the people; raise OSError where a mail cannot leave."""
    mailer = mailer_for(settings.mail)
    for reader in people:
        greeting = Text("Bonjour", "Hello")[reader.language]
        body = BODIES[event][reader.language].format(person=person, title=title)
        text = f"{greeting},\n\n{body}\n{settings.public_url}/portfolio/{proof_id}"
        mailer.send(message(settings.mail_from, reader.email, SUBJECTS[event][reader.language], text))
