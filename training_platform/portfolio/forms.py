"""From the form of a proof to what it says, or messages by field."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from training_platform.portfolio.files import MOST_FILES, CleanFile, FileRefusedError, clean
from training_platform.portfolio.rules import LEVELS
from training_platform.portfolio.writing import Draft
from training_platform.text import Text, excess
from training_platform.web.typed import typed

ROWS = 4
"""Competencies that one proof may attest."""
LONGEST = 20_000
LONGEST_TITLE = 120
SHORTEST = 40
SHORTEST_REASON = 10

Upload = tuple[str, bytes]
"""The name that a file came with, and its bytes."""


@dataclass(frozen=True, kw_only=True)
class ProofForm:
    """The form as it was read: the draft, and what is wrong by field."""

    draft: Draft
    errors: Mapping[str, Text]


def read_proof(
    fields: Mapping[str, str],
    uploads: Sequence[Upload],
    kept_files: Collection[int],
    competencies: Collection[str],
    tracks: Collection[str],
) -> ProofForm:
    """Read the form; only the title is asked of a draft, the rest when it is handed in (field ``act``)."""
    errors: dict[str, Text] = {}
    draft = Draft(
        title=typed(fields, "title").replace("\n", " "),
        description=typed(fields, "description"),
        claims=_claims(fields, competencies, errors),
        track_id=fields.get("track") if fields.get("track") in tracks else None,
        kept_files=tuple(sorted(kept_files)),
        new_files=_files(uploads, len(kept_files), errors),
    )
    if not draft.title:
        errors["title"] = Text(
            "Donnez un titre, par exemple « Fiche de reprise manuelle ».",
            "Give a title, for example “Manual fallback sheet”.",
        )
    for name, words, most in (("title", draft.title, LONGEST_TITLE), ("description", draft.description, LONGEST)):
        if over := excess(words, most):
            errors[name] = over
    if fields.get("act") == "submit":
        _complete(draft, fields, errors)
    return ProofForm(draft=draft, errors=errors)


def _claims(fields: Mapping[str, str], competencies: Collection[str], errors: dict[str, Text]) -> dict[str, int]:
    claims: dict[str, int] = {}
    for row in range(1, ROWS + 1):
        competency, level = fields.get(f"competency-{row}", ""), fields.get(f"level-{row}", "")
        if competency not in competencies:
            continue
        if level not in {str(one) for one in LEVELS}:
            errors[f"level-{row}"] = Text("Choisissez le niveau, de 1 à 4.", "Choose the level, from 1 to 4.")
        elif competency in claims:
            errors[f"competency-{row}"] = Text(
                "Cette compétence est déjà dans la liste : gardez-la une fois.",
                "This competency is in the list already: keep it once.",
            )
        else:
            claims[competency] = int(level)
    return claims


def _files(uploads: Sequence[Upload], kept: int, errors: dict[str, Text]) -> tuple[CleanFile, ...]:
    if kept + len(uploads) > MOST_FILES:
        errors["files"] = Text(
            f"{MOST_FILES} fichiers au plus. Retirez-en un ou réunissez-les en un PDF.",
            f"{MOST_FILES} files at most. Remove one or join them in one PDF.",
        )
        return ()
    found = []
    for name, content in uploads:
        try:
            found.append(clean(name, content))
        except FileRefusedError as error:
            said = "".join(c for c in name if c.isprintable())[:60]
            errors["files"] = Text(f"{said} : {error.reason.fr}", f"{said}: {error.reason.en}")
    return tuple(found)


def _complete(draft: Draft, fields: Mapping[str, str], errors: dict[str, Text]) -> None:
    """Add what is missing before a proof can be handed in."""
    if len(draft.description) < SHORTEST:
        errors["description"] = Text(
            "Décrivez ce que vous avez fait, en deux phrases au moins.",
            "Describe what you did, in two sentences at least.",
        )
    if not draft.claims and draft.track_id is None and not errors.keys() & {"level-1", "competency-1"}:
        errors["competency-1"] = Text(
            "Dites à quoi sert cette preuve : une compétence, une certification, ou les deux.",
            "Say what this proof is for: a competency, a certification, or both.",
        )
    if fields.get("anonymous") != "yes":
        errors["anonymous"] = Text(
            "Relisez votre preuve : aucun patient ni collègue ne doit y être reconnaissable. Puis cochez la case.",
            "Read your proof again: no patient or colleague may be recognisable in it. Then tick the box.",
        )


def read_reason(fields: Mapping[str, str], name: str = "reason") -> tuple[str, Text | None]:
    """Return the written reason of a decision, and what is wrong with it."""
    reason = typed(fields, name)
    if len(reason) < SHORTEST_REASON:
        return reason, Text(
            "Écrivez votre raison en une phrase : la personne la lira.",
            "Write your reason in one sentence: the person will read it.",
        )
    return reason, excess(reason, LONGEST)
