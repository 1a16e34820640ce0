"""Letters about reviews and scheduled publications, in the language of the person who receives them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from training_platform.accounts.mail import mailer_for, message
from training_platform.accounts.models import Person
from training_platform.studio.scheduling import Outcome
from training_platform.text import Text

if TYPE_CHECKING:
    from config import Settings

DONE = Text("Publié comme prévu : {title}", "Published as planned: {title}")
FAILED = Text("La publication prévue n'a pas eu lieu : {title}", "The planned publication did not happen: {title}")
DONE_BODY = Text(
    "Bonjour,\n\nLa version {number} est en ligne :\n{address}",
    "Hello,\n\nVersion {number} is online:\n{address}",
)
FAILED_BODY = Text(
    "Bonjour,\n\nLes contrôles ont trouvé ce qui suit :\n\n{problems}\n\n"
    "Le brouillon reste approuvé. Corrigez-le, ou choisissez une autre date :\n{address}",
    "Hello,\n\nThe checks found this:\n\n{problems}\n\n"
    "The draft stays approved. Correct it, or choose another date:\n{address}",
)

REVIEWS = {
    "submitted": (
        Text("Un brouillon attend votre relecture : {title}", "A draft awaits your review: {title}"),
        Text("{by} confie ce brouillon à votre relecture.", "{by} hands this draft over to you for review."),
    ),
    "changes_asked": (
        Text("Des changements sont demandés : {title}", "Changes are asked for: {title}"),
        Text("{by} a relu votre brouillon et vous le rend.", "{by} has reviewed your draft and returns it to you."),
    ),
}


def tell_review(
    event: Literal["submitted", "changes_asked"],
    people: Iterable[Person],
    *,
    by: str,
    title: Text,
    note: str,
    slug: str,
    settings: Settings,
) -> None:
    """Mail what happened in a review to each of the people; raise OSError where a mail cannot leave."""
    mailer, (subject, body) = mailer_for(settings.mail), REVIEWS[event]
    for person in people:
        language = person.language
        parts = [Text("Bonjour,", "Hello,")[language], body[language].format(by=by), *([note] if note else [])]
        text = "\n\n".join([*parts, f"{settings.public_url}/studio/{slug}/review"])
        mailer.send(message(settings.mail_from, person.email, subject[language].format(title=title[language]), text))


def tell(outcome: Outcome, settings: Settings) -> int:
    """Tell those concerned what became of a scheduled publication; return how many; raise OSError without mail."""
    subject, body = (DONE, DONE_BODY) if outcome.version else (FAILED, FAILED_BODY)
    for person in outcome.people:
        language = person.language
        words = {
            "title": outcome.title[language],
            "number": outcome.version,
            "problems": "\n".join(f"- {problem.reason[language]} ({problem.file})" for problem in outcome.problems),
            "address": f"{settings.public_url}/studio/{outcome.slug}/status",
        }
        mail = message(
            settings.mail_from, person.email, subject[language].format(**words), body[language].format(**words)
        )
        mailer_for(settings.mail).send(mail)
    return len(outcome.people)
