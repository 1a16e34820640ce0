"""What the tests of certificates need: a track, a site, and what a verifier reads of a status list."""

from __future__ import annotations

import base64
import gzip

from training_platform.awards.keys import Site
from training_platform.awards.service import TrackFacts
from training_platform.text import Text

SITE = Site(url="https://sillage.example", name="Sillage", secret="for tests only")
TRACK = TrackFacts(
    track_id="T1",
    version=1,
    name=Text("Socle données et IA", "Data and AI foundation"),
    criteria=Text("Neuf modules et une épreuve.", "Nine modules and an exam."),
    validity_months=24,
)


def is_set(encoded_list: str, index: int) -> bool:
    """Read one bit of a published status list, as a verifier does."""
    text = encoded_list.removeprefix("u")
    bits = gzip.decompress(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return bool(bits[index // 8] & (0x80 >> (index % 8)))
