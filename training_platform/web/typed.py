"""Text as people type or paste it, without the control characters that no page may carry."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping


def typed(fields: Mapping[str, str], name: str) -> str:
    """Return a field of a form or address, trimmed, lines kept, other control characters dropped."""
    text = fields.get(name, "").replace("\r\n", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Cn")).strip()
