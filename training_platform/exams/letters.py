"""Letters to examiners: how many pieces of work await their mark; no candidate, no number, no track."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from training_platform.accounts.mail import Mailer, message
from training_platform.accounts.models import Person
from training_platform.db import db
from training_platform.exams import marking
from training_platform.exams.models import Exam, ExamPartRow
from training_platform.text import Text, counted

SUBJECT = (
    ("nouvelle copie attend votre note", "nouvelles copies attendent votre note"),
    ("new piece of work awaits your mark", "new pieces of work await your mark"),
)
BODY = Text("Bonjour,\n\n{what} :\n{address}", "Hello,\n\n{what}:\n{address}")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a round of letters did."""

    sent: int
    failed: int


def tell_examiners(mailer: Mailer, sender: str, url: str, now: datetime) -> Told:
    """Tell examiners once of the work that came since the last round; what no letter left about is tried again at the next."""
    for_whom: dict[Person, list[ExamPartRow]] = {}
    for row in _untold():
        for examiner in marking.able_to_mark(row):
            for_whom.setdefault(examiner, []).append(row)
    sent = failed = 0
    for examiner, rows in for_whom.items():
        what = counted(len(rows), *SUBJECT)[examiner.language]
        body = BODY[examiner.language].format(what=what, address=f"{url}/exams/marking/")
        try:
            mailer.send(message(sender, examiner.email, what, body))
        except OSError:
            failed += 1
            continue
        sent += 1
        for row in rows:
            row.told_at = now
    db.session.flush()
    return Told(sent=sent, failed=failed)


def _untold() -> list[ExamPartRow]:
    query = select(ExamPartRow).where(
        ExamPartRow.handed_in_at.is_not(None), ExamPartRow.share.is_(None), ExamPartRow.told_at.is_(None)
    )
    loaded = query.options(joinedload(ExamPartRow.exam).joinedload(Exam.version))
    return list(db.session.scalars(loaded.order_by(ExamPartRow.id)))
