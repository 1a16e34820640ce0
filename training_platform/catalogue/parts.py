"""What every part of the content format is made of: pairs of wordings, ids, strict frozen models."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$")]
FactId = Annotated[str, Field(pattern=r"^[A-Z]{3}-\d{2,3}$")]


LONGEST_TEXT = 20_000
"""Characters of one text in one language: a lesson of four hours."""
DRAFT = {"draft": True}
"""Validation context of a draft: what is not written yet may be missing."""


def is_draft(info: ValidationInfo) -> bool:
    """Tell whether what is read is a draft."""
    return bool((info.context or {}).get("draft"))


def _said(text: str, info: ValidationInfo) -> str:
    """Refuse an empty text, save in a draft."""
    if not text and not is_draft(info):
        raise PydanticCustomError("string_too_short", "String should have at least 1 character")
    return text


Said = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(_said)]


class Part(BaseModel):
    """Base of every part: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Wording(Part):
    """A text in both languages, neither empty once it is published."""

    fr: Said
    en: Said

    def __getitem__(self, language: str) -> str:
        return self.en if language == "en" else self.fr
